// @ts-check
/** A curve the size of a word. */

import { svg } from "./dom.js";

const WIDTH = 96;
const HEIGHT = 18;

/** @param {unknown} points  pairs of x and y */
export function spark(points) {
  const known = (Array.isArray(points) ? points : []).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const picture = /** @type {SVGElement} */ (svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "spark", "aria-hidden": "true" }));
  if (known.length < 2) return picture;
  const across = scale(known.map(([x]) => x), 1, WIDTH - 3);
  const up = scale(known.map(([, y]) => y), HEIGHT - 2, 2);
  const places = known.map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`);
  const [cx, cy] = places[places.length - 1].split(",");
  picture.append(svg("polyline", { points: places.join(" ") }), svg("circle", { cx, cy, r: 1.75 }));
  return picture;
}

/** @param {number[]} values @param {number} from @param {number} to @returns {(value: number) => number} */
function scale(values, from, to) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return (value) => (span ? from + ((value - low) / span) * (to - from) : (from + to) / 2);
}
