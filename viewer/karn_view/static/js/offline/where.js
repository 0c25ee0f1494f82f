// @ts-check
/** A condition on a field of a record, as `karn_view/where.py` understands it: `loss>3`, `data.slot_id=r0c1`, `message~nan`. Pure. */

import { brief } from "../exact.js";

const FIELD = /^([\w./@:[\]-]+?)(>=|<=|!=|=|>|<|~)(.+)$/s;
/** @type {Record<string, (a: number, b: number) => boolean>} */
const COMPARE = { ">": (a, b) => a > b, ">=": (a, b) => a >= b, "<": (a, b) => a < b, "<=": (a, b) => a <= b };

/** @typedef {(record: Record<string, any>) => boolean} Where */

/**
 * Whether a record has such a field, at its path, below `data`, or in any object.
 * @param {string} text
 * @returns {Where | string}  or why it is no condition
 */
export function where(text) {
  const [, path, sign, value] = FIELD.exec(text) ?? [];
  if (!path) return `'${text.slice(0, 60)}' is no condition on a field; one looks like loss>3 or slot_id=r0c1`;
  const wanted = numberOf(value);
  if (sign in COMPARE && wanted === null) return `${path.slice(0, 40)} can be compared with a number only: '${text.slice(0, 60)}'`;
  return (record) => {
    const found = at(record, path);
    if (found === undefined) return sign === "!=";
    if (sign === "~") return brief(found).toLowerCase().includes(value.toLowerCase());
    const number = numberOf(found);
    if (sign in COMPARE) return number !== null && COMPARE[sign](number, /** @type {number} */ (wanted));
    return (brief(found) === value || (number !== null && number === wanted)) === (sign === "=");
  };
}

/** A field by its path: from the top, below `data`, or else of that name in any object. @param {Record<string, any>} record @param {string} path */
function at(record, path) {
  const places = [record, record.data, ...Object.values(record)];
  return places.filter(isObject).map((place) => below(place, path)).find((found) => found !== undefined);
}

/** @param {Record<string, any>} record @param {string} path @returns {any}  undefined where it is missing or null */
function below(record, path) {
  if (Object.hasOwn(record, path)) return record[path] ?? undefined;
  const dot = path.indexOf(".");
  const inner = dot < 0 ? undefined : record[path.slice(0, dot)];
  return isObject(inner) ? below(inner, path.slice(dot + 1)) : undefined;
}

/** @param {unknown} value @returns {value is Record<string, any>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {number | null} */
function numberOf(value) {
  const words = typeof value === "object" ? "" : brief(value).trim();
  const number = typeof value === "boolean" ? Number(value) : Number(words || "none");
  return Number.isNaN(number) ? null : number;
}
