// Lay the map out on one sheet of paper: drawn once, as vectors, at the paper's own scale.

const PAPER_MM = { A4: [297, 210], A3: [420, 297] };
const MARGIN_MM = 9;
const SIDE_MM = { A4: 66, A3: 84 };
const HEAD_MM = { A4: 14, A3: 18 };
const FOOT_MM = { A4: 13, A3: 15 };
/** Ground around what the sheet shows, as a share of it. */
const AROUND = 0.025;
const MOST_SOURCES = 5;
const PIXELS_PER_MM = 96 / 25.4;
const SCALE_STEPS = [1, 2, 5];

/** Return how world pixels fit the bounds into a box of the sheet. */
function fitted(bounds, width, height) {
  const corner = toMercator(bounds.getNorthWest());
  const other = toMercator(bounds.getSouthEast());
  const perMetre = Math.min(width / (other.x - corner.x), height / (corner.y - other.y));
  const worldPixels = perMetre * 2 * MERCATOR_HALF;
  const middle = [(corner.x + other.x) / 2, (corner.y + other.y) / 2];
  return {
    worldPixels,
    left: (middle[0] + MERCATOR_HALF) * perMetre - width / 2,
    top: (MERCATOR_HALF - middle[1]) * perMetre - height / 2,
    width,
    height,
    scale: 4,
    zoom: Math.log2(worldPixels / 256),
    perMetre,
  };
}

function drawScaleBar(context, tile, latitude) {
  const perTrueMetre = tile.perMetre / Math.cos((latitude * Math.PI) / 180);
  let length = 1;
  for (let power = 1; power < 1e7; power *= 10) {
    for (const step of SCALE_STEPS) if (step * power * perTrueMetre < tile.width / 4) length = step * power;
  }
  const [x, y, wide] = [10, tile.height - 12, length * perTrueMetre];
  context.fillStyle = "rgba(255,255,255,.85)";
  context.fillRect(x - 5, y - 16, wide + 10, 23);
  context.strokeStyle = INK;
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(x, y - 4);
  context.lineTo(x, y);
  context.lineTo(x + wide, y);
  context.lineTo(x + wide, y - 4);
  context.stroke();
  context.fillStyle = INK;
  context.font = `10px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(metres(length), x + wide / 2, y - 5);
}

function drawSheetMap(app, canvas, tile) {
  canvas.width = Math.round(tile.width);
  canvas.height = Math.round(tile.height);
  const context = canvas.getContext("2d");
  for (const name of ["hamlets", "areas"]) {
    if (app.map.hasLayer(layers[name])) finish(layers[name].options.paint(context, tile));
  }
  const relief = document.querySelector(".leaflet-relief-pane img");
  if (relief && layers.relief && app.map.hasLayer(layers.relief)) {
    const bounds = layers.relief.getBounds();
    const [nw, se] = [toMercator(bounds.getNorthWest()), toMercator(bounds.getSouthEast())];
    const [a, b] = [placed(tile, nw.x, nw.y), placed(tile, se.x, se.y)];
    context.globalCompositeOperation = "multiply";
    context.drawImage(relief, a.x, a.y, b.x - a.x, b.y - a.y);
    context.globalCompositeOperation = "source-over";
  }
  for (const name of ["borders", "sites", "clusters", "names"]) {
    const own = layers[name];
    const near = tile.zoom >= (own.options.minZoom || 0);
    if (near && app.map.hasLayer(own)) finish(own.options.paint(context, tile));
  }
  if (app.map.hasLayer(layers.candidates)) {
    for (const candidate of app.model.candidates.filter((c) => c.selected).reverse()) {
      const spot = toMercator([candidate.lat, candidate.lon]);
      const { x, y } = placed(tile, spot.x, spot.y);
      drawPin(context, x, y, String(candidate.rank), true);
    }
  }
  drawScaleBar(context, tile, app.map.getCenter().lat);
}

function filterText(app) {
  const { state } = app.store;
  const parts = [
    state.preset ? say("map.preset") : "",
    ...state.classes.map((value) => sayValue("class", value)),
    ...state.powers.map((value) => sayValue("power", value)),
    ...state.evidence.map((value) => sayValue("evidence", value)),
    app.model.hamlets.communes.find(([key]) => key === state.commune)?.[1] ?? "",
  ].filter(Boolean);
  return parts.length ? say("map.page_filter", { filters: parts.join("; ") }) : "";
}

function sheetTotals() {
  const lines = Array.from(document.querySelectorAll("#panel .total"), (total) => {
    const [figure, label, missing] = Array.from(total.children, (part) => part.textContent);
    return make("li", {}, make("b", {}, figure), ` ${label}${missing ? ` (${missing})` : ""}`);
  });
  return make("ul", { class: "plain sheet-totals" }, ...lines);
}

/** Name the first files, without their folders, and say how many more there are. */
function sheetSources({ sources }) {
  const names = sources.slice(0, MOST_SOURCES).map((path) => path.split("/").pop());
  const more = sources.length - names.length;
  return [...names, ...(more > 0 ? [say("map.sources_more", { n: number(more) })] : [])].join(", ") || say("missing");
}

/** Fill the sheet; called when the browser is about to print. */
function layOut(app) {
  const { state } = app.store;
  const { about } = app.model;
  const sheet = document.getElementById("sheet");
  sheet.className = state.paper;
  const [wide, high] = PAPER_MM[state.paper];
  const [side, head, foot] = [SIDE_MM, HEAD_MM, FOOT_MM].map((of) => of[state.paper]);
  const width = (wide - 2 * MARGIN_MM - side) * PIXELS_PER_MM;
  const height = (high - 2 * MARGIN_MM - head - foot) * PIXELS_PER_MM;
  const canvas = make("canvas", { class: "sheet-map" });
  const scope = say("map.page_scope", {
    carrier: carrierName(state.carrier), technology: state.technology, view: say(`map.view_${state.view}`),
  });
  refill(sheet,
    make("header", {}, make("h1", {}, say("map.of", { name: about.name })),
      make("p", {}, [scope, filterText(app), dataDate(about)].filter(Boolean).join(". "))),
    make("div", { class: "sheet-body" }, make("div", { class: "sheet-frame" }, canvas,
      about.synthetic ? make("strong", { class: "sheet-synthetic" }, say("map.synthetic")) : null),
    make("aside", {}, sheetTotals(), ...legendLists(app, { long: true }))),
    make("footer", {},
      make("p", {}, `${thresholds(about)} ${about.synthetic ? say("map.synthetic_about") : ""}`),
      make("p", {}, `${say("map.sources")}: ${sheetSources(about)}. ${say("map.made_by", { version: about.version })}.`)));
  drawSheetMap(app, canvas, fitted(app.printBounds().pad(AROUND), width, height));
}
