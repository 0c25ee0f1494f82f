// @ts-check
/** Curves made from curves: the difference to one, the mean of several, pieces of one after the other. Pure. */

import { firstNotBelow, nearest, Series } from "../series.js";

/** A mean is computed at so many places: about two a pixel of a wide screen. */
const PLACES = 3000;

/**
 * A curve less another, at its own places; nothing where the other was not measured on both sides. Less itself it is
 * nothing but zero: what its points were thinned from does not differ from itself.
 * @param {Series} series
 * @param {Series} base
 */
export function difference(series, base) {
  const below = valuesAt(base, series.x);
  const less = (/** @type {number[]} */ column) => column.map((value, i) => value - below[i]);
  const [min, max] = series === base ? [series.y, series.y] : [series.min, series.max];
  return made(series, { y: less(series.y), min: less(min), max: less(max), exact: series.exact, approximate: series.approximate || base.approximate });
}

/**
 * The mean of curves wherever any of them was measured, and the lowest and highest of them there.
 * @param {Series[]} members  at least one
 */
export function mean(members) {
  const x = thinned([...new Set(members.flatMap((member) => member.x))].sort((a, b) => a - b));
  const columns = members.map((member) => valuesAt(member, x));
  const there = x.map((_, i) => columns.map((column) => column[i]).filter(Number.isFinite));
  return made(members[0], {
    x,
    y: there.map((values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : NaN)),
    min: there.map((values) => (values.length ? Math.min(...values) : NaN)),
    max: there.map((values) => (values.length ? Math.max(...values) : NaN)),
    offset: x.map((place) => members[0].offset[nearest(members[0].x, place)]),
    exact: members.length === 1 && members[0].exact,
    approximate: members.some((member) => member.approximate),
  });
}

/** @typedef {{run: string, series: Series, later: number}} Piece  a curve, and how much later on x its run began */

/**
 * The curves of pieces of one training as one: a later piece wins from where it begins, and what it replaced is kept aside.
 * Along a metric that does not grow with the training nothing is replaced: there the points of all are a cloud.
 * @param {Piece[]} pieces  the earliest first; at least one
 */
export function joined(pieces) {
  const cloud = pieces.some(({ series }) => series.scattered);
  const ends = pieces.map((_, i) => (cloud ? Infinity : Math.min(...pieces.slice(i + 1).map(({ series, later }) => (series.x[0] ?? Infinity) + later))));
  const kept = pieces.map(({ series, later }, i) => firstNotBelow(series.x, ends[i] - later));
  const points = pieces.flatMap((piece, i) => Array.from({ length: kept[i] }, (_, at) => ({ ...piece, at, x: piece.series.x[at] + piece.later })));
  if (cloud) points.sort((a, b) => a.x - b.x);
  const old = pieces.flatMap(({ series, later }, i) => [...branch(series.superseded, 0, later), ...branch(series, kept[i], later)]);
  const series = new Series({
    name: pieces[0].series.name,
    points: pieces.reduce((sum, { series }) => sum + series.count, 0),
    exact: pieces.every(({ series }) => series.exact),
    approximate: pieces.some(({ series }) => series.approximate),
    banded: pieces.some(({ series }) => series.banded),
    n: points.length,
    x: points.map(({ x }) => x),
    y: points.map(({ series, at }) => series.y[at]),
    min: points.map(({ series, at }) => series.min[at]),
    max: points.map(({ series, at }) => series.max[at]),
    offset: points.map(({ series, at }) => series.offset[at]),
    non_finite: pieces.flatMap(({ series, later }, i) => series.nonFinite.filter(({ x }) => x + later < ends[i]).map(({ x, value }) => ({ x: x + later, value }))),
    old: { x: old.map(([x]) => x), y: old.map(([, y]) => y) },
  });
  series.runs = points.map(({ run }) => run);
  return series;
}

/** Points of a branch from one on, and a gap behind them. @param {{x: ArrayLike<number>, y: ArrayLike<number>}} columns @param {number} from @param {number} later @returns {[number, number][]} */
function branch({ x, y }, from, later) {
  if (from >= x.length) return [];
  return [...Array.prototype.slice.call(x, from).map((place, i) => /** @type {[number, number]} */ ([place + later, y[from + i]])), [x[x.length - 1] + later, NaN]];
}

/** @param {Series} like @param {Partial<Series>} columns */
function made(like, columns) {
  const series = new Series(/** @type {any} */ ({ name: like.name, points: like.count, non_finite: [], ...like, ...columns, old: undefined }));
  series.nonFinite = [];
  return series;
}

/** @param {number[]} places */
function thinned(places) {
  const step = Math.ceil(places.length / PLACES);
  return step > 1 ? places.filter((_, i) => i % step === 0 || i === places.length - 1) : places;
}

/** A curve's values at ascending places, linear between its points; NaN before the first and after the last. @param {Series} series @param {number[]} places */
function valuesAt(series, places) {
  let i = places.length ? firstNotBelow(series.x, places[0]) : 0;
  return places.map((x) => {
    while (i < series.length && series.x[i] < x) i += 1;
    if (i === series.length || (i === 0 && series.x[0] !== x)) return NaN;
    if (series.x[i] === x) return series.y[i];
    const [x0, y0] = [series.x[i - 1], series.y[i - 1]];
    return y0 + ((series.y[i] - y0) * (x - x0)) / (series.x[i] - x0);
  });
}
