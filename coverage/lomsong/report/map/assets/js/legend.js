// Explain every colour and mark with the very paint of the map, and name thresholds, sources and dates.

function legendRow(picture, title, about) {
  return make("li", {}, picture, make("span", {}, make("b", {}, title), about ? ` ${about}` : null));
}

function legendLists(app, { long }) {
  const about = (key) => (long ? say(`about.${key}`) : "");
  const plan = app.store.state.view === "plan";
  const classes = CLASSES_SHOWN.filter((name) => plan || name !== "planned").map((name) =>
    legendRow(classSwatch({ name, evidence: "measured" }), say(`class.${name}`), about(`class.${name}`)));
  const evidence = ["measured", "inferred", "modelled"].map((grade) =>
    legendRow(classSwatch({ name: "no_signal", evidence: grade }), say(`evidence.${grade}`), about(`evidence.${grade}`)));
  const power = [
    legendRow(classSwatch({ name: "weak", evidence: "measured", power: "no_grid" }), say("power.no_grid")),
    legendRow(classSwatch({ name: "weak", evidence: "measured", power: "unknown" }), say("power.unknown"), about("power.unknown")),
  ];
  const point = (draw) => swatch(26, 18, (context) => draw(context, 13, 10));
  const points = [
    legendRow(swatch(26, 20, (c) => drawPin(c, 13, 10, "1", true)), say("map.legend_site")),
    legendRow(point((c, x, y) => drawCluster(c, x, y, { name: "covered", centre: true, size: 5 })), say("cluster_kind.centre")),
    legendRow(point((c, x, y) => drawCluster(c, x, y, { name: "covered", centre: false, size: 5 })), say("cluster_kind.dwellings")),
    legendRow(point((c, x, y) => drawMast(c, x, y, false)), say("map.legend_mast")),
    legendRow(point((c, x, y) => drawMast(c, x, y, true)), say("map.legend_mast_estimated")),
    legendRow(swatch(26, 12, (c) => {
      c.fillStyle = "#111";
      c.fillRect(1, 5, 24, 2);
    }), say("map.legend_border")),
  ];
  const measured = [
    ...levelBands(app.model.about).map(([name, from]) =>
      [name, Number.isFinite(from) ? say("cells.from", { level: number(from) }) : say("cells.below", { level: number(app.model.about.minimum) })]),
    ["silent", say("cells.none")],
    ...(["2G", "3G"].includes(app.store.state.technology) ? [["heard", say("cells.heard")]] : []),
  ].map(([name, said]) => legendRow(levelSwatch(name), said));
  const group = (title, items) => make("section", {}, make("h3", {}, title), make("ul", { class: "plain" }, ...items));
  return [
    group(`${say("map.class")} ${app.store.state.technology}`, classes),
    group(say("map.evidence"), evidence),
    group(say("map.legend_marks"), power),
    app.showsCells && app.measured ? group(say("cells.title"), measured) : null,
    group(say("map.legend_clusters"), points),
  ];
}

function levelSwatch(name) {
  return swatch(26, 16, (context) => {
    context.fillStyle = paints.levels[name];
    for (const x of [0, 9, 18]) context.fillRect(x + 0.5, 4, 7.5, 7.5);
  });
}

function drawPin(context, x, y, text, chosen) {
  context.beginPath();
  context.arc(x, y, 9, 0, 7);
  context.fillStyle = chosen ? "#12213a" : "#fff";
  context.fill();
  context.lineWidth = 1.6;
  context.strokeStyle = chosen ? "#fff" : "#12213a";
  context.stroke();
  context.fillStyle = chosen ? "#fff" : "#12213a";
  context.font = `700 11px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
}

function thresholds(about) {
  return say("map.legend_levels", {
    minimum: number(about.minimum), good: number(about.good), confidence: number(about.confidence * 100),
  });
}

function dataDate(about) {
  return about.data_date ? say("map.data_date", { date: date(about.data_date) }) : say("map.data_date_missing");
}

/** Say what a square is, or why there is none under this carrier and technology. */
function cellsNote(app) {
  const { carrier, technology } = app.store.state;
  if (app.measured) return say("cells.about", { n: number(app.model.about.least_devices) });
  return say(app.model.cells.isLeftOut(carrier, technology) ? "cells.left_out" : "cells.nothing");
}

function legend(app) {
  const { about } = app.model;
  const open = app.legendOpen ?? app.map.getSize().x >= 700;
  const details = make("details", { class: "legend", id: "legend", ...(open ? { open: true } : {}) },
    make("summary", {}, say("map.legend")),
    make("div", { class: "legend-body", tabindex: "0", role: "region", "aria-label": say("map.legend") }, ...legendLists(app, { long: false }),
      make("p", { class: "quiet" }, thresholds(about)),
      make("p", { class: "quiet" }, dataDate(about)),
      app.showsCells ? make("p", { class: "quiet" }, cellsNote(app)) : null));
  details.addEventListener("toggle", () => {
    app.legendOpen = details.open;
  });
  return details;
}
