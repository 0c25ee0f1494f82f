// @ts-check
/** JSON without loss: integers that a double cannot hold stay digits. Pure. */

/** Marks a string that was a bare integer in the line; a private-use character that no log writes. */
const DIGITS = "\uE000";
const TOKEN = /"(?:[^"\\]|\\.)*"|-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|Infinity)/g;

/**
 * Like JSON.parse, but integers beyond 2^53 come back as marked text (see `pretty`), and so do the tokens that Python writes for what is no number.
 * @param {string} json
 * @returns {any}
 */
export function parse(json) {
  return JSON.parse(json.replace(TOKEN, (token) => (unsafe(token) ? `"${DIGITS}${token}"` : /[Ny]$/.test(token) ? `"${token}"` : token)));
}

/** @param {string} token */
function unsafe(token) {
  return token.length > 15 && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token));
}

/** A value as indented JSON with every digit it had. @param {unknown} value */
export function pretty(value) {
  return JSON.stringify(value, null, 2).replace(new RegExp(`"${DIGITS}(-?\\d+)"`, "g"), "$1");
}

/** A value as one short line. @param {unknown} value */
export function brief(value) {
  if (typeof value === "string") return value.startsWith(DIGITS) ? value.slice(1) : value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
