// Draw on canvas tiles: at first in one go, then a few milliseconds a frame, so that panning never waits.

const FRAME_MS = 6;
const FIRST_MS = 500;

const queue = {
  jobs: [],
  awake: false,
  hurried: true,
  channel: new MessageChannel(),
  /** Called once, when the first picture is complete. */
  onFirst: () => {},
  add(job) {
    this.jobs.push(job);
    if (this.awake) return;
    this.awake = true;
    this.sleep();
  },
  sleep() {
    // Nobody pans before the first picture stands, and each frame in between costs more than what it shows.
    if (this.hurried) this.channel.port2.postMessage(null);
    // A hidden page gets no frames, but must be drawn all the same.
    else if (document.hidden) setTimeout(() => this.run(), 0);
    else requestAnimationFrame(() => this.run());
  },
  run() {
    const end = performance.now() + (this.hurried ? FIRST_MS : FRAME_MS);
    // A job returns true while there is more of it to do.
    while (this.jobs.length && performance.now() < end) if (!this.jobs[0]()) this.jobs.shift();
    if (this.jobs.length) {
      this.sleep();
      return;
    }
    this.awake = false;
    if (this.hurried) {
      this.hurried = false;
      this.onFirst();
    }
  },
};
queue.channel.port1.onmessage = () => queue.run();

/** Take all steps at once. */
function finish(steps) {
  while (!steps.next().done);
}

const CanvasGrid = L.GridLayer.extend({
  options: { tileSize: 256, paint: null, updateWhenZooming: false },

  /** Leaflet's moment to make tiles; before the data is there it would make empty ones. */
  _update(centre) {
    if (this.options.paint) L.GridLayer.prototype._update.call(this, centre);
  },

  /** As Leaflet's own, but tiles are made for the zoom at hand, whole or not: scaled ones would be blurred. */
  _setView(centre, zoom, noPrune, noUpdate) {
    const { minZoom } = this.options;
    if (!noUpdate) {
      this._tileZoom = minZoom !== undefined && zoom < minZoom ? undefined : zoom;
      this._updateLevels();
      this._resetGrid();
      if (this._tileZoom !== undefined) this._update(centre);
      if (!noPrune) this._pruneTiles();
      this._noPrune = Boolean(noPrune);
    }
    this._setZoomTransforms(centre, zoom);
  },

  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    const size = this.getTileSize();
    const scale = Math.max(1, window.devicePixelRatio || 1);
    canvas.width = size.x * scale;
    canvas.height = size.y * scale;
    let steps = null;
    // Nobody sees the tile before it is done, so it can be drawn bit by bit.
    queue.add(() => {
      steps ??= this.drawn(canvas, coords);
      if (!steps.next().done) return true;
      done(null, canvas);
      return false;
    });
    return canvas;
  },

  /** Draw a tile step by step. */
  *drawn(canvas, coords) {
    if (!this.options.paint || canvas.dropped) return;
    const size = this.getTileSize();
    const scale = canvas.width / size.x;
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, size.x, size.y);
    const steps = this.options.paint(context, {
      worldPixels: 256 * 2 ** coords.z,
      left: coords.x * size.x,
      top: coords.y * size.y,
      width: size.x,
      height: size.y,
      scale,
      zoom: coords.z,
    });
    for (const step of steps) {
      if (canvas.dropped) return;
      yield step;
    }
  },

  /** Draw the tiles anew where they are, each at once, so that none is ever blank. */
  repaint() {
    for (const tile of Object.values(this._tiles || {})) {
      queue.add(() => finish(this.drawn(tile.el, tile.coords)));
    }
  },

  onAdd(map) {
    this.on("tileunload", (event) => {
      event.tile.dropped = true;
    });
    return L.GridLayer.prototype.onAdd.call(this, map);
  },
});

/** Layers by name; folium adds them to the map and to its layer control before the data is there. */
const layers = {};

function layer(name, pane, minZoom) {
  layers[name] = ["candidates", "others"].includes(name)
    ? L.layerGroup([], { pane })
    : new CanvasGrid({ pane, minZoom });
  layers[name].key = name;
  return layers[name];
}

/** So many polygons or points are drawn in one step. */
const STEP = 128;

/** Narrower than this [px], and lines within an area would be noise. */
const SMALL_PX = 12;

/** Paint a set of polygons; `lookOf` gives each row's look, or null where it is filtered out. */
function polygonPainter(shapes, lookOf, { marks, places }) {
  return function* paint(context, tile) {
    const view = shapes.view(tile.worldPixels, tile.left, tile.top);
    const found = shapes.within(view, tile.width, tile.height, 2);
    for (let i = 0; i < found.length; i += 1) {
      if (i % STEP === STEP - 1) yield;
      const polygon = found[i];
      const look = lookOf(shapes.rows[polygon]);
      if (!look) continue;
      const wide = (shapes.east[polygon] - shapes.west[polygon]) * view.sx;
      context.beginPath();
      shapes.trace(context, polygon, view);
      fillAs(context, look, tile.scale, { small: wide < SMALL_PX });
    }
    const arcs = shapes.arcsOf(found);
    for (let i = 0; i < arcs.length; i += 4 * STEP) {
      yield;
      context.beginPath();
      for (const arc of arcs.slice(i, i + 4 * STEP)) shapes.traceArc(context, arc, view);
      context.lineWidth = tile.zoom >= 12 ? 0.9 : 0.5;
      context.strokeStyle = tile.zoom >= 12 ? "rgba(20,20,20,.62)" : "rgba(20,20,20,.4)";
      context.stroke();
    }
    if (!marks) return;
    yield;
    for (const polygon of found) {
      const row = shapes.rows[polygon];
      const look = lookOf(row);
      if (!look || look.power !== "unknown") continue;
      const wide = (shapes.east[polygon] - shapes.west[polygon]) * view.sx;
      if (wide < 20) continue;
      const spot = placed(tile, places.x[row], places.y[row]);
      // Where clusters show, the mark stands beside the house instead of under it.
      const aside = layers.clusters._map && tile.zoom >= layers.clusters.options.minZoom ? 15 : 0;
      markPowerUnknown(context, spot.x + aside, spot.y - aside, Math.min(14, Math.max(10, wide / 4)));
    }
  };
}

/** Return where a point of Web Mercator [m] lies on a tile. */
function placed(tile, mx, my) {
  const perMetre = tile.worldPixels / (2 * MERCATOR_HALF);
  return {
    x: (mx + MERCATOR_HALF) * perMetre - tile.left,
    y: (MERCATOR_HALF - my) * perMetre - tile.top,
  };
}

/** Paint commune borders: the arcs whose two hamlets differ in commune, and the outer edge. */
function borderPainter(shapes, communeOf) {
  const drawn = shapes.one.map((one, arc) => {
    const other = shapes.other[arc];
    return communeOf && other >= 0 && communeOf(one) === communeOf(other) ? 0 : 1;
  });
  return function* paint(context, tile) {
    const view = shapes.view(tile.worldPixels, tile.left, tile.top);
    yield;
    context.beginPath();
    for (const arc of shapes.arcsWithin(drawn, view, tile.width, tile.height, 4)) shapes.traceArc(context, arc, view);
    context.lineJoin = "round";
    context.lineWidth = tile.zoom >= 11 ? 4.5 : 3.2;
    context.strokeStyle = "rgba(255,255,255,.75)";
    context.stroke();
    context.lineWidth = tile.zoom >= 11 ? 2 : 1.4;
    context.strokeStyle = "#111";
    context.stroke();
  };
}

/** Paint what was measured: squares in the colour of their band, on a white rim so that they stand off the hamlets. */
function cellPainter(model, chosen, showsIn) {
  return function* paint(context, tile) {
    const layer = chosen();
    if (!layer) return;
    const corners = model.cells.corners(layer);
    const shows = showsIn(layer);
    for (let i = 0, drawn = 0; i < corners.length; i += 1) {
      if (!shows(i)) continue;
      const [west, south, east, north] = corners[i];
      const [a, b] = [placed(tile, west, north), placed(tile, east, south)];
      if (b.x < -2 || b.y < -2 || a.x > tile.width + 2 || a.y > tile.height + 2) continue;
      const gap = Math.min(1.5, (b.x - a.x) / 8);
      context.fillStyle = "rgba(255,255,255,.9)";
      context.fillRect(a.x, a.y, b.x - a.x, b.y - a.y);
      context.fillStyle = paints.levels[bandOf(model.about, layer, i)];
      context.fillRect(a.x + gap, a.y + gap, b.x - a.x - 2 * gap, b.y - a.y - 2 * gap);
      drawn += 1;
      if (drawn % STEP === 0) yield;
    }
  };
}

/** From this zoom on hamlets are named, below it communes. */
const HAMLET_NAMES_ZOOM = 13;
const LONGEST_NAME = 42;
/** A name reaches so far from its middle [px]. */
const NAME_REACH = 170;
/** A line of names is so high [px], and a pin so wide from its middle. */
const NAME_HIGH = 16;
const PIN_REACH = 14;
/** Where a commune's name is tried, below or above its middle [px]. */
const NAME_SHIFTS = [0, 18, -18];

/** Return where each commune's name stands at a zoom: clear of pins if it can be, and never on another name. */
function communePlaces(context, model, worldPixels) {
  const world = { worldPixels, left: 0, top: 0 };
  const pins = model.candidates.filter((c) => c.selected).map((c) => {
    const spot = toMercator([c.lat, c.lon]);
    return placed(world, spot.x, spot.y);
  });
  const taken = [];
  for (const { name, x: mx, y: my } of model.communeSpots) {
    const { x, y: middle } = placed(world, mx, my);
    const reach = context.measureText(name).width / 2 + 3;
    const isFree = (y) => taken.every((other) => Math.abs(other.x - x) > other.reach + reach || Math.abs(other.y - y) > NAME_HIGH);
    const isClear = (y) => pins.every((pin) => Math.abs(pin.x - x) > reach + PIN_REACH || Math.abs(pin.y - y) > NAME_HIGH / 2 + PIN_REACH);
    const free = NAME_SHIFTS.map((shift) => middle + shift).filter(isFree);
    if (free.length) taken.push({ name, x, y: free.find(isClear) ?? free[0], reach });
  }
  return taken;
}

/** Write names in the middle of what they name: communes, or closer hamlets that are wide enough for theirs. */
function namePainter(model, passes) {
  const known = new Map();
  return function* paint(context, tile) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    const close = tile.zoom >= HAMLET_NAMES_ZOOM;
    context.font = close ? `600 11.5px ${FONT}` : `700 13px ${FONT}`;
    context.lineWidth = 3.6;
    const write = (name, x, y) => {
      const said = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
      context.strokeStyle = "rgba(255,255,255,.88)";
      context.strokeText(said, x, y);
      context.fillStyle = INK;
      context.fillText(said, x, y);
    };
    if (!close) {
      if (!known.has(tile.worldPixels)) known.set(tile.worldPixels, communePlaces(context, model, tile.worldPixels));
      for (const place of known.get(tile.worldPixels)) {
        const { name } = place;
        const [x, y] = [place.x - tile.left, place.y - tile.top];
        if (x > -NAME_REACH && y > -20 && x < tile.width + NAME_REACH && y < tile.height + 20) write(name, x, y);
      }
      return;
    }
    const { shapes, hamlets } = model;
    const view = shapes.view(tile.worldPixels, tile.left, tile.top);
    yield;
    for (const polygon of shapes.within(view, tile.width, tile.height, NAME_REACH)) {
      const row = shapes.rows[polygon];
      if (!passes(row)) continue;
      const { x, y } = placed(tile, hamlets["inner.x"][row], hamlets["inner.y"][row]);
      const wide = (shapes.east[polygon] - shapes.west[polygon]) * view.sx;
      // Below the house that stands in the middle.
      if (wide > 8 * Math.min(LONGEST_NAME, hamlets.names[row].length)) write(hamlets.names[row], x, y + 17);
    }
  };
}
function pointPainter(n, placeOf, draw) {
  return function* paint(context, tile) {
    for (let i = 0, drawn = 0; i < n; i += 1) {
      const [mx, my] = placeOf(i);
      const { x, y } = placed(tile, mx, my);
      if (x < -14 || y < -14 || x > tile.width + 14 || y > tile.height + 14) continue;
      draw(context, x, y, i, tile);
      drawn += 1;
      if (drawn % STEP === 0) yield;
    }
  };
}
