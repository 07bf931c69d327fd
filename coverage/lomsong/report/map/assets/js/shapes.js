// Hold polygons as shared arcs on an integer grid: thin them per zoom, walk them, find what lies at a point.

const MERCATOR_HALF = Math.PI * 6378137;

function put4(boxes, i, west, east, south, north) {
  boxes.west[i] = west;
  boxes.east[i] = east;
  boxes.south[i] = south;
  boxes.north[i] = north;
}

function boxesWithin(boxes, n, view, width, height, margin) {
  const west = (-margin - view.dx) / view.sx;
  const east = (width + margin - view.dx) / view.sx;
  const north = (-margin - view.dy) / view.sy;
  const south = (height + margin - view.dy) / view.sy;
  const found = [];
  for (let i = 0; i < n; i += 1) {
    if (boxes.west[i] <= east && boxes.east[i] >= west && boxes.south[i] <= north && boxes.north[i] >= south) found.push(i);
  }
  return found;
}

class Shapes {
  constructor(pack, name, frame) {
    this.frame = frame;
    const pointCounts = pack.column(`${name}.arc_points`);
    this.arcStart = starts(pointCounts);
    this.x = this.#placed(pack.column(`${name}.x`));
    this.y = this.#placed(pack.column(`${name}.y`));
    this.ringStart = starts(pack.column(`${name}.rings`));
    this.refStart = starts(pack.column(`${name}.ring_arcs`));
    const turned = pack.column(`${name}.turned`);
    this.refs = summed(pack.column(`${name}.arcs`)).map((arc, i) => (turned[i] ? ~arc : arc));
    this.n = this.ringStart.length - 1;
    this.rows = pack.has(`${name}.owner`)
      ? summed(pack.column(`${name}.owner`))
      : Int32Array.from({ length: this.n }, (_, i) => i);
    this.#findBoxesAndNeighbours();
    this.thinnedAt = new Map();
    this.stamp = new Int32Array(this.one.length);
    this.round = 0;
  }

  /** The polygon of each row; made when somebody first asks. */
  get polygonOfRow() {
    this.madePolygons ??= new Map(Array.from(this.rows, (row, i) => [row, i]));
    return this.madePolygons;
  }

  /** The first point of an arc is told from the first of the arc before, all others from the one before. */
  #placed(steps) {
    let first = 0;
    for (let arc = 0; arc + 1 < this.arcStart.length; arc += 1) {
      const begin = this.arcStart[arc];
      steps[begin] += first;
      first = steps[begin];
      for (let i = begin + 1; i < this.arcStart[arc + 1]; i += 1) steps[i] += steps[i - 1];
    }
    return steps;
  }

  #findBoxesAndNeighbours() {
    const { x, y, arcStart, refs, refStart, ringStart } = this;
    const arcs = arcStart.length - 1;
    const box = (n) => ({ west: new Int32Array(n), east: new Int32Array(n), south: new Int32Array(n), north: new Int32Array(n) });
    this.arcBox = box(arcs);
    for (let arc = 0; arc < arcs; arc += 1) {
      let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
      for (let i = arcStart[arc]; i < arcStart[arc + 1]; i += 1) {
        if (x[i] < west) west = x[i];
        if (x[i] > east) east = x[i];
        if (y[i] < south) south = y[i];
        if (y[i] > north) north = y[i];
      }
      put4(this.arcBox, arc, west, east, south, north);
    }
    Object.assign(this, box(this.n));
    this.one = new Int32Array(arcs).fill(-1);
    this.other = new Int32Array(arcs).fill(-1);
    const of = this.arcBox;
    for (let polygon = 0; polygon < this.n; polygon += 1) {
      let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
      const end = refStart[ringStart[polygon + 1]];
      for (let i = refStart[ringStart[polygon]]; i < end; i += 1) {
        const arc = refs[i] < 0 ? ~refs[i] : refs[i];
        if (this.one[arc] < 0) this.one[arc] = polygon;
        else this.other[arc] = polygon;
        if (of.west[arc] < west) west = of.west[arc];
        if (of.east[arc] > east) east = of.east[arc];
        if (of.south[arc] < south) south = of.south[arc];
        if (of.north[arc] > north) north = of.north[arc];
      }
      put4(this, polygon, west, east, south, north);
    }
  }

  /** Return the arcs of some polygons, each once. */
  arcsOf(polygons) {
    this.round += 1;
    const arcs = [];
    for (const polygon of polygons) {
      const end = this.refStart[this.ringStart[polygon + 1]];
      for (let i = this.refStart[this.ringStart[polygon]]; i < end; i += 1) {
        const arc = this.refs[i] < 0 ? ~this.refs[i] : this.refs[i];
        if (this.stamp[arc] === this.round) continue;
        this.stamp[arc] = this.round;
        arcs.push(arc);
      }
    }
    return arcs;
  }

  eachRef(polygon, visit) {
    const end = this.refStart[this.ringStart[polygon + 1]];
    for (let i = this.refStart[this.ringStart[polygon]]; i < end; i += 1) visit(this.refs[i]);
  }

  /** Return the points worth drawing where a pixel spans `pixel` grid steps. Arcs are thinned, so neighbours stay glued. */
  thinned(pixel) {
    const key = Math.max(0, Math.round(Math.log2(pixel)));
    if (!this.thinnedAt.has(key)) this.thinnedAt.set(key, this.#thin(key ? 2 ** key : 0));
    return this.thinnedAt.get(key);
  }

  #thin(least) {
    const keep = new Int32Array(this.x.length);
    const start = new Int32Array(this.arcStart.length);
    let n = 0;
    for (let arc = 0; arc + 1 < this.arcStart.length; arc += 1) {
      const [begin, end] = [this.arcStart[arc], this.arcStart[arc + 1]];
      start[arc] = n;
      let last = begin;
      for (let i = begin; i < end; i += 1) {
        const far = Math.abs(this.x[i] - this.x[last]) + Math.abs(this.y[i] - this.y[last]) >= least;
        if (!far && i !== begin && i !== end - 1) continue;
        keep[n] = i;
        n += 1;
        last = i;
      }
    }
    start[this.arcStart.length - 1] = n;
    return { points: keep.subarray(0, n), start };
  }

  /** Add the polygon's rings to the path, on the canvas that `view` describes. */
  trace(context, polygon, view) {
    const { points, start } = this.thinned(view.pixel);
    const { x, y, refs } = this;
    const { sx, sy, dx, dy } = view;
    for (let ring = this.ringStart[polygon]; ring < this.ringStart[polygon + 1]; ring += 1) {
      let fresh = true;
      for (let r = this.refStart[ring]; r < this.refStart[ring + 1]; r += 1) {
        const ref = refs[r];
        const arc = ref < 0 ? ~ref : ref;
        const step = ref < 0 ? -1 : 1;
        let i = ref < 0 ? start[arc + 1] - 1 : start[arc];
        const end = ref < 0 ? start[arc] - 1 : start[arc + 1];
        // An arc starts where the one before it ended.
        if (fresh) context.moveTo(x[points[i]] * sx + dx, y[points[i]] * sy + dy);
        fresh = false;
        for (i += step; i !== end; i += step) context.lineTo(x[points[i]] * sx + dx, y[points[i]] * sy + dy);
      }
      context.closePath();
    }
  }

  traceArc(context, arc, view) {
    const { points, start } = this.thinned(view.pixel);
    const { x, y } = this;
    const { sx, sy, dx, dy } = view;
    const [begin, end] = [start[arc], start[arc + 1]];
    context.moveTo(x[points[begin]] * sx + dx, y[points[begin]] * sy + dy);
    for (let i = begin + 1; i < end; i += 1) context.lineTo(x[points[i]] * sx + dx, y[points[i]] * sy + dy);
  }

  /** Return how grid steps become pixels of a canvas whose left upper corner lies at a world pixel of the scale. */
  view(worldPixels, left, top) {
    const perMetre = worldPixels / (2 * MERCATOR_HALF);
    return {
      pixel: 1 / (perMetre * this.frame.step),
      sx: perMetre * this.frame.step,
      sy: -perMetre * this.frame.step,
      dx: (this.frame.west + MERCATOR_HALF) * perMetre - left,
      dy: (MERCATOR_HALF - this.frame.south) * perMetre - top,
    };
  }

  /** Return the polygons whose box meets a canvas. */
  within(view, width, height, margin = 0) {
    return boxesWithin(this, this.n, view, width, height, margin);
  }

  /** Return which of some arcs have a box that meets a canvas. */
  arcsWithin(arcs, view, width, height, margin = 0) {
    const near = boxesWithin(this.arcBox, this.arcBox.west.length, view, width, height, margin);
    return near.filter((arc) => arcs[arc]);
  }

  /** Return the polygon at a point of Web Mercator [m], or -1. */
  at(mx, my) {
    const x = (mx - this.frame.west) / this.frame.step;
    const y = (my - this.frame.south) / this.frame.step;
    for (let i = 0; i < this.n; i += 1) {
      if (this.west[i] <= x && this.east[i] >= x && this.south[i] <= y && this.north[i] >= y) {
        if (this.#holds(i, x, y)) return i;
      }
    }
    return -1;
  }

  #holds(polygon, x, y) {
    let inside = false;
    this.eachRef(polygon, (ref) => {
      const arc = ref < 0 ? ~ref : ref;
      for (let i = this.arcStart[arc] + 1; i < this.arcStart[arc + 1]; i += 1) {
        const [y0, y1] = [this.y[i - 1], this.y[i]];
        if (y0 > y === y1 > y) continue;
        const cross = this.x[i - 1] + ((y - y0) / (y1 - y0)) * (this.x[i] - this.x[i - 1]);
        if (cross > x) inside = !inside;
      }
    });
    return inside;
  }

  /** Return the rings of a polygon as Leaflet's positions. */
  latLngs(polygon) {
    const rings = [];
    for (let ring = this.ringStart[polygon]; ring < this.ringStart[polygon + 1]; ring += 1) {
      const outline = [];
      for (let r = this.refStart[ring]; r < this.refStart[ring + 1]; r += 1) {
        const ref = this.refs[r];
        const arc = ref < 0 ? ~ref : ref;
        const part = [];
        for (let i = this.arcStart[arc]; i < this.arcStart[arc + 1]; i += 1) {
          part.push(fromMercator(this.frame.west + this.x[i] * this.frame.step, this.frame.south + this.y[i] * this.frame.step));
        }
        outline.push(...(ref < 0 ? part.reverse() : part));
      }
      rings.push(outline);
    }
    return rings;
  }

  /** Return the box around polygons as Leaflet's bounds. */
  bounds(polygons) {
    let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const i of polygons) {
      // A polygon too small for the grid has no ring and no box.
      if (this.ringStart[i] === this.ringStart[i + 1]) continue;
      west = Math.min(west, this.west[i]);
      east = Math.max(east, this.east[i]);
      south = Math.min(south, this.south[i]);
      north = Math.max(north, this.north[i]);
    }
    if (west > east) return null;
    const { west: x, south: y, step } = this.frame;
    return L.latLngBounds(
      fromMercator(x + west * step, y + south * step),
      fromMercator(x + east * step, y + north * step),
    );
  }
}

function fromMercator(mx, my) {
  return L.CRS.EPSG3857.projection.unproject(L.point(mx, my));
}

function toMercator(latLng) {
  return L.CRS.EPSG3857.projection.project(L.latLng(latLng));
}
