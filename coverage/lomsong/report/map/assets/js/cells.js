// Hold what was measured in squares: find the one at a place, and tell which band its level falls into.

class Cells {
  constructor(pack, table) {
    this.perDegree = table.per_degree;
    this.leftOut = table.left_out;
    this.layers = table.layers.map((layer, i) => {
      const own = withColumns({ ...layer }, pack, `cells.${i}`, ["size", "rsrp_median_dbm", "silent", "at_least"]);
      return withColumns(own, pack, `cells.${i}`, ["column", "row"], summed);
    });
  }

  layer(carrier, technology) {
    return this.layers.find((own) => own.carrier === carrier && own.technology === technology);
  }

  isLeftOut(carrier, technology) {
    return this.leftOut.some((own) => own.carrier === carrier && own.technology === technology);
  }

  /** Return west, south, east, north of a square [degrees]. */
  edges(layer, i) {
    const side = layer.size[i] / this.perDegree;
    const [west, south] = [layer.column[i] * side, layer.row[i] * side];
    return [west, south, west + side, south + side];
  }

  /** Return the corners of all squares in Web Mercator [m], made once per layer. */
  corners(layer) {
    layer.corners ??= Array.from(layer.size, (_, i) => {
      const [west, south, east, north] = this.edges(layer, i);
      const [low, high] = [toMercator([south, west]), toMercator([north, east])];
      return [low.x, low.y, high.x, high.y];
    });
    return layer.corners;
  }

  /** Return the hamlet in which each square has its middle, or -1; made when first asked for. */
  hamletsOf(layer, shapes) {
    layer.hamlets ??= this.corners(layer).map(([west, south, east, north]) => {
      const polygon = shapes.at((west + east) / 2, (south + north) / 2);
      return polygon < 0 ? -1 : shapes.rows[polygon];
    });
    return layer.hamlets;
  }

  /** Return the square of a layer at a place, or -1. */
  at(layer, latLng) {
    layer.found ??= new Map(Array.from(layer.size, (size, i) => [`${size} ${layer.column[i]} ${layer.row[i]}`, i]));
    for (const size of [1, 2, 4, 8]) {
      const side = size / this.perDegree;
      const key = `${size} ${Math.floor(latLng.lng / side)} ${Math.floor(latLng.lat / side)}`;
      if (layer.found.has(key)) return layer.found.get(key);
    }
    return -1;
  }
}

/** Bands of level under the thresholds in force, best first: [name, from this level on]. */
function levelBands({ good, minimum }) {
  return [["excellent", good + 10], ["good", good], ["fair", minimum + 6], ["poor", minimum], ["below", -Infinity]];
}

/** A square is silent where at least half of its samples are without service. */
function bandOf(about, layer, i) {
  if (layer.silent[i] >= 5) return "silent";
  const level = layer.rsrp_median_dbm[i];
  if (Number.isNaN(level)) return "heard";
  return levelBands(about).find(([, from]) => level >= from)[0];
}
