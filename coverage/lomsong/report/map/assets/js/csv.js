// Write the filtered list as CSV that a spreadsheet opens with its accents and without running anything.

const BYTE_ORDER_MARK = "\uFEFF";

function csvCell(value) {
  const plain = value === null || value === undefined || Number.isNaN(value) ? "" : String(value);
  // A text that a spreadsheet would take for a formula gets a quote before it; a number stays a number.
  const safe = typeof value === "string" && /^\s*[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n;]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function csvColumns(app) {
  const { model, judged } = app;
  const { hamlets } = model;
  const word = (column) => (row) => sayValue(column, model.value(column, row));
  const flag = (column) => (row) =>
    hamlets[column][row] === NO_CODE ? "" : say(hamlets[column][row] ? "flag.true" : "flag.false");
  return [
    ["hamlet_id", (row) => hamlets.ids[row]],
    ["name", (row) => hamlets.names[row]],
    ["commune_code", (row) => hamlets.communes[hamlets.commune[row]]?.[0] ?? ""],
    ["commune_name", (row) => model.communeName(row)],
    ["class", (row) => sayValue("class", judged.shown[row])],
    ["evidence", (row) => sayValue("evidence", judged.evidence[row])],
    ["official_class", word("official_class")],
    ["households", (row) => hamlets.households[row]],
    ["people", (row) => hamlets.people[row]],
    ["people_unserved", (row) => hamlets.people_unserved[row]],
    ["people_unknown", (row) => hamlets.people_unknown[row]],
    ["power", word("power")],
    ["power_source", (row) => hamlets.power_sources[hamlets.power_source[row]] ?? ""],
    ["power_as_of", (row) => hamlets.power_dates[hamlets.power_as_of[row]] ?? ""],
    ["extremely_difficult", flag("extremely_difficult")],
    ["gap_no_grid", flag("gap_no_grid")],
    ["funding_route", word("funding_route")],
    ["priority", (row) => hamlets.priority[row] / 100],
    ["longitude", (row) => Number(model.placeOf(row).lng.toFixed(5))],
    ["latitude", (row) => Number(model.placeOf(row).lat.toFixed(5))],
  ];
}

function csvText(app) {
  const columns = csvColumns(app);
  const { carrier, technology, view } = app.store.state;
  const scope = say("map.page_scope", {
    carrier: carrierName(carrier), technology, view: say(`map.view_${view}`),
  });
  // The class is that of the chosen carrier and view, so its heading names them.
  const head = columns.map(([name]) => (name === "class" ? `${say("map.class")} (${scope})` : say(`column.${name}`)));
  const lines = [head, ...app.listed.map((row) => columns.map(([, read]) => read(row)))];
  return BYTE_ORDER_MARK + lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

function downloadCsv(app) {
  const uri = URL.createObjectURL(new Blob([csvText(app)], { type: "text/csv;charset=utf-8" }));
  const link = make("a", { href: uri, download: "lomsong.csv" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(uri), 10000);
}
