// Bring it together: read the payload, put the layers to work, answer clicks, keep the address in step.

const CLUSTER_ZOOM = 13;
const MAX_ZOOM = 17;
const LEGEND_STRIP = 236;
const CARD_STRIP = 440;
/** A map wider than this has room for the legend beside a card; one no wider than the second is a phone's. */
const LEGEND_ROOM = 900;
const NARROW = 520;

class App {
  constructor(map, model, store) {
    Object.assign(this, { map, model, store });
    const rows = Array.from(model.hamlets.order);
    const hamlets = rows.filter((row) => !model.isArea(row));
    // Squares without residents are listed where nothing else was judged.
    this.ofSquares = !hamlets.length && rows.length > 0;
    this.listable = this.ofSquares ? rows : hamlets;
    this.highlight = L.layerGroup([], { pane: "marks" }).addTo(map);
    this.popup = null;
  }

  start() {
    paints.colours = this.model.colours;
    paints.levels = this.model.levelColours;
    this.panel = new Panel(this, document.getElementById("panel"));
    this.judge();
    this.#dress();
    this.#place();
    this.#setPaints();
    this.#setMarkers();
    this.#listen();
    this.speak();
    for (const own of Object.values(layers)) own.redraw?.();
    this.#restore();
  }

  judge() {
    const { state } = this.store;
    this.judged = this.model.judge(state);
    const passes = passing(this.model, this.judged, state);
    this.passes = new Uint8Array(this.model.n);
    for (let row = 0; row < this.model.n; row += 1) this.passes[row] = passes(row) ? 1 : 0;
    this.listed = this.listable.filter((row) => this.passes[row]);
  }

  #lookOf = (row) => {
    if (!this.passes[row]) return null;
    return { name: this.judged.shown[row], evidence: this.judged.evidence[row], power: this.model.powerShown(row) };
  };

  #setPaints() {
    const { model } = this;
    const places = { x: model.hamlets["inner.x"], y: model.hamlets["inner.y"] };
    layers.hamlets.options.paint = polygonPainter(model.shapes, this.#lookOf, { marks: true, places });
    layers.areas.options.paint = polygonPainter(model.areas, this.#lookOf, { marks: false, places });
    const communeOf = (polygon) => model.hamlets.commune[model.shapes.rows[polygon]];
    layers.borders.options.paint = model.borders
      ? borderPainter(model.borders, null)
      : borderPainter(model.shapes, communeOf);
    layers.names.options.paint = namePainter(model, (row) => this.passes[row]);
    layers.cells.options.paint = cellPainter(model, () => this.measured, this.#showsIn);
    const { clusters, sites } = model;
    layers.clusters.options.paint = pointPainter(clusters.x.length, (i) => [clusters.x[i], clusters.y[i]], (context, x, y, i, tile) => {
      if (!this.passes[clusters.hamlet[i]] || model.isArea(clusters.hamlet[i])) return;
      drawCluster(context, x, y, { name: this.clusterShown(i), centre: clusters.is_centre[i], size: tile.zoom >= 14 ? 7 : 5 });
    });
    layers.sites.options.paint = pointPainter(sites.x.length, (i) => [sites.x[i], sites.y[i]],
      (context, x, y, i) => drawMast(context, x, y, sites.estimated[i]));
  }

  /** The layer of measured squares under the chosen carrier and technology, where there is one. */
  get measured() {
    const { carrier, technology } = this.store.state;
    return this.model.cells.layer(carrier, technology);
  }

  /** Return what tells whether a measured square of a layer shows: under a filter, those of hamlets that pass it. */
  #showsIn = (layer) => {
    if (!this.store.activeFilters) return () => true;
    const rows = this.model.cells.hamletsOf(layer, this.ofSquares ? this.model.areas : this.model.shapes);
    return (i) => rows[i] >= 0 && this.passes[rows[i]] === 1;
  };

  get showsCells() {
    return this.map.getZoom() >= layers.cells.options.minZoom && this.map.hasLayer(layers.cells);
  }

  clusterShown(cluster) {
    const { view, technology, carrier } = this.store.state;
    if (view === "plan" && technology === "4G" && this.model.planned.has(cluster)) return "planned";
    return this.model.clusterClass(cluster, carrier);
  }

  #setMarkers() {
    for (const candidate of this.model.candidates) {
      const face = make("span", { class: candidate.selected ? "pin" : "pin other" }, candidate.selected ? String(candidate.rank) : "·");
      const icon = L.divIcon({ html: face, className: "pin-box", iconSize: [24, 24] });
      // The list of sites is the keyboard's way to them; a hundred stops on the map would bar it.
      const marker = L.marker([candidate.lat, candidate.lon], {
        icon, keyboard: false, pane: "marks", zIndexOffset: candidate.selected ? 1000 - candidate.rank : 0,
      });
      marker.on("click", () => this.openSite(candidate));
      layers[candidate.selected ? "candidates" : "others"].addLayer(marker);
    }
  }

  #place() {
    const [zoom, lat, lon] = (this.store.place || "").split("/").map(Number);
    if ([zoom, lat, lon].every(Number.isFinite) && this.store.place) this.map.setView([lat, lon], zoom, { animate: false });
    else this.showAll(false);
    this.map.setMaxZoom(MAX_ZOOM);
    const full = this.fullBounds();
    if (full) this.map.setMinZoom(Math.max(0, this.map.getBoundsZoom(full) - 1));
  }

  fullBounds() {
    const { shapes, areas } = this.model;
    const some = shapes.n ? shapes : areas;
    return some.n ? some.bounds(Array.from({ length: some.n }, (_, i) => i)) : null;
  }

  showAll(animate = true) {
    const bounds = this.fullBounds();
    // Where there is room, the legend keeps its own strip.
    const strip = this.map.getSize().x > 800 ? LEGEND_STRIP : 8;
    if (bounds) this.map.fitBounds(bounds, { animate, paddingTopLeft: [strip, 8], paddingBottomRight: [8, 8] });
  }

  /** The printed sheet shows what the screen shows, or the whole where that fits the screen. */
  printBounds() {
    const full = this.fullBounds();
    const seen = this.map.getBounds();
    return full && seen.contains(full) ? full : seen;
  }

  /** Give Leaflet's own controls names and a title in the page's language. */
  #dress() {
    const controls = document.querySelector(".leaflet-control-layers");
    this.names = {
      areas: "map.layer_areas", relief: "map.layer_relief", cells: "map.layer_cells", names: "map.layer_names", borders: "map.layer_borders", clusters: "map.layer_clusters",
      sites: "map.layer_sites", candidates: "map.layer_candidates", others: "map.layer_others",
    };
    controls.classList.add("dressed");
    const All = L.Control.extend({
      options: { position: "topleft" },
      onAdd: () => make("div", { class: "leaflet-bar" },
        make("a", { href: "#", role: "button", class: "all", onclick: (event) => {
          event.preventDefault();
          event.stopPropagation();
          this.showAll();
        } }, "⤢")),
    });
    this.map.addControl(new All());
  }

  speak() {
    const { language } = this.store.state;
    words.language = language;
    document.documentElement.lang = language;
    document.title = say("map.of", { name: this.model.about.name });
    const name = (selector, key) => {
      const element = document.querySelector(selector);
      element.setAttribute("aria-label", say(key));
      element.setAttribute("title", say(key));
    };
    name(".leaflet-control-zoom-in", "map.zoom_in");
    name(".leaflet-control-zoom-out", "map.zoom_out");
    name("a.all", "map.zoom_all");
    name(".leaflet-control-layers-toggle", "map.layer_control");
    document.querySelector(".leaflet-control-layers-toggle").setAttribute("role", "button");
    this.map.getContainer().setAttribute("aria-label", say("map.area"));
    refill(document.getElementById("skip"), say("map.skip"));
    const spans = document.querySelectorAll(".leaflet-control-layers-overlays label span span");
    this.overlays.forEach((key, i) => refill(spans[i], ` ${say(this.names[key])}`));
    this.#speakPanel();
  }

  get overlays() {
    return ["relief", "areas", "borders", "cells", "sites", "clusters", "names", "candidates", "others"].filter((key) => layers[key]);
  }

  #speakPanel() {
    const key = document.activeElement?.dataset?.key;
    this.#nameToggle();
    document.getElementById("panel").setAttribute("aria-label", say("map.panel"));
    this.panel.build();
    this.drawLegend();
    if (key) document.querySelector(`#panel [data-key="${CSS.escape(key)}"]`)?.focus();
  }

  #nameToggle() {
    const toggle = document.getElementById("toggle");
    const open = !document.body.classList.contains("closed");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", say(open ? "map.panel_close" : "map.panel_open"));
    refill(toggle, open ? "×" : "☰");
  }

  drawLegend() {
    this.legendTellsCells = this.showsCells;
    refill(document.getElementById("legend-place"), legend(this));
  }

  #listen() {
    this.store.listeners.push((state, before) => this.#changed(state, before));
    this.map.on("moveend", () => this.store.moved(this.map));
    // Squares come into sight as one zooms in, and their colours into the legend.
    this.map.on("zoomend overlayadd overlayremove", () => {
      if (this.showsCells !== this.legendTellsCells) this.drawLegend();
    });
    this.map.on("click", (event) => this.#clicked(event));
    this.map.on("mousemove", (event) => this.#hovered(event));
    this.map.on("mouseout", () => this.hint.setAttribute("hidden", ""));
    this.hint = document.getElementById("hint");
    document.getElementById("toggle").addEventListener("click", () => {
      document.body.classList.toggle("closed");
      this.#nameToggle();
      this.map.invalidateSize({ pan: false });
    });
    window.addEventListener("beforeprint", () => layOut(this));
    window.addEventListener("resize", () => this.map.invalidateSize({ pan: false }));
  }

  #changed(state, before) {
    if (state.language !== before.language) {
      this.speak();
      this.#reopen();
      return;
    }
    const redraw = ["carrier", "technology", "view", ...FILTERS].some((name) => state[name] !== before[name]);
    if (redraw) {
      this.judge();
      for (const own of Object.values(layers)) own.repaint?.();
      const key = document.activeElement?.dataset?.key;
      this.panel.update();
      if (key) document.querySelector(`#panel [data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
      if (["view", "technology", "carrier"].some((name) => state[name] !== before[name])) this.drawLegend();
      if (state.view !== before.view || state.carrier !== before.carrier || state.technology !== before.technology) this.#reopen();
    } else if (state.tab !== before.tab) {
      const key = document.activeElement?.dataset?.key;
      this.panel.update();
      if (key) document.querySelector(`#panel [data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
    }
  }

  #reopen() {
    const { hamlet, site } = this.store.state;
    if (!this.popup) return;
    if (site) this.openSite(this.model.candidates.find((c) => c.site_id === site), { move: false });
    else if (hamlet) this.openHamlet(this.model.rowOfId.get(hamlet), { move: false });
  }

  #restore() {
    const { hamlet, site } = this.store.state;
    const candidate = this.model.candidates.find((c) => c.site_id === site);
    if (candidate) this.openSite(candidate, { move: !this.store.place });
    else if (this.model.rowOfId.has(hamlet)) this.openHamlet(this.model.rowOfId.get(hamlet), { move: !this.store.place });
  }

  /** Return the row of the shown hamlet or area at a place, or -1. */
  rowAt(latLng) {
    const { x, y } = toMercator(latLng);
    const { shapes, areas } = this.model;
    if (this.map.hasLayer(layers.areas)) {
      const area = areas.at(x, y);
      if (area >= 0) return areas.rows[area];
    }
    const polygon = shapes.at(x, y);
    return polygon < 0 ? -1 : shapes.rows[polygon];
  }

  #clicked(event) {
    const row = this.rowAt(event.latlng);
    if (row >= 0) this.openHamlet(row, { at: event.latlng, move: false });
  }

  #hovered(event) {
    if (this.waiting || this.map.dragging.moving() || matchMedia("(hover: none)").matches) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const row = this.rowAt(event.latlng);
      this.hint.hidden = row < 0;
      if (row < 0) return;
      refill(this.hint, make("b", {}, this.model.hamlets.names[row]), ` ${sayValue("class", this.judged.shown[row])}`, this.#cellLine(event.latlng));
      const { x, y } = event.containerPoint;
      const left = x + 180 > this.map.getSize().x ? x - 170 : x + 14;
      this.hint.style.transform = `translate(${left}px, ${y + 14}px)`;
    });
  }

  /** What was measured in the square at a place, where squares show. */
  #cellLine(latLng) {
    const layer = this.showsCells && this.measured;
    const i = layer ? this.model.cells.at(layer, latLng) : -1;
    if (i < 0 || !this.#showsIn(layer)(i)) return null;
    const level = layer.rsrp_median_dbm[i];
    return make("span", { class: "line" }, [
      say("cells.hint", { side: number(layer.size[i] * 69.4) }),
      Number.isNaN(level) ? "" : say("cells.level", { level: number(level) }),
      layer.silent[i] ? say("cells.silent", { share: number(layer.silent[i] * 10) }) : "",
      say("cells.samples", { n: number(layer.at_least[i]) }),
    ].filter(Boolean).join(", "));
  }

  outline(rows) {
    for (const row of rows) {
      const shapes = this.model.isArea(row) ? this.model.areas : this.model.shapes;
      const polygon = shapes.polygonOfRow.get(row);
      if (polygon === undefined) continue;
      const rings = shapes.latLngs(polygon);
      const line = { fill: false, interactive: false, pane: "highlight" };
      this.highlight.addLayer(L.polygon(rings, { ...line, color: "#fff", weight: 6, opacity: 0.95 }));
      this.highlight.addLayer(L.polygon(rings, { ...line, color: "#000", weight: 2.5, opacity: 1 }));
    }
  }

  openHamlet(row, { at, move = true } = {}) {
    const { model } = this;
    const place = at || model.placeOf(row);
    this.#foldPanel();
    if (move) this.map.setView(place, Math.max(this.map.getZoom(), CLUSTER_ZOOM), { animate: false });
    this.#open(place, hamletCard(this, row));
    this.outline([row]);
    this.store.change({ hamlet: model.hamlets.ids[row], site: "" });
  }

  openSite(candidate, { move = true } = {}) {
    const { model } = this;
    const place = L.latLng(candidate.lat, candidate.lon);
    this.#foldPanel();
    const clusters = candidate.newly;
    const ends = clusters.map((c) => fromMercator(model.clusters.x[c], model.clusters.y[c]));
    const footprint = model.footprint(candidate.site_id);
    if (move) {
      // The card stands beside the map's right border, but on a phone below.
      const { x: width } = this.map.getSize();
      const left = width > LEGEND_ROOM ? LEGEND_STRIP : 20;
      const right = width > NARROW ? CARD_STRIP : 20;
      this.map.fitBounds(L.latLngBounds([place, ...ends]).pad(0.15), {
        animate: false, maxZoom: 13, paddingTopLeft: [left, 20], paddingBottomRight: [right, 20],
      });
    }
    this.#open(place, siteCard(this, candidate), { beside: true });
    if (footprint) {
      const look = { interactive: false, pane: "highlight", fillRule: "evenodd", fillColor: model.colours.planned };
      this.highlight.addLayer(L.polygon(footprint.rings, { ...look, stroke: false, fillOpacity: 0.28, className: "footprint" }));
      this.highlight.addLayer(L.polygon(footprint.rings, { ...look, fill: false, color: "#fff", weight: 3.4, opacity: 0.8 }));
      this.highlight.addLayer(L.polygon(footprint.rings, { ...look, fill: false, color: model.colours.planned, weight: 1.5 }));
    }
    this.outline(candidate.hamlets);
    for (const cluster of candidate.clusters) {
      const end = fromMercator(model.clusters.x[cluster], model.clusters.y[cluster]);
      const fresh = clusters.includes(cluster);
      const line = { interactive: false, pane: "highlight", color: "#12213a" };
      this.highlight.addLayer(L.polyline([place, end], { ...line, weight: fresh ? 2.2 : 1.2, dashArray: fresh ? null : "3 5" }));
      this.highlight.addLayer(L.circleMarker(end, { ...line, radius: 6, weight: 2.5, fill: fresh, fillColor: "#fff", fillOpacity: 1 }));
    }
    this.store.change({ site: candidate.site_id, hamlet: "" });
  }

  #open(place, card, { beside = false } = {}) {
    if (this.popup) {
      const old = this.popup;
      this.popup = null;
      old.close();
    }
    this.highlight.clearLayers();
    this.popup = openCard(this, place, card, { beside });
  }

  closed(popup) {
    if (popup !== this.popup) return;
    this.popup = null;
    this.highlight.clearLayers();
    this.store.change({ hamlet: "", site: "" });
  }

  chooseCommune(commune) {
    this.store.change({ commune });
    const { model } = this;
    const place = model.hamlets.communes.findIndex(([key]) => key === commune);
    if (place < 0) return this.showAll(false);
    const own = [];
    model.shapes.rows.forEach((row, polygon) => {
      if (model.hamlets.commune[row] === place) own.push(polygon);
    });
    const bounds = model.shapes.bounds(own);
    return bounds && this.map.fitBounds(bounds, { animate: false, padding: [16, 16] });
  }

  /** On a phone the panel makes room for what it opened. */
  #foldPanel() {
    if (!matchMedia("(max-width: 700px)").matches || document.body.classList.contains("closed")) return;
    document.body.classList.add("closed");
    this.#nameToggle();
    this.map.invalidateSize({ pan: false });
  }
}

async function start(map) {
  const loading = document.getElementById("loading");
  try {
    const pack = unpacked(await inflated(bytesOf(document.getElementById("payload").textContent)));
    words.all = pack.data.words;
    const model = new Model(pack);
    const store = new Store({ language: pack.data.language });
    store.admit({
      language: Object.keys(words.all),
      carrier: model.carriers,
      technology: model.technologies(store.state.carrier),
      view: ["now", "plan"],
      tab: ["list", "sites"],
      paper: Object.keys(PAPER_MM),
    });
    words.language = store.state.language;
    if (matchMedia("(max-width: 700px)").matches) document.body.classList.add("closed");
    map.invalidateSize({ pan: false });
    const app = new App(map, model, store);
    queue.onFirst = () => {
      document.documentElement.dataset.drawn = "true";
      app.panel.complete();
    };
    app.start();
    loading.remove();
    document.documentElement.dataset.ready = "true";
    lomsong.app = app;
  } catch (error) {
    // Whatever broke, the reader must not be left before an empty page.
    refill(loading, loading.dataset.broken);
    throw error;
  }
}

const lomsong = { layer, start, layers, busy: () => queue.awake };
window.lomsong = lomsong;
