// @ts-check
/** A curve out of packed columns, thinned as the viewer does: the last point of each bin, with the bin's extremes. Pure. */

import { metricOf } from "../charts/frame.js";
import { firstNotBelow } from "../series.js";

/** @typedef {import("./packed.js").Packed} Packed */
/** @typedef {import("./packed.js").Branch} Branch */

/**
 * @param {Packed} run
 * @param {string} name
 * @param {{x: string, points: number, from?: number, to?: number}} query
 * @returns {import("../series.js").Packed}
 */
export function curve(run, name, { x: axis, points, from, to }) {
  const { current, old } = /** @type {{current: Branch, old: Branch}} */ (run.series.get(name));
  const seen = within(ordered(placed(run, current, axis)), from, to);
  const stacks = stacksOf(seen);
  const starts = stacks.length > points ? binsOf(seen, points) : stacks;
  const column = (/** @type {(i: number, end: number) => number} */ of) => Float64Array.from(starts, (start, i) => of(start, starts[i + 1] ?? seen.length));
  const lasts = within(ordered(placed(run, old, axis)), from, to).filter(isLast);
  return {
    name,
    points: current.rows.length + old.rows.length,
    exact: starts === stacks,
    n: starts.length,
    x: column((_, end) => seen[end - 1].x),
    y: column((start, end) => lastFinite(seen, start, end)),
    min: column((start, end) => extreme(seen, start, end, Math.min)),
    max: column((start, end) => extreme(seen, start, end, Math.max)),
    offset: column((_, end) => run.offsets[seen[end - 1].row]),
    wall: column((_, end) => run.walls[seen[end - 1].row]),
    non_finite: seen.filter(({ y }) => !Number.isFinite(y)).map(({ x, y }) => ({ x, value: String(y) })),
    old: { x: lasts.map(({ x }) => x), y: lasts.map(({ y }) => y) },
  };
}

/** @typedef {{x: number, y: number, row: number}} Point */

/** @param {Packed} run @param {Branch} branch @param {string} axis @returns {Point[]} */
function placed(run, { rows, values }, axis) {
  const start = axis === "relative" ? (run.walls.find(Number.isFinite) ?? 0) : 0;
  const metric = metricOf(axis);
  const scale = metric !== null ? held(run, metric) : axis === "step" ? run.x : run.walls;
  return Array.from(rows, (row, i) => ({ x: scale[row] - start, y: values[i], row })).filter(({ x }) => Number.isFinite(x));
}

/** A metric's latest value at each row. @param {Packed} run @param {string} metric */
function held(run, metric) {
  const column = new Float64Array(run.x.length).fill(NaN);
  const branches = run.series.get(metric);
  for (const { rows, values } of branches ? [branches.old, branches.current] : []) {
    for (const [i, row] of Array.from(rows).entries()) column[row] = values[i];
  }
  for (let row = 1; row < column.length; row++) if (Number.isNaN(column[row])) column[row] = column[row - 1];
  return column;
}

/** By x. @param {Point[]} list */
function ordered(list) {
  return list.some(({ x }, i) => i > 0 && x < list[i - 1].x) ? list.toSorted((a, b) => a.x - b.x) : list;
}

/** Whether the next point is at another x. @param {Point} point @param {number} i @param {Point[]} list */
function isLast({ x }, i, list) {
  return list[i + 1]?.x !== x;
}

/** Where each x begins. @param {Point[]} list */
function stacksOf(list) {
  return list.flatMap(({ x }, i) => (list[i - 1]?.x !== x ? [i] : []));
}

/** With those of one x beyond each side to draw lines to. @param {Point[]} list @param {number} [from] @param {number} [to] */
function within(list, from = -Infinity, to = Infinity) {
  const starts = stacksOf(list);
  const xs = starts.map((start) => list[start].x);
  const after = firstNotBelow(xs, to);
  return list.slice(starts[Math.max(0, firstNotBelow(xs, from) - 1)], starts[after + (xs[after] === to ? 2 : 1)]);
}

/** Where each of at most so many bins of equal width begins. @param {Point[]} list @param {number} points */
function binsOf(list, points) {
  const first = list[0].x;
  const width = (list[list.length - 1].x - first) / points;
  const bin = (/** @type {number} */ i) => Math.min(points - 1, Math.floor((list[i].x - first) / width));
  return list.map((_, i) => i).filter((i) => i === 0 || bin(i) !== bin(i - 1));
}

/** @param {Point[]} list @param {number} start @param {number} end */
function lastFinite(list, start, end) {
  for (let i = end - 1; i >= start; i--) if (Number.isFinite(list[i].y)) return list[i].y;
  return NaN;
}

/** @param {Point[]} list @param {number} start @param {number} end @param {(a: number, b: number) => number} of */
function extreme(list, start, end, of) {
  let found = NaN;
  for (let i = start; i < end; i++) {
    const { y } = list[i];
    if (Number.isFinite(y)) found = Number.isNaN(found) ? y : of(found, y);
  }
  return found;
}
