// Keep what the reader chose, mirror it in the address, and tell who listens.

const DEFAULTS = {
  language: "vi",
  carrier: "any",
  technology: "4G",
  view: "now",
  preset: false,
  classes: [],
  powers: [],
  evidence: [],
  commune: "",
  hamlet: "",
  site: "",
  tab: "list",
  paper: "A4",
};
const SHORT = {
  language: "l", carrier: "c", technology: "t", view: "v", preset: "g", classes: "k", powers: "p",
  evidence: "e", commune: "x", hamlet: "h", site: "s", tab: "b", paper: "a",
};
const FILTERS = ["preset", "classes", "powers", "evidence", "commune"];

class Store {
  constructor(defaults) {
    this.defaults = { ...DEFAULTS, ...defaults };
    this.state = { ...this.defaults, ...this.#fromAddress() };
    this.listeners = [];
    this.place = new URLSearchParams(location.hash.slice(1)).get("m");
  }

  #fromAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = {};
    for (const [name, short] of Object.entries(SHORT)) {
      if (!given.has(short)) continue;
      const text = given.get(short);
      const kind = this.defaults[name];
      if (Array.isArray(kind)) state[name] = text.split(",").filter(Boolean);
      else state[name] = typeof kind === "boolean" ? text === "1" : text;
    }
    return state;
  }

  /** Fall back to the default where an address asks for what this map does not hold. */
  admit(possible) {
    for (const [name, values] of Object.entries(possible)) {
      if (!values.includes(this.state[name])) this.state[name] = this.defaults[name];
    }
  }

  change(part) {
    const before = this.state;
    this.state = { ...before, ...part };
    this.save();
    for (const listen of this.listeners) listen(this.state, before);
  }

  moved(map) {
    const centre = map.getCenter();
    this.place = [map.getZoom(), centre.lat.toFixed(5), centre.lng.toFixed(5)].join("/");
    this.save();
  }

  save() {
    const kept = new URLSearchParams();
    for (const [name, short] of Object.entries(SHORT)) {
      const value = this.state[name];
      if (String(value) === String(this.defaults[name])) continue;
      kept.set(short, value === true ? "1" : value === false ? "0" : String(value));
    }
    if (this.place) kept.set("m", this.place);
    history.replaceState(null, "", `#${kept}`);
  }

  get activeFilters() {
    return FILTERS.filter((name) => String(this.state[name]) !== String(DEFAULTS[name])).length;
  }

  clearFilters() {
    this.change(Object.fromEntries(FILTERS.map((name) => [name, DEFAULTS[name]])));
  }
}

/** Decide which rows pass the filters; `without` leaves one filter out, to count what it would give. */
function passing(model, judged, state, without = "") {
  const { hamlets } = model;
  const commune = state.commune && without !== "commune" ? state.commune : null;
  const asks = (name, values) => values.length > 0 && without !== name;
  const table = state.carrier === "any" && state.technology === "4G";
  return (row) => {
    if (commune !== null && hamlets.communes[hamlets.commune[row]]?.[0] !== commune) return false;
    if (asks("classes", state.classes) && !state.classes.includes(judged.shown[row])) return false;
    if (asks("powers", state.powers) && !state.powers.includes(model.value("power", row))) return false;
    if (asks("evidence", state.evidence) && !state.evidence.includes(judged.evidence[row])) return false;
    if (!state.preset) return true;
    if (table) return hamlets.gap_no_grid[row] === 1;
    const gap = ["no_signal", "partial", "weak"].includes(judged.now[row]);
    return gap && model.value("power", row) === "no_grid";
  };
}
