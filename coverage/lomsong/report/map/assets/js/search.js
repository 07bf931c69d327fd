// Find hamlets, communes and codes without accents; arrows walk the results, Enter opens one.

const MOST_FOUND = 20;

/** Return rows whose name, commune or code holds every word, those that start with the text first. */
function found(model, text) {
  const key = folded(text);
  if (!key) return [];
  const parts = key.split(" ");
  const hits = [];
  for (let row = 0; row < model.n; row += 1) {
    const own = model.keys[row];
    if (!parts.every((part) => own.includes(part))) continue;
    const name = folded(model.hamlets.names[row]);
    hits.push([name === key ? 0 : name.startsWith(key) ? 1 : name.includes(key) ? 2 : 3, row]);
  }
  return hits.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, row]) => row);
}

function searchBox(app) {
  let rows = [];
  let active = -1;
  const options = make("ul", { id: "found", role: "listbox", class: "found", hidden: true, "aria-label": say("map.search") });
  const told = make("p", { class: "hidden-text", role: "status", "aria-live": "polite" });
  const input = make("input", {
    id: "search", type: "search", role: "combobox", autocomplete: "off", spellcheck: "false",
    placeholder: `${say("map.search")} (${say("map.search_hint")})`, "aria-label": say("map.search"),
    "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list",
    oninput: () => show(), onfocus: () => show(),
    onblur: () => setTimeout(hide, 150),
    onkeydown: (event) => walk(event),
  });

  function hide() {
    options.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(row) {
    hide();
    input.value = app.model.hamlets.names[row];
    app.openHamlet(row);
  }

  function show() {
    const all = found(app.model, input.value);
    rows = all.slice(0, MOST_FOUND);
    if (!input.value.trim()) {
      hide();
      refill(told);
      return;
    }
    refill(told, all.length ? say("map.search_found", { n: number(all.length) }) : say("map.search_none"));
    refill(options, ...rows.map((row, i) => make("li", {
      id: `found-${i}`, role: "option", "aria-selected": "false",
      onmousedown: (event) => {
        event.preventDefault();
        choose(row);
      },
    }, make("b", {}, app.model.hamlets.names[row]), make("span", { class: "quiet" }, app.model.communeName(row)))));
    if (!rows.length) put(options, make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "quiet" }, say("map.search_none")));
    options.hidden = false;
    input.setAttribute("aria-expanded", "true");
    active = -1;
  }

  function mark(next) {
    options.children[active]?.setAttribute("aria-selected", "false");
    active = next;
    options.children[active].setAttribute("aria-selected", "true");
    options.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `found-${active}`);
  }

  function walk(event) {
    if (event.key === "Escape") hide();
    if (!rows.length || options.hidden) return;
    if (event.key === "ArrowDown") mark((active + 1) % rows.length);
    else if (event.key === "ArrowUp") mark((active + rows.length - (active < 0 ? 0 : 1)) % rows.length);
    else if (event.key === "Enter") choose(rows[Math.max(0, active)]);
    else return;
    event.preventDefault();
  }

  return make("div", { class: "search", role: "search" }, input, options, told);
}
