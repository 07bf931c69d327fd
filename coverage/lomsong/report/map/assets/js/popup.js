// Tell what is known of a hamlet, how and since when, and what is missing; the same for a site and a cluster.

/** So many hamlets of a site are named; and a site chosen in fewer of the drawn worlds than this says so. */
const MOST_NAMES = 14;
const SURE_SHARE = 0.5;
/** Money that is no part of the investment. */
const ON_TOP = new Set(["cost_operation_vnd", "cost_present_vnd"]);

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
    const [median, weakest, days] = [series.rsrp_median_dbm[row], series.rsrp_p10_dbm[row], series.n_days[row]];
    rows.push(
      make("tr", { class: series.carrier === carrier ? "chosen" : null },
        make("th", { scope: "row" }, carrierName(series.carrier)),
        make("td", {}, classSwatch({ name, evidence: grade }, { width: 18, height: 12 }), sayValue("class", name),
          make("small", {}, sayValue("evidence", grade))),
        make("td", { class: "figure" }, Number.isNaN(median) ? dash() : number(median),
          Number.isNaN(weakest) ? null : make("small", {}, number(weakest))),
        make("td", { class: "figure" }, Number.isNaN(days) ? dash() : number(days),
          series.dates[series.newest[row]] ? make("small", {}, date(series.dates[series.newest[row]])) : null),
      ),
    );
  }
  if (!rows.length) return make("p", { class: "quiet" }, say("map.no_assessment"));
  const heads = [
    [say("map.carrier")], [`${say("map.class")} ${technology}`, say("map.evidence")], ["dBm", say("map.weakest")],
    [say("map.days"), say("map.newest")],
  ];
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("map.how") },
    make("table", {},
      make("thead", {}, make("tr", {}, ...heads.map(([head, below], i) =>
        make("th", { scope: "col", class: i > 1 ? "figure" : null }, head, below ? make("small", {}, below) : null)))),
      make("tbody", {}, ...rows)));
}

/** What is not told, or not known: a dash for the eye, words for who listens. */
function dash() {
  return make("span", {}, make("span", { "aria-hidden": "true" }, "–"), make("span", { class: "hidden-text" }, say("map.not_told")));
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

/** What a site brings: who waits for sure, or, where that is nobody, how many by chances. */
function siteGain({ people_gained: people, hamlets_gained: hamlets, people_expected: expected }) {
  return Math.round(people) > 0 || !(expected >= 1)
    ? say("map.site_gain", { people: number(people), hamlets: number(hamlets) })
    : say("map.site_chance", { people: number(expected) });
}

/** The hamlets that a site newly serves, each with its people there and its households. */
function servedTable(app, candidate) {
  const { model } = app;
  const { hamlets, clusters } = model;
  const people = new Map();
  for (const c of candidate.newly) people.set(clusters.hamlet[c], (people.get(clusters.hamlet[c]) || 0) + (clusters.people[c] || 0));
  const rows = candidate.hamlets.slice(0, MOST_NAMES).map((row) => make("tr", {},
    make("th", { scope: "row" }, hamlets.names[row]),
    make("td", { class: "figure" }, number(people.get(row))),
    make("td", { class: "figure" }, number(hamlets.households[row]))));
  const more = candidate.hamlets.length - MOST_NAMES;
  return make("table", { class: "served" },
    make("thead", {}, make("tr", {},
      make("th", { scope: "col" }, say("column.name")),
      make("th", { scope: "col", class: "figure" }, say("site.people_served")),
      make("th", { scope: "col", class: "figure" }, say("site.households_all")))),
    make("tbody", {}, ...rows),
    more > 0 ? make("tfoot", {}, make("tr", {}, make("td", { colspan: "3" }, `+${number(more)}`))) : null);
}

/** Investment and its parts, then what comes on top; every column of money that the table has. */
function costFacts(candidate) {
  const name = (key) => (`column.${key}` in words.all[words.language] ? bare(`column.${key}`) : key);
  const parts = Object.keys(candidate).filter((key) =>
    /^cost_\w+_vnd$/.test(key) && candidate[key] !== null && candidate[key] > 0);
  return [
    fact(make("b", {}, bare("column.cost_vnd")), make("b", {}, million(candidate.cost_vnd))),
    ...parts.map((key) => fact(make("span", { class: ON_TOP.has(key) ? null : "part" }, name(key)), million(candidate[key]))),
    fact(bare("column.cost_vnd_per_person"), million(candidate.cost_vnd_per_person)),
  ];
}

/** Who could stand on the mast: carriers that leave people here without signal, most people first. */
function shareLines(app, candidate) {
  const { model } = app;
  const lacking = model.clusters.carriers.filter((carrier) => carrier !== "any").map((carrier) => {
    let people = 0;
    for (const c of candidate.clusters) if (model.clusterClass(c, carrier) === "no_signal") people += model.clusters.people[c] || 0;
    return { carrier, people };
  }).filter(({ people }) => people > 0).sort((a, b) => b.people - a.people);
  const carriers = (candidate.existing_carriers ?? "").split("/").filter(Boolean).map(carrierName).join(", ");
  const site = [candidate.existing_site, carriers && `(${carriers})`].filter(Boolean).join(" ");
  const use = candidate.existing_use ? `${sayValue("site.use", candidate.existing_use)}.` : "";
  const mast = candidate.existing_site ? `${say("site.mast_shared", { site })} ${use}` : say("site.mast_new");
  return [
    make("h3", {}, say("site.share")),
    make("p", {}, mast),
    lacking.length ? make("p", {}, `${say("site.lacking")}: `,
      lacking.map(({ carrier, people }) => say("site.lacking_carrier", { carrier: carrierName(carrier), people: number(people) })).join(", ")) : null,
  ];
}

function stabilityLine(app, candidate) {
  const { draws } = app.model.about;
  if (candidate.stability === null || !draws) return null;
  const said = say("site.stability", { share: number(candidate.stability * 100), alike: number(candidate.stability_alike * 100), draws: number(draws) });
  const ranks = candidate.rank_low === null ? "" : ` ${say("site.ranks", { low: number(candidate.rank_low), high: number(candidate.rank_high) })}`;
  return make("p", { class: candidate.stability_alike < SURE_SHARE ? "stability doubtful" : "stability" },
    make("meter", { min: "0", max: "1", value: String(candidate.stability_alike), "aria-label": said }), " ", said, ".", ranks,
    candidate.stability_alike < SURE_SHARE ? make("strong", {}, ` ${say("site.unstable")}`) : null);
}

function backhaulFacts(candidate) {
  const clear = candidate.backhaul_clear;
  return [
    fact(say("column.backhaul_site"), candidate.backhaul_site ?? say("missing")),
    fact(bare("column.backhaul_distance_m"), metres(candidate.backhaul_distance_m)),
    fact(say("site.path"), clear === null ? say("missing") : say(clear ? "site.path_clear" : "site.path_blocked")),
    candidate.backhaul_kind ? fact(say("site.kind"), sayValue("site.kind", candidate.backhaul_kind)) : [],
    candidate.backhaul_relay_lat === null ? []
      : fact(say("site.relay_at"), `${candidate.backhaul_relay_lat.toFixed(5)}, ${candidate.backhaul_relay_lon.toFixed(5)}`),
    candidate.backhaul_exact === false ? fact(say("site.far_mast"), say("site.far_mast_estimated")) : [],
  ];
}

function siteCard(app, candidate) {
  const footprint = app.model.footprint(candidate.site_id);
  const intro = candidate.selected ? "map.site_clusters" : "map.site_alone";
  return make("article", { class: "card", tabindex: "-1", "aria-label": siteTitle(candidate) },
    make("h2", {}, siteTitle(candidate)),
    make("p", { class: "quiet" }, `${candidate.site_id} · ${carrierName(candidate.carrier)}`),
    make("p", { class: "gain" }, siteGain(candidate)),
    stabilityLine(app, candidate),
    make("p", {}, say(intro, { n: number(candidate.newly.length) })),
    servedTable(app, candidate),
    make("dl", {}, ...[
      fact(say("column.people_expected"), number(candidate.people_expected)),
      fact(say("column.people_covered"), number(candidate.people_covered)),
      footprint ? fact(say("site.area"), say("site.km2", { n: number(footprint.area, 1) })) : [],
    ].flat()),
    make("h3", {}, say("site.cost")),
    make("dl", {}, ...costFacts(candidate).flat()),
    make("h3", {}, say("site.build")),
    make("dl", {}, ...[
      fact(bare("column.mast_m"), metres(candidate.mast_m)),
      fact(bare("column.ground_m"), say("map.metres", { n: number(candidate.ground_m) })),
      fact(say("column.power_solution"), sayValue("power_solution", candidate.power_solution)),
      fact(bare("column.grid_distance_m"), metres(candidate.grid_distance_m)),
      fact(say("site.road"), metres(candidate.road_distance_m)),
      ...backhaulFacts(candidate),
      fact(`${bare("column.latitude")}, ${bare("column.longitude")}`, `${candidate.lat.toFixed(5)}, ${candidate.lon.toFixed(5)}`),
    ].flat()),
    ...shareLines(app, candidate));
}

/** Give the focus back to what had it; a list that was filled anew has a twin of it. */
function returnFocus(element) {
  const key = element?.dataset?.key;
  const twin = element?.isConnected ? element : key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  twin?.focus({ preventScroll: true });
}

/** Show a card: on a phone in a drawer below the map, else at its place or beside. Closing gives the focus back. */
function openCard(app, latLng, card, { beside }) {
  const back = document.activeElement;
  let closed = false;
  const done = () => {
    if (closed) return;
    closed = true;
    app.closed(shown);
    // The card is gone by now, and with it the focus, unless the reader has moved on.
    if (document.activeElement === document.body) returnFocus(back);
  };
  const narrow = app.map.getSize().x <= NARROW;
  const shown = narrow || beside ? drawer(app, latLng, card, done, { narrow }) : popup(app, latLng, card, done);
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

function drawer(app, latLng, card, done, { narrow }) {
  const box = document.getElementById("drawer");
  box.className = narrow ? "" : "beside";
  const close = () => {
    box.hidden = true;
    box.replaceChildren();
    done();
  };
  refill(box, make("button", { type: "button", class: "close", "aria-label": say("map.close"), onclick: close }, "×"), card);
  box.hidden = false;
  box.scrollTop = 0;
  if (!narrow) return { close };
  // What was tapped stays in sight above the drawer.
  const at = app.map.latLngToContainerPoint(latLng);
  app.map.panBy([at.x - app.map.getSize().x / 2, at.y - app.map.getSize().y * 0.2], { animate: false });
  return { close };
}
