// Tell what is known of a hamlet, how and since when, and what is missing; the same for a site and a cluster.

function badge(name, evidence, power) {
  return make("span", { class: "badge" }, classSwatch({ name, evidence, power }), make("strong", {}, sayValue("class", name)));
}

function fact(label, ...value) {
  return [make("dt", {}, label), make("dd", {}, ...value)];
}

/** Return a column's name without its unit, for where the value brings its own. */
const bare = (key) => say(key).replace(/ \([^)]*\)$/, "");

function listed(names, limit = 14) {
  const shown = names.slice(0, limit);
  const more = names.length > limit ? [make("li", {}, `+${number(names.length - limit)}`)] : [];
  return make("ul", { class: "plain" }, ...shown.map((name) => make("li", {}, name)), ...more);
}

/** A row per carrier: what it gives here, how that is known and since when. */
function carrierTable(app, row) {
  const { model, store } = app;
  const { technology, carrier } = store.state;
  const rows = [];
  for (const series of model.judged.filter((s) => s.technology === technology)) {
    const best = series.carrier === "any" && technology === "4G";
    const code = series.code[row];
    const there = best || code !== NO_CODE;
    const name = best ? model.value("class", row) : there ? model.values.class[code % 5] : "unknown";
    const grade = best
      ? model.value("evidence", row)
      : there ? model.values.evidence[Math.floor(code / 5) % 4] : "none";
    rows.push(
      make("tr", { class: series.carrier === carrier ? "chosen" : null },
        make("th", { scope: "row" }, carrierName(series.carrier)),
        make("td", {}, classSwatch({ name, evidence: grade }, { width: 18, height: 12 }), sayValue("class", name)),
        make("td", {}, sayValue("evidence", grade)),
        make("td", { class: "figure" }, number(series.rsrp_median_dbm[row])),
        make("td", { class: "figure" }, date(series.dates[series.newest[row]])),
      ),
    );
  }
  if (!rows.length) return make("p", { class: "quiet" }, say("map.no_assessment"));
  const heads = [
    say("map.carrier"), `${say("map.class")} ${technology}`, say("map.evidence"), "dBm", say("map.newest"),
  ];
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("map.how") },
    make("table", {},
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows)));
}

function samplesLine(app, row) {
  const { carrier, technology } = app.store.state;
  const series = app.model.seriesOf(carrier, technology);
  if (!series) return null;
  const parts = [];
  const [samples, devices, silent] = [series.n_samples[row], series.n_devices[row], series.n_no_service[row]];
  if (!Number.isNaN(samples)) parts.push(say("map.samples", { n: number(samples) }));
  if (!Number.isNaN(devices)) parts.push(say("map.devices", { n: number(devices) }));
  if (silent > 0) parts.push(say("map.no_service", { n: number(silent) }));
  const newest = series.dates[series.newest[row]];
  if (newest) parts.push(say("map.since", { date: date(newest) }));
  const withheld = Number.isNaN(samples) && app.judged.evidence[row] === "measured";
  return [parts.join(", "), withheld ? say("map.withheld") : ""].filter(Boolean).join(" ");
}

function chanceLine(app, row) {
  const { carrier, technology } = app.store.state;
  const best = carrier === "any" && technology === "4G";
  const series = app.model.seriesOf(carrier, technology);
  const chance = best ? app.model.hamlets.p_served[row] : series ? series.p_served[row] : NaN;
  if (Number.isNaN(chance)) return null;
  const [low, high] = series ? [series.p_served_low[row], series.p_served_high[row]] : [NaN, NaN];
  const range = Number.isNaN(low) || Number.isNaN(high) ? "" : ` (${number(low)}–${number(high)} %)`;
  return say("map.served_chance", { p: number(chance) }) + range;
}

function missingLines(app, row) {
  const { model, judged } = app;
  const { hamlets } = model;
  const clusters = model.clustersOf(row);
  const unknown = clusters.filter((c) => model.clusterClass(c, app.store.state.carrier) === "unknown").length;
  const lines = [];
  if (judged.now[row] === "unknown") lines.push(say("map.missing_class"));
  if (unknown && app.store.state.technology === "4G") {
    lines.push(say("map.missing_clusters", { n: number(unknown), all: number(clusters.length) }));
  }
  if (hamlets.quality_uncertain[row] === 1) lines.push(say("map.missing_quality"));
  if (model.value("power", row) === "unknown") lines.push(say("map.missing_power"));
  if (Number.isNaN(hamlets.people[row])) lines.push(say("map.missing_people"));
  if (Number.isNaN(hamlets.households[row])) lines.push(say("map.missing_households"));
  if (hamlets.extremely_difficult[row] === NO_CODE) lines.push(say("map.missing_difficult"));
  if (model.value("geometry_source", row) === "derived") lines.push(say("map.missing_border"));
  return lines;
}

function powerLine(model, row) {
  const { hamlets } = model;
  const source = hamlets.power_sources[hamlets.power_source[row]];
  const day = hamlets.power_dates[hamlets.power_as_of[row]];
  const from = [source, day ? date(day) : ""].filter(Boolean).join(", ");
  return sayValue("power", model.value("power", row)) + (from ? ` (${from})` : "");
}

function priorityLine(hamlets, row) {
  if (!hamlets.priority[row]) return number(hamlets.priority[row] / 100, 1);
  const part = (name) => number(hamlets[`priority_${name}`][row] / 100, 1);
  return `${number(hamlets.priority[row] / 100, 1)} (${say("map.priority_parts", {
    severity: part("severity"), people: part("people"), no_grid: part("no_grid"), difficult: part("difficult"),
  })})`;
}

function residentFacts(app, row) {
  const { hamlets } = app.model;
  const { model } = app;
  const difficult = hamlets.extremely_difficult[row];
  return [
    fact(say("column.people"), number(hamlets.people[row])),
    fact(say("column.households"), number(hamlets.households[row])),
    fact(say("column.people_unserved"), number(hamlets.people_unserved[row])),
    fact(say("column.people_unknown"), number(hamlets.people_unknown[row])),
    fact(say("column.power"), powerLine(model, row)),
    fact(say("column.extremely_difficult"), difficult === NO_CODE ? say("missing") : say(difficult ? "flag.true" : "flag.false")),
    fact(say("column.funding_route"), sayValue("funding_route", model.value("funding_route", row))),
    fact(say("column.official_class"), sayValue("official_class", model.value("official_class", row))),
    fact(say("column.priority"), priorityLine(hamlets, row)),
  ];
}

function clusterLines(app, row) {
  const { model, store } = app;
  const clusters = model.clustersOf(row);
  if (clusters.length < 2 || store.state.technology !== "4G") return null;
  const items = clusters.slice(0, 12).map((c) => {
    const name = model.clusterClass(c, store.state.carrier);
    const site = model.planned.get(c);
    return make("li", {},
      classSwatch({ name, evidence: model.clusterEvidence(c, store.state.carrier) }, { width: 18, height: 12 }),
      `${sayValue("cluster_kind", model.clusters.is_centre[c] ? "centre" : "dwellings")}, ${say("map.people", { n: number(model.clusters.people[c]) })}: ${sayValue("class", name)}`,
      site ? make("em", {}, ` · ${say("map.cluster_planned", { rank: number(site.rank) })}`) : null);
  });
  return [make("h3", {}, say("map.clusters")), make("ul", { class: "plain" }, ...items)];
}

function hamletCard(app, row) {
  const { model, judged } = app;
  const area = model.isArea(row);
  const missing = missingLines(app, row);
  const place = [model.communeName(row), model.hamlets.ids[row]].filter(Boolean).join(" · ");
  return make("article", { class: "card", tabindex: "-1", "aria-label": model.hamlets.names[row] },
    make("h2", {}, model.hamlets.names[row]),
    make("p", { class: "quiet" }, area ? `${say("kind.area")} · ${place}` : place),
    badge(judged.shown[row], judged.evidence[row], model.value("power", row)),
    make("p", { class: "how" },
      make("strong", {}, sayValue("evidence", judged.evidence[row])),
      ": ",
      [say(`about.evidence.${judged.evidence[row]}`), chanceLine(app, row), samplesLine(app, row)].filter(Boolean).join("; ")),
    carrierTable(app, row),
    area ? null : make("dl", {}, ...residentFacts(app, row).flat()),
    clusterLines(app, row),
    make("h3", {}, say("map.missing")),
    missing.length
      ? make("ul", {}, ...missing.map((line) => make("li", {}, line)))
      : make("p", {}, say("map.missing_nothing")));
}

function siteTitle(candidate) {
  return candidate.selected
    ? say("map.site", { rank: number(candidate.rank) })
    : say("map.site_other", { id: candidate.site_id });
}

function siteCard(app, candidate) {
  const { model } = app;
  const names = candidate.hamlets.map((row) => model.hamlets.names[row]);
  const intro = candidate.selected ? "map.site_clusters" : "map.site_alone";
  return make("article", { class: "card", tabindex: "-1", "aria-label": siteTitle(candidate) },
    make("h2", {}, siteTitle(candidate)),
    make("p", { class: "quiet" }, `${candidate.site_id} · ${carrierName(candidate.carrier)}`),
    make("p", { class: "gain" }, say("map.site_gain", {
      people: number(candidate.people_gained), hamlets: number(candidate.hamlets_gained),
    })),
    make("p", {}, say(intro, { n: number(candidate.newly.length) })),
    listed(names),
    make("dl", {}, ...[
      fact(say("column.people_covered"), number(candidate.people_covered)),
      fact(bare("column.cost_vnd"), million(candidate.cost_vnd)),
      fact(bare("column.cost_vnd_per_person"), million(candidate.cost_vnd_per_person)),
      fact(bare("column.mast_m"), metres(candidate.mast_m)),
      fact(bare("column.ground_m"), say("map.metres", { n: number(candidate.ground_m) })),
      fact(say("column.power_solution"), sayValue("power_solution", candidate.power_solution)),
      fact(bare("column.grid_distance_m"), metres(candidate.grid_distance_m)),
      fact(say("column.backhaul_site"), candidate.backhaul_site ?? say("missing")),
      fact(bare("column.backhaul_distance_m"), metres(candidate.backhaul_distance_m)),
      fact(say("column.backhaul_clear"), candidate.backhaul_clear === null
        ? say("missing") : say(candidate.backhaul_clear ? "flag.true" : "flag.false")),
      fact(`${bare("column.latitude")}, ${bare("column.longitude")}`, `${candidate.lat.toFixed(5)}, ${candidate.lon.toFixed(5)}`),
    ].flat()));
}

/** Give the focus back to what had it; a list that was filled anew has a twin of it. */
function returnFocus(element) {
  const key = element?.dataset?.key;
  const twin = element?.isConnected ? element : key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  twin?.focus({ preventScroll: true });
}

/** Show a card: on a phone in a drawer below the map, else at its place. Closing gives the focus back. */
function openCard(app, latLng, card) {
  const back = document.activeElement;
  let closed = false;
  const done = () => {
    if (closed) return;
    closed = true;
    app.closed(shown);
    // The card is gone by now, and with it the focus, unless the reader has moved on.
    if (document.activeElement === document.body) returnFocus(back);
  };
  const shown = app.map.getSize().x < 520 ? drawer(app, latLng, card, done) : popup(app, latLng, card, done);
  card.parentElement.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shown.close();
  });
  card.focus({ preventScroll: true });
  return shown;
}

function popup(app, latLng, card, done) {
  const own = L.popup({
    maxWidth: 450,
    minWidth: 360,
    maxHeight: Math.max(180, Math.round(app.map.getSize().y * 0.66)),
    autoPanPadding: [12, 12],
    className: "card-popup",
  }).setLatLng(latLng).setContent(card);
  own.on("remove", done);
  own.openOn(app.map);
  const close = own.getElement().querySelector(".leaflet-popup-close-button");
  close.setAttribute("aria-label", say("map.close"));
  close.addEventListener("keydown", (event) => {
    if (event.key === "Escape") app.map.closePopup(own);
  });
  return { close: () => app.map.closePopup(own) };
}

function drawer(app, latLng, card, done) {
  const box = document.getElementById("drawer");
  const close = () => {
    box.hidden = true;
    box.replaceChildren();
    done();
  };
  refill(box, make("button", { type: "button", class: "close", "aria-label": say("map.close"), onclick: close }, "×"), card);
  box.hidden = false;
  // What was tapped stays in sight above the drawer.
  const at = app.map.latLngToContainerPoint(latLng);
  app.map.panBy([at.x - app.map.getSize().x / 2, at.y - app.map.getSize().y * 0.2], { animate: false });
  return { close };
}
