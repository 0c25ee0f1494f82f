// @ts-check
/** The moments of a run that a replay steps to: line by line, or place by place on the axis. */

import * as api from "./api.js";

/** The moment at which one more line is in, or one less. @param {string} run @param {number} at @param {1 | -1} way @returns {Promise<number | undefined>} */
export async function nextLine(run, at, way) {
  const { lines } = await api.lines(run, { near: at, limit: 4 });
  return (way > 0 ? lines.find(({ offset }) => offset > at) : lines.findLast(({ offset }) => offset < at))?.offset;
}

/** The moment at which the next place on the axis is in whole, or the present one is out. @param {string} run @param {number} at @param {1 | -1} way @returns {Promise<number | undefined>} */
export async function nextPlace(run, at, way) {
  const { lines } = await api.lines(run, { near: at, limit: 4 });
  const placed = lines.filter(({ x }) => typeof x === "number");
  const x = (way > 0 ? placed.find(({ offset }) => offset >= at) : placed.findLast(({ offset }) => offset < at))?.x ?? null;
  if (x === null) return nextLine(run, at, way);
  const found = await api.lines(run, way > 0 ? { near: at, x: beyond(x), limit: 1 } : { near: 0, x, limit: 1 });
  const offset = found.lines[0]?.offset;
  return way > 0 || (offset ?? at) < at ? offset : nextLine(run, at, way);
}

/** The moment at which everything up to a place on the axis is in; none when that is the end. @param {string} run @param {number} x @returns {Promise<number | undefined>} */
export async function placeAfter(run, x) {
  const { lines } = await api.lines(run, { near: 0, x: beyond(x), limit: 1 });
  return lines[0]?.offset;
}

/** The least that is more, for a search. @param {number} x */
function beyond(x) {
  return x + Math.max(Number.MIN_VALUE, Math.abs(x) * Number.EPSILON);
}
