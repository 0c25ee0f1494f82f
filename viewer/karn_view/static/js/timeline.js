// @ts-check
/** Moments of a run as a fraction of its length, 0 to 1, and the offsets they stand for. Pure. */

import { firstNotBelow } from "./series.js";

/** @typedef {import("./state.js").Timeline} Timeline */

/**
 * The course of a run: even in wall time where its records carry one, else even in lines.
 * Bins are the stretches of the file in order; between two of them offsets are interpolated.
 * Pieces of one training are one file that goes on, without the time between them, in which nothing ran.
 */
export class Course {
  /** @param {...Timeline} pieces  the earliest first, at least one */
  constructor(...pieces) {
    /** Where each piece begins and ends, and how many seconds before it are left out. */
    this.pieces = beginnings(pieces);
    this.timeline = endToEnd(pieces, this.pieces);
    const { bins, first_wall, last_wall } = this.timeline;
    this.length_s = (last_wall ?? NaN) - (first_wall ?? NaN);
    /** Whether places are times. */
    this.timed = this.length_s > 0;
    this.offsets = bins.map((bin) => bin.offset);
    this.places = this.timed ? times(bins, first_wall ?? 0, this.length_s) : counts(bins);
  }

  /** @param {number} place @returns {number} */
  offsetAt(place) {
    if (place >= 1 || !this.offsets.length) return this.timeline.end;
    return Math.round(between(this.places, this.offsets, place, 1, this.timeline.end));
  }

  /** @param {number} offset @returns {number} */
  placeOf(offset) {
    return between(this.offsets, this.places, offset, this.timeline.end, 1);
  }

  /** The bin a place lies in. @param {number} place */
  binAt(place) {
    return Math.max(0, Math.min(this.places.length - 1, firstNotBelow(this.places, place + 1e-12) - 1));
  }

  /** Where the next bin begins, or the one before. @param {number} place @param {number} by  1 or -1 */
  neighbour(place, by) {
    const slack = 1e-9;
    if (by > 0) return this.places[firstNotBelow(this.places, place + slack)] ?? 1;
    return this.places[firstNotBelow(this.places, place - slack) - 1] ?? 0;
  }

  /** Where a place is on the axis and in time. @param {number} place @returns {Playhead} */
  playhead(place) {
    const { piece } = this.moment(this.offsetAt(place));
    const known = this.timeline.bins.map(({ x, offset }, i) => ({ x, place: this.places[i], of: this.pieceOf(offset) })).filter(({ x, of }) => x !== null && of === piece);
    const xs = known.map(({ x }) => /** @type {number} */ (x));
    const last = xs[xs.length - 1];
    return { x: xs.length ? between(known.map((one) => one.place), xs, place, 1, last) : null, since_s: this.timed ? place * this.length_s + this.pieces[piece].idle_s : null };
  }

  /** Seconds since 1970 at a place, null in a run without times. @param {number} place */
  wallAt(place) {
    const inside = Math.min(1, Math.max(0, place));
    return this.timed ? (this.timeline.first_wall ?? 0) + this.length_s * inside + this.pieces[this.moment(this.offsetAt(inside)).piece].idle_s : null;
  }

  /** The piece in which a line begins at this offset. @param {number} offset */
  pieceOf(offset) {
    return this.pieces.findLastIndex((piece) => piece.offset <= offset);
  }

  /** Which piece has come how far when everything before an offset is in: where one ends, the next has not begun. @param {number} offset */
  moment(offset) {
    const piece = Math.max(0, this.pieceOf(offset - 1));
    return { piece, at: offset - this.pieces[piece].offset };
  }
}

/** @param {Timeline[]} pieces */
function beginnings(pieces) {
  let offset = 0;
  let wall = pieces[0].first_wall ?? NaN;
  return pieces.map(({ first_wall, last_wall, end }) => {
    const piece = { offset, end: offset + end, idle_s: (first_wall ?? NaN) - wall };
    offset = piece.end;
    wall = (last_wall ?? NaN) - piece.idle_s;
    return piece;
  });
}

/** Timelines as of one file that goes on. @param {Timeline[]} pieces @param {ReturnType<typeof beginnings>} begins @returns {Timeline} */
function endToEnd(pieces, begins) {
  const later = (/** @type {{offset: number, wall: number | null}} */ { offset, wall }, /** @type {number} */ i) => ({ offset: offset + begins[i].offset, wall: wall === null ? null : wall - begins[i].idle_s });
  const { end, idle_s } = begins[pieces.length - 1];
  const { last_wall } = pieces[pieces.length - 1];
  const resumed = begins.slice(1).map(({ offset }) => ({ offset, x: null, wall: null, kind: "resume", label: "", severity: "info" }));
  return {
    bins: pieces.flatMap(({ bins }, i) => bins.map((bin) => ({ ...bin, ...later(bin, i) }))),
    marks: [...pieces.flatMap(({ marks }, i) => marks.map((mark) => ({ ...mark, ...later(mark, i) }))), ...resumed],
    first_wall: pieces[0].first_wall,
    last_wall: last_wall === null ? null : last_wall - idle_s,
    end,
  };
}

/** @typedef {{x: number | null, since_s: number | null}} Playhead */

/**
 * How far a run is shown that is replayed in step with another: up to the same place on x, null is all.
 * @param {string} axis  what the charts run along
 * @param {Playhead | null} playhead
 * @param {number | null} started_at  of the run in question
 */
export function inStep(axis, playhead, started_at) {
  if (!playhead) return null;
  if (axis === "step") return playhead.x;
  if (playhead.since_s === null) return null;
  if (axis === "relative") return playhead.since_s;
  return axis === "wall" && started_at !== null ? started_at + playhead.since_s : null;
}

/** @param {Timeline["bins"]} bins @param {number} first @param {number} length */
function times(bins, first, length) {
  let last = 0;
  return bins.map(({ wall }) => (last = Math.min(1, Math.max(last, ((wall ?? first) - first) / length))));
}

/** @param {Timeline["bins"]} bins */
function counts(bins) {
  const all = bins.reduce((sum, { records }) => sum + records, 0) || 1;
  let passed = 0;
  return bins.map(({ records }) => (passed += records) - records).map((before) => before / all);
}

/** Linear between the points of an ascending curve that ends at (`endX`, `endY`). @param {number[]} xs @param {number[]} ys @param {number} x @param {number} endX @param {number} endY */
function between(xs, ys, x, endX, endY) {
  const after = firstNotBelow(xs, x);
  if (xs[after] === x) return ys[after];
  if (after === 0) return ys[0] ?? endY;
  const [x0, y0] = [xs[after - 1], ys[after - 1]];
  const [x1, y1] = after < xs.length ? [xs[after], ys[after]] : [endX, endY];
  return x1 > x0 ? y0 + ((y1 - y0) * Math.min(1, (x - x0) / (x1 - x0))) : y1;
}
