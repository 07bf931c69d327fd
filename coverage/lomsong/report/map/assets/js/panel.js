// The panel: search, view, carrier, filters, totals, ranked list, sites, download and print.

const PAGE_ROWS = 40;
/** As many as fit beside the first picture; the rest of the page follows when that stands. */
const FIRST_ROWS = 8;
const BAR_WIDE = 320;

class Panel {
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.shown = PAGE_ROWS;
  }

  get store() {
    return this.app.store;
  }

  /** Build everything anew, as after a change of language. */
  build() {
    const { about } = this.app.model;
    this.parts = {
      scope: make("div"), preset: make("div"), filters: make("div"), totals: make("section", { class: "totals" }),
      tabs: make("div", { class: "tabs", role: "tablist", "aria-label": say("map.list") }),
      list: make("div", { id: "list", role: "tabpanel", "aria-labelledby": "tab-list", tabindex: "-1" }),
    };
    refill(this.root,
      make("header", {},
        make("div", { class: "titles" },
          make("h1", {}, about.name),
          make("p", { class: "quiet" }, say("map.title"))),
        this.#languages()),
      about.synthetic ? make("p", { class: "synthetic" }, make("strong", {}, say("map.synthetic")), ` ${say("map.synthetic_about")}`) : null,
      searchBox(this.app),
      this.parts.totals, this.parts.scope, this.parts.preset, this.parts.filters, this.#actions(), this.parts.tabs, this.parts.list,
      this.#sources());
    this.update();
  }

  /** Show what follows from the filters. */
  update() {
    refill(this.parts.scope, this.#scope());
    refill(this.parts.preset, this.app.ofSquares ? null : this.#preset());
    this.#fillFilters();
    refill(this.parts.totals, ...this.#totals());
    this.#brief();
    this.#fillTabs();
    this.shown = queue.hurried ? FIRST_ROWS : PAGE_ROWS;
    this.fillList();
  }

  #languages() {
    const button = (language, name) => make("button", {
      type: "button", lang: language, "aria-pressed": String(this.store.state.language === language),
      "data-key": `language-${language}`, onclick: () => this.store.change({ language }),
    }, name);
    return make("div", { class: "segments small", role: "group", "aria-label": say("map.language") },
      button("vi", "Việt"), button("en", "English"));
  }

  #scope() {
    const { state } = this.store;
    const { model } = this.app;
    const pick = (key, label, values, chosen, named, change) => make("label", { class: "pick" },
      make("span", {}, label),
      make("select", { "data-key": key, onchange: (event) => change(event.target.value) },
        ...values.map((value) => make("option", { value, selected: value === chosen }, named(value)))));
    const view = (name) => make("button", {
      type: "button", "aria-pressed": String(state.view === name), "data-key": `view-${name}`,
      onclick: () => this.store.change({ view: name }),
    }, say(`map.view_${name}`));
    return [
      make("div", { class: "segments", role: "group", "aria-label": say("map.view") }, view("now"), view("plan")),
      state.view === "plan" ? this.#planNote() : null,
      make("div", { class: "picks" },
        pick("carrier", say("map.carrier"), model.carriers, state.carrier, carrierName, (carrier) => {
          const technologies = model.technologies(carrier);
          const technology = technologies.includes(state.technology) ? state.technology : technologies[technologies.length - 1];
          this.store.change({ carrier, technology });
        }),
        pick("technology", say("map.technology"), model.technologies(state.carrier), state.technology,
          (value) => sayValue("technology", value), (technology) => this.store.change({ technology }))),
    ];
  }

  #planNote() {
    const { model } = this.app;
    let people = 0;
    const hamlets = new Set();
    for (const cluster of model.planned.keys()) {
      people += model.clusters.people[cluster] || 0;
      hamlets.add(model.clusters.hamlet[cluster]);
    }
    return make("p", { class: "note" },
      make("strong", {}, say("map.plan_people", { people: number(people), hamlets: number(hamlets.size) })),
      `. ${say("map.plan_about")}`);
  }

  #preset() {
    const on = this.store.state.preset;
    return make("button", {
      type: "button", class: "preset", "aria-pressed": String(on), "data-key": "preset",
      onclick: () => this.store.change({ preset: !on }),
    }, classSwatch({ name: "no_signal", evidence: "measured" }, { width: 14, height: 16 }),
    classSwatch({ name: "weak", evidence: "measured", power: "no_grid" }, { width: 20, height: 16 }), say("map.preset"));
  }

  #fillFilters() {
    const n = this.store.activeFilters;
    const before = this.parts.filters.querySelector("details");
    const open = before ? before.open : ["powers", "evidence"].some((name) => this.store.state[name].length);
    const { state } = this.store;
    const { model, judged } = this.app;
    const counted = (without, keyOf) => {
      const counts = new Map();
      const passes = passing(model, judged, state, without);
      for (const row of this.app.listable) {
        if (!passes(row)) continue;
        counts.set(keyOf(row), (counts.get(keyOf(row)) || 0) + 1);
      }
      return counts;
    };
    const chips = (title, name, column, values, keyOf, look) => {
      const counts = counted(name, keyOf);
      return make("fieldset", {}, make("legend", {}, title), make("div", { class: "chips" },
        ...values.map((value) => make("label", { class: "chip" },
          make("input", {
            type: "checkbox", value, checked: state[name].includes(value), "data-key": `${name}-${value}`,
            onchange: () => this.#toggle(name, value),
          }),
          classSwatch(look(value), { width: 18, height: 12 }),
          make("span", {}, sayValue(column, value)),
          make("span", { class: "count" }, number(counts.get(value) || 0))))));
    };
    const shown = CLASSES_SHOWN.filter((name) => name !== "planned" || state.view === "plan");
    const communes = counted("commune", (row) => model.hamlets.commune[row]);
    const places = model.hamlets.communes
      .map(([key, name], i) => ({ key, name, n: communes.get(i) || 0 }))
      .sort((a, b) => a.name.localeCompare(b.name, "vi"));
    refill(this.parts.filters,
      chips(say("map.class"), "classes", "class", shown, (row) => judged.shown[row], (name) => ({ name, evidence: "measured" })),
      make("details", { class: "filters", ...(open ? { open: true } : {}) },
      make("summary", {}, say("map.filters_more")),
      chips(say("map.power"), "powers", "power", model.values.power, (row) => model.value("power", row),
        (power) => ({ name: "covered", evidence: "measured", power })),
      chips(say("map.evidence"), "evidence", "evidence", model.values.evidence, (row) => judged.evidence[row],
        (grade) => (grade === "none" ? { name: "unknown" } : { name: "no_signal", evidence: grade }))),
      places.length < 1 ? null : make("label", { class: "pick wide" }, make("span", {}, say("map.commune")),
        make("select", { "data-key": "commune", onchange: (event) => this.app.chooseCommune(event.target.value) },
          make("option", { value: "", selected: !state.commune }, say("map.commune_all")),
          ...places.map((place) => make("option", { value: place.key, selected: place.key === state.commune }, `${place.name} (${number(place.n)})`)))),
      n ? make("button", { type: "button", class: "plain-button", "data-key": "reset", onclick: () => this.store.clearFilters() },
        say("map.reset", { n: number(n) })) : null);
  }

  #toggle(name, value) {
    const chosen = this.store.state[name];
    this.store.change({ [name]: chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value] });
  }

  #totals() {
    const { hamlets } = this.app.model;
    const total = (figureOf) => {
      let [sum, missing] = [0, 0];
      for (const row of this.app.listed) {
        const value = figureOf(row);
        if (Number.isNaN(value)) missing += 1;
        else sum += value;
      }
      return { sum, missing };
    };
    const { carrier } = this.store.state;
    const scope = make("p", { class: "quiet wide" }, say("map.total_scope", { carrier: carrierName(carrier) }));
    const figure = (value, label, { missing = 0, key, small = false } = {}) =>
      make("div", { class: small ? "total small" : "total", "data-total": key },
        make("b", {}, number(value)), make("span", {}, label),
        missing ? make("small", {}, say("map.total_missing", { n: number(missing) })) : null);
    const [households, people] = [total((row) => hamlets.households[row]), total((row) => hamlets.people[row])];
    if (this.app.ofSquares) {
      return [
        make("h2", { class: "hidden-text" }, say("map.totals")),
        scope,
        this.#classBar(),
        figure(this.app.listed.length, say("map.total_squares"), { key: "hamlets" }),
      ];
    }
    const [unserved, unknown] = ["no_signal", "unknown"].map((name) => total((row) => this.app.model.peopleOf(row, carrier, name)));
    return [
      make("h2", { class: "hidden-text" }, say("map.totals")),
      make("p", { class: "headline" },
        make("span", { class: "unserved" }, make("b", { "data-total": "people_unserved" }, number(unserved.sum)), ` ${say("map.total_unserved")}`),
        make("span", {}, make("b", { "data-total": "people_unknown" }, number(unknown.sum)), ` ${say("map.total_unknown")}`)),
      scope,
      this.#classBar(),
      figure(this.app.listed.length, say("map.total_hamlets"), { key: "hamlets" }),
      figure(households.sum, say("map.total_households"), { missing: households.missing, key: "households" }),
      figure(people.sum, say("map.total_people"), { missing: people.missing, key: "people" }),
    ];
  }

  /** On a phone the panel is closed at first: the headline stands on the map meanwhile. */
  #brief() {
    const headline = this.parts.totals.querySelector(".headline");
    const parts = headline ? Array.from(headline.children, (part) => part.cloneNode(true)) : [];
    for (const part of parts) part.querySelector("b").removeAttribute("data-total");
    refill(document.getElementById("brief"), ...parts);
  }

  /** How the listed hamlets share out over the classes, worst first: the figures stand beside the filters. */
  #classBar() {
    const { judged, listed } = this.app;
    const counts = CLASSES_SHOWN.map((name) => listed.filter((row) => judged.shown[row] === name).length);
    const bar = swatch(BAR_WIDE, 12, (context, scale) => {
      let left = 0;
      CLASSES_SHOWN.forEach((name, i) => {
        const wide = (counts[i] / Math.max(1, listed.length)) * BAR_WIDE;
        if (!wide) return;
        context.beginPath();
        context.rect(left, 0, wide, 12);
        fillAs(context, { name, evidence: "measured" }, scale);
        context.fillStyle = "rgba(0,0,0,.55)";
        context.fillRect(left + wide - 0.5, 0, 0.5, 12);
        left += wide;
      });
      context.strokeStyle = "rgba(0,0,0,.55)";
      context.strokeRect(0.25, 0.25, BAR_WIDE - 0.5, 11.5);
    });
    bar.classList.add("class-bar");
    return bar;
  }

  #actions() {
    return make("div", { class: "actions" },
      make("button", { type: "button", "data-key": "download", onclick: () => downloadCsv(this.app) }, say("map.download")),
      make("button", { type: "button", "data-key": "print", onclick: () => window.print() }, say("map.print")),
      make("label", { class: "pick inline" }, make("span", { class: "hidden-text" }, say("map.paper")),
        make("select", { "data-key": "paper", onchange: (event) => this.store.change({ paper: event.target.value }) },
          ...["A4", "A3"].map((paper) => make("option", { value: paper, selected: paper === this.store.state.paper }, paper)))));
  }

  #fillTabs() {
    const { state } = this.store;
    const tab = (name, title, n) => make("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(state.tab === name), "aria-controls": "list",
      tabindex: state.tab === name ? "0" : "-1", "data-key": `tab-${name}`,
      onclick: () => this.store.change({ tab: name }),
      onkeydown: (event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        this.store.change({ tab: name === "list" ? "sites" : "list" });
        document.getElementById(`tab-${this.store.state.tab}`).focus();
      },
    }, title, make("span", { class: "count" }, number(n)));
    refill(this.parts.tabs, tab("list", say("map.list"), this.app.listed.length),
      tab("sites", say("map.sites"), this.app.model.candidates.filter((c) => c.selected).length));
  }

  /** Fill the first page of the list, of which the first picture waited for a few rows only. */
  complete() {
    this.shown = Math.max(this.shown, PAGE_ROWS);
    const key = document.activeElement?.dataset?.key;
    this.fillList();
    if (key) this.root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }

  fillList() {
    const { list } = this.parts;
    list.setAttribute("aria-labelledby", `tab-${this.store.state.tab}`);
    if (this.store.state.tab === "sites") refill(list, ...this.#siteRows());
    else refill(list, ...this.#hamletRows());
  }

  #hamletRows() {
    const { model, judged, listed } = this.app;
    const { hamlets } = model;
    if (!listed.length) return [make("p", { class: "quiet" }, say("map.list_empty"))];
    const rows = listed.slice(0, this.shown).map((row, place) => make("li", {},
      make("button", { type: "button", class: "row", "data-key": `row-${row}`, "data-row": row, onclick: () => this.app.openHamlet(row) },
        make("span", { class: "place" }, number(place + 1)),
        classSwatch({ name: judged.shown[row], evidence: judged.evidence[row], power: model.powerShown(row) }, { width: 22, height: 26 }),
        make("span", { class: "text" },
          make("b", {}, hamlets.names[row]),
          make("span", { class: "quiet" }, [
            model.communeName(row), sayValue("class", judged.shown[row]),
            ...(model.isArea(row) ? [] : [say("map.people", { n: number(hamlets.people[row]) }), sayValue("power", model.value("power", row))]),
          ].filter(Boolean).join(" · "))),
        make("span", { class: "score" }, number(hamlets.priority[row] / 100, 1)))));
    const left = listed.length - this.shown;
    const next = Math.min(left, PAGE_ROWS);
    return [
      make("ol", { class: "rows" }, ...rows),
      left > 0 ? make("button", {
        type: "button", class: "plain-button", "data-key": "more",
        onclick: () => {
          const first = this.shown;
          this.shown += PAGE_ROWS;
          this.fillList();
          this.parts.list.querySelectorAll("button.row")[first]?.focus();
        },
      }, say("map.list_more", { n: number(next) })) : null,
    ];
  }

  #siteRows() {
    const chosen = this.app.model.candidates.filter((c) => c.selected);
    if (!chosen.length) return [make("p", { class: "quiet" }, say("map.sites_empty"))];
    return [make("ol", { class: "rows" }, ...chosen.map((candidate) => make("li", {},
      make("button", {
        type: "button", class: "row", "data-key": `site-${candidate.site_id}`,
        "aria-current": String(candidate.site_id === this.store.state.site),
        onclick: () => this.app.openSite(candidate),
      }, make("span", { class: "pin" }, number(candidate.rank)),
      make("span", { class: "text" },
        make("b", {}, siteGain(candidate)),
        make("span", { class: "quiet" }, [carrierName(candidate.carrier), million(candidate.cost_vnd), sayValue("power_solution", candidate.power_solution)].join(" · ")))))))];
  }

  #sources() {
    const { about } = this.app.model;
    return make("footer", {},
      make("h2", {}, say("map.sources")),
      make("p", {}, dataDate(about)),
      make("p", {}, thresholds(about)),
      about.sources.length ? [make("p", {}, `${say("map.sources_files")}:`), listed(about.sources, 40)] : null,
      make("p", {}, say("map.made_by", { version: about.version })));
  }
}
