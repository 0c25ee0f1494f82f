// @ts-check
/** Numbers, ages and times as a person reads them. Pure. */

export const MISSING = "—";

const COMPACT = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/**
 * Three significant digits; an em dash for what was never measured.
 * @param {unknown} value
 * @returns {string}
 */
export function number(value) {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value !== "number" || Number.isNaN(value)) return MISSING;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return minus(compact(value));
}

/** @param {number} value */
function compact(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e15) return value.toExponential(1).replace("e+", "e");
  if (size < 1e-3) return value.toExponential(1).replace("e-", "e−");
  if (Number.isInteger(value) && size < 1e5) return String(value);
  for (const [unit, letter] of COMPACT) {
    if (size >= /** @type {number} */ (unit) && size >= 1e4) return significant(value / /** @type {number} */ (unit)) + letter;
  }
  return significant(value);
}

/** A round number as short as it can be, with the digits it has: 12.5k. @param {number} value @param {number} digits  at most */
function tickLabel(value, digits) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-3) return minus(compact(Number(value.toPrecision(3))));
  const [unit, letter] = COMPACT.find(([least]) => size >= 1e4 && size >= /** @type {number} */ (least)) ?? [1, ""];
  return minus(String(Number((value / /** @type {number} */ (unit)).toPrecision(digits)))) + letter;
}

/** Labels of ticks, with as many digits as tell them apart. @param {number[]} ticks */
export function tickLabels(ticks) {
  const labels = [6, 9, 12, 15].map((digits) => ticks.map((tick) => tickLabel(tick, digits)));
  return labels.find((some) => new Set(some).size === ticks.length) ?? labels[0];
}

/** @param {number} value */
function significant(value) {
  const size = Math.abs(value);
  if (size >= 999.5) return value.toFixed(0);
  if (size >= 99.95) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  return size >= 0.9995 ? value.toFixed(2) : String(Number(value.toPrecision(3)));
}

/** The typographic minus, as wide as a digit. @param {string} digits */
function minus(digits) {
  return digits.startsWith("-") ? "−" + digits.slice(1) : digits;
}

/** A factor: always with its two digits after the point. @param {unknown} value */
export function factor(value) {
  return typeof value === "number" && Math.abs(value) < 9.995 ? minus(value.toFixed(2)) : number(value);
}

/** With its sign. @param {unknown} value */
export function signed(value) {
  const digits = number(value);
  return typeof value === "number" && value > 0 ? "+" + digits : digits;
}

/** Every digit, for a title. @param {unknown} value */
export function exact(value) {
  return value === null || value === undefined ? "never measured" : String(value);
}

/** Made once: `toLocaleString` makes one anew at each call. */
const COUNT = new Intl.NumberFormat("en");

/** A count of things. @param {number} value */
export function count(value) {
  return COUNT.format(Math.round(value));
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const unit = ["kB", "MB", "GB", "TB"];
  let power = -1;
  while (bytes >= 999.5 && power < 3) {
    bytes /= 1000;
    power += 1;
  }
  return `${significant(bytes)} ${unit[power]}`;
}

/**
 * A length of time in one or two units.
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return MISSING;
  const s = Math.max(0, seconds);
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 99.5) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
  return `${Math.round(s / 86400)} d`;
}

/** @param {number | null | undefined} seconds */
export function ago(seconds) {
  return typeof seconds === "number" && Number.isFinite(seconds) ? `${duration(seconds)} ago` : MISSING;
}

/** Time of day, local. @param {number | null | undefined} wall */
export function clock(wall) {
  if (typeof wall !== "number" || !Number.isFinite(wall)) return MISSING;
  return new Date(wall * 1000).toLocaleTimeString("en-GB");
}

/** Date, time and zone, local. @param {number | null | undefined} wall */
export function moment(wall) {
  if (typeof wall !== "number" || !Number.isFinite(wall)) return MISSING;
  const date = new Date(wall * 1000);
  return date.toLocaleString("sv-SE", { timeZoneName: "short" });
}

/** A metric's name without what the neighbours share. @param {string} name */
export function splitName(name) {
  const cut = name.lastIndexOf("/");
  return cut < 0 ? { head: "", tail: name } : { head: name.slice(0, cut + 1), tail: name.slice(cut + 1) };
}

/** "1 alert", "2 alerts". @param {number} n @param {string} noun */
export function plural(n, noun) {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}
