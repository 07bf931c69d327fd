// Say things in the chosen language, write numbers and dates as it does, and compare text without accents.

const words = { all: {}, language: "vi" };

/** English words that lose their "s" behind a 1. */
const COUNTED = /\{(\w+)\}(?: (filter|hamlet|cluster|sample|device|time|household|site|square)s\b)?/g;

function say(key, figures = {}) {
  const text = words.all[words.language][key];
  if (text === undefined) throw new Error(`no text for ${key}`);
  return text.replace(COUNTED, (_, name, noun) =>
    (noun ? `${figures[name]} ${noun}${String(figures[name]) === "1" ? "" : "s"}` : figures[name]));
}

function sayValue(column, value) {
  const key = `${column}.${value}`;
  return key in words.all[words.language] ? say(key) : String(value);
}

const carrierName = (carrier) => sayValue("carrier", carrier);

/** Write a figure as the language does: 1.234,5 or 1,234.5. (Intl does the same, but takes long to wake up.) */
function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return say("missing");
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  const [group, point] = words.language === "vi" ? [".", ","] : [",", "."];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  const sign = value < 0 && /[1-9]/.test(whole + (part || "")) ? "−" : "";
  return sign + grouped + (part ? point + part : "");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function date(iso) {
  if (!iso) return say("missing");
  const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(iso);
  if (!found) return iso;
  const [, year, month, day] = found;
  if (words.language === "vi") return `${day}/${month}/${year}`;
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
}

function metres(value) {
  if (value === null) return say("missing");
  return value < 1000
    ? say("map.metres", { n: number(value) })
    : say("map.kilometres", { n: number(value / 1000, value % 1000 ? 1 : 0) });
}

const million = (value) =>
  value === null ? say("missing") : say("map.million_vnd", { n: number(value / 1e6, value < 1e7 ? 1 : 0) });

/** Return text as it is compared: no accents, no case; đ and its look-alike ð have no accent to take off. */
function folded(text) {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[đð]/g, "d")
    .replace(/[’']/g, "'")
    .replace(/\s+/g, " ")
    .trim();
}
