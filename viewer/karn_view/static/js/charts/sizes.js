// @ts-check
/** How large charts are, in places of their grid. Pure. */

/** @typedef {[number, number]} Size  places wide, places high */

/** More places no chart takes, however wide the window. */
const MOST = 8;

/** @param {Size} size @returns {Size} */
export function within([width, height]) {
  return [Math.min(MOST, Math.max(1, width)), Math.min(MOST, Math.max(1, height))];
}

/** @param {Map<string, Size>} sizes @param {string} chart @returns {Size} */
export function sizeOf(sizes, chart) {
  return sizes.get(chart) ?? [1, 1];
}

/** The sizes with another one for a chart; a single place is what every chart has. @param {Map<string, Size>} sizes @param {string} chart @param {Size} size */
export function resized(sizes, chart, size) {
  const [width, height] = within(size);
  const changed = new Map(sizes);
  changed.delete(chart);
  return width > 1 || height > 1 ? changed.set(chart, [width, height]) : changed;
}
