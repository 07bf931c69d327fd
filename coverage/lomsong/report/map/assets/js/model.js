// Turn the payload into tables, and say what each hamlet and cluster is under the chosen carrier, technology and view.

const NO_CODE = 255;
const CLASSES_SHOWN = ["no_signal", "partial", "weak", "covered", "planned", "unknown"];

class Model {
  constructor(pack) {
    const { data } = pack;
    Object.assign(this, {
      about: data.about,
      values: data.values,
      colours: data.colours,
      levelColours: data.level_colours,
      candidates: data.candidates,
      judged: data.judged.map((series, i) => this.#series(pack, series, `judged.${i}`)),
    });
    this.shapes = new Shapes(pack, "hamlets", data.shapes.hamlets);
    this.areas = new Shapes(pack, "areas", data.shapes.areas);
    this.borders = data.borders ? new Shapes(pack, "borders", data.borders) : null;
    this.hamlets = this.#hamlets(pack, data.hamlets);
    this.n = this.hamlets.ids.length;
    this.clusters = this.#clusters(pack, data.clusters);
    this.cells = new Cells(pack, data.cells);
    this.footprints = { ...data.footprints, read: () => new Shapes(pack, "footprints", data.footprints) };
    this.sites = withColumns({ plmns: data.sites.plmns }, pack, "sites", ["estimated", "plmn"]);
    withColumns(this.sites, pack, "sites", ["x", "y"], summed);
    this.#readReach(pack);
  }

  #series(pack, series, name) {
    return withColumns({ ...series }, pack, name, [
      "code", "p_served", "p_served_low", "p_served_high", "rsrp_median_dbm", "rsrp_p10_dbm", "n_samples",
      "n_no_service", "n_devices", "n_days", "newest",
    ]);
  }

  #hamlets(pack, table) {
    const hamlets = withColumns({ ...table }, pack, "hamlets", [
      "kind", "class", "official_class", "evidence", "power", "funding_route", "geometry_source",
      "quality_uncertain", "extremely_difficult", "gap_no_grid", "households", "people",
      "people_unserved", "people_unknown", "p_served", "priority", "priority_severity",
      "priority_people", "priority_no_grid", "priority_difficult", "commune",
      "power_source", "power_as_of",
    ]);
    return withColumns(hamlets, pack, "hamlets", ["order", "inner.x", "inner.y"], summed);
  }

  #clusters(pack, table) {
    const numbers = table.carriers.map((_, i) => i);
    const clusters = {
      carriers: table.carriers,
      code: withColumns([], pack, "clusters.code", numbers),
      median: withColumns([], pack, "clusters.median", numbers),
    };
    withColumns(clusters, pack, "clusters", ["kind", "is_centre", "people"]);
    return withColumns(clusters, pack, "clusters", ["hamlet", "x", "y"], summed);
  }

  #readReach(pack) {
    const begin = starts(pack.column("reach.n"));
    const cluster = summed(pack.column("reach.cluster"));
    const newly = pack.column("reach.newly");
    this.candidates.forEach((candidate, i) => {
      const all = Array.from({ length: begin[i + 1] - begin[i] }, (_, k) => begin[i] + k);
      candidate.clusters = all.map((k) => cluster[k]);
      candidate.newly = all.filter((k) => newly[k]).map((k) => cluster[k]);
      candidate.hamlets = [...new Set(candidate.newly.map((c) => this.clusters.hamlet[c]))];
    });
  }

  /** The row of each hamlet's code; made when an address or a card first asks. */
  get rowOfId() {
    this.madeRows ??= new Map(this.hamlets.ids.map((id, row) => [id, row]));
    return this.madeRows;
  }

  /** Where each commune's name stands: the middle of its hamlets. */
  get communeSpots() {
    this.madeSpots ??= this.#communeSpots();
    return this.madeSpots;
  }

  #communeSpots() {
    const spots = this.hamlets.communes.map(([, name]) => ({ name, x: 0, y: 0, n: 0 }));
    for (const row of this.shapes.rows) {
      const spot = spots[this.hamlets.commune[row]];
      if (!spot) continue;
      spot.x += this.hamlets["inner.x"][row];
      spot.y += this.hamlets["inner.y"][row];
      spot.n += 1;
    }
    return spots.filter(({ n }) => n).map(({ name, x, y, n }) => ({ name, x: x / n, y: y / n }));
  }

  clustersOf(row) {
    if (!this.madeClusters) {
      this.madeClusters = new Map();
      this.clusters.hamlet.forEach((owner, cluster) => {
        if (!this.madeClusters.has(owner)) this.madeClusters.set(owner, []);
        this.madeClusters.get(owner).push(cluster);
      });
    }
    return this.madeClusters.get(row) || [];
  }

  /** Return the ground that a site serves as rings of positions, and its area [km2]; null where nobody reckoned it. */
  footprint(site) {
    const place = this.footprints.sites.indexOf(site);
    if (place < 0) return null;
    this.footprints.shapes ??= this.footprints.read();
    return { rings: this.footprints.shapes.latLngs(place), area: this.footprints.areas_km2[place] };
  }

  get carriers() {
    return [...new Set(this.judged.map((series) => series.carrier))];
  }

  technologies(carrier) {
    return this.judged.filter((s) => s.carrier === carrier).map((s) => s.technology);
  }

  seriesOf(carrier, technology) {
    return this.judged.find((s) => s.carrier === carrier && s.technology === technology);
  }

  /** What each row is found by; made at the first search. */
  get keys() {
    this.madeKeys ??= this.hamlets.names.map((name, row) => folded(`${name} ${this.communeName(row)} ${this.hamlets.ids[row]}`));
    return this.madeKeys;
  }

  /** Return the place inside a hamlet that stands for it. */
  placeOf(row) {
    return fromMercator(this.hamlets["inner.x"][row], this.hamlets["inner.y"][row]);
  }

  communeName(row) {
    const commune = this.hamlets.communes[this.hamlets.commune[row]];
    return commune ? commune[1] : "";
  }

  isArea(row) {
    return this.values.kind[this.hamlets.kind[row]] === "area";
  }

  /** Return the power that is drawn: nobody asks for it where nobody lives. */
  powerShown(row) {
    return this.isArea(row) ? "grid" : this.value("power", row);
  }

  value(column, row) {
    return this.values[column][this.hamlets[column][row]];
  }

  /** Decide class and evidence of every row under a carrier, a technology and a view. */
  judge({ carrier, technology, view }) {
    const [classes, grades] = [this.values.class, this.values.evidence];
    const unknown = classes.indexOf("unknown");
    const shown = new Array(this.n);
    const evidence = new Array(this.n);
    const table = carrier === "any" && technology === "4G";
    const series = table ? null : this.seriesOf(carrier, technology);
    for (let row = 0; row < this.n; row += 1) {
      const code = series ? series.code[row] : NO_CODE;
      const place = table ? this.hamlets.class[row] : code === NO_CODE ? unknown : code % classes.length;
      const grade = table
        ? this.hamlets.evidence[row]
        : code === NO_CODE ? grades.indexOf("none") : Math.floor(code / classes.length) % grades.length;
      shown[row] = classes[place];
      evidence[row] = grades[grade];
    }
    this.planned = this.#planned(carrier);
    const now = shown.slice();
    if (view === "plan" && technology === "4G") {
      for (const row of new Set([...this.planned.keys()].map((c) => this.clusters.hamlet[c]))) {
        shown[row] = this.#withPlan(row, carrier);
      }
    }
    return { now, shown, evidence };
  }

  /** Return the selected site that newly serves each cluster for this carrier. */
  #planned(carrier) {
    const planned = new Map();
    for (const candidate of this.candidates) {
      const serves = carrier === "any" || candidate.carrier === "shared" || candidate.carrier === carrier;
      if (!candidate.selected || !serves) continue;
      for (const cluster of candidate.newly) planned.set(cluster, candidate);
    }
    return planned;
  }

  /** A hamlet that the plan reaches: partial while a cluster stays without, unknown while one is unknown. */
  #withPlan(row, carrier) {
    let unknown = false;
    for (const cluster of this.clustersOf(row)) {
      if (this.planned.has(cluster)) continue;
      const name = this.clusterClass(cluster, carrier);
      if (name === "no_signal" || name === "partial") return "partial";
      if (name === "unknown") unknown = true;
    }
    return unknown ? "unknown" : "planned";
  }

  clusterClass(cluster, carrier) {
    const place = this.clusters.carriers.indexOf(carrier);
    const code = place < 0 ? NO_CODE : this.clusters.code[place][cluster];
    return code === NO_CODE ? "unknown" : this.values.class[code % this.values.class.length];
  }

  clusterEvidence(cluster, carrier) {
    const place = this.clusters.carriers.indexOf(carrier);
    const code = place < 0 ? NO_CODE : this.clusters.code[place][cluster];
    if (code === NO_CODE) return "none";
    return this.values.evidence[Math.floor(code / this.values.class.length) % this.values.evidence.length];
  }

  /** Return how many people of a hamlet live in clusters of one class of this carrier's 4G, without signal or unknown. */
  peopleOf(row, carrier, name) {
    if (carrier === "any") return this.hamlets[name === "unknown" ? "people_unknown" : "people_unserved"][row];
    return this.clustersOf(row)
      .filter((cluster) => this.clusterClass(cluster, carrier) === name)
      .reduce((sum, cluster) => sum + this.clusters.people[cluster], 0);
  }

  clusterMedian(cluster, carrier) {
    const place = this.clusters.carriers.indexOf(carrier);
    return place < 0 ? NaN : this.clusters.median[place][cluster];
  }
}
