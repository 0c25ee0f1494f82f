// @ts-check
/** Columns of one metric in the page: merged by index, thinned without losing an extreme, smoothed. Pure. */

/** Beyond this many points a series is thinned: about four a pixel on a wide screen. */
export const KEEP = 8000;

/** @typedef {{x: number, value: string}} NonFinite */

/**
 * @typedef {object} Packed  A series as the viewer sends it.
 * @property {string} name
 * @property {number} points  how many the run has, thinned or not
 * @property {boolean} exact
 * @property {boolean} [approximate]  drawn from samples of a file that is still being read
 * @property {boolean} [banded]
 * @property {number} n
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {ArrayLike<number>} min
 * @property {ArrayLike<number>} max
 * @property {ArrayLike<number>} offset
 * @property {ArrayLike<number>} [wall]
 * @property {NonFinite[]} non_finite
 * @property {{x: ArrayLike<number>, y: ArrayLike<number>}} [old]  the branch that a resume has replaced
 */

/**
 * @typedef {object} Tail  New points of one metric; `start` is the index of the first in the run.
 * @property {number} start
 * @property {number[]} x
 * @property {(number | string | null)[]} y
 * @property {(number | null)[]} wall
 * @property {number[]} offset
 */

/** How many non-finite values are marked one by one, as the viewer does. */
const MARKS_MOST = 500;
let made = 0;

export class Series {
  /** Whether a point stands for several values, at the same x or thinned out. */
  #stacked = false;

  /** @param {Packed} packed */
  constructor(packed) {
    /** Never given twice, for whoever keeps something computed. */
    this.id = (made += 1);
    this.name = packed.name;
    this.count = packed.points;
    this.exact = packed.exact;
    this.approximate = packed.approximate ?? false;
    /** Whether min and max are what the file tells, rather than of the points that were thinned out. */
    this.banded = packed.banded ?? false;
    this.x = Array.from(packed.x);
    this.y = Array.from(packed.y);
    this.min = Array.from(packed.min);
    this.max = Array.from(packed.max);
    this.offset = Array.from(packed.offset);
    this.nonFinite = [...(packed.non_finite ?? [])];
    /** The branch that a resume has replaced. */
    this.superseded = packed.old ?? { x: [], y: [] };
    this.#stacked = this.min.some((low, i) => low < this.max[i]);
    /** The run of which each point is, where they are of several. @type {string[]} */
    this.runs = [];
    /** No longer what the viewer has: to be fetched again, shown until then. */
    this.stale = false;
    /** Grows with every change. */
    this.version = 0;
  }

  get length() {
    return this.x.length;
  }

  /** Whether there is more between min and max than the line itself. */
  get hasBand() {
    return !this.exact || this.banded || this.#stacked;
  }

  /** Whether it goes back along x as it was written: a cloud rather than a line. */
  get scattered() {
    /** @type {Map<string | undefined, number>} */
    const reached = new Map();
    return this.offset.some((offset, i) => {
      const before = reached.get(this.runs[i]) ?? 0;
      reached.set(this.runs[i], offset);
      return offset < before;
    });
  }

  /** How many points stand for one shown point. */
  get ratio() {
    return this.length ? Math.max(1, this.count / this.length) : 1;
  }

  /**
   * Adds what is new in `tail`; points that are here already are passed over.
   * @param {Tail} tail
   * @param {(point: {x: number, wall: number | null}) => number} position  where a point stands on the axis on screen
   * @returns {boolean} false when points before the tail are missing: fetch the series again
   */
  append(tail, position) {
    if (tail.start > this.count) return false;
    if (tail.start + tail.x.length <= this.count) return true;
    for (let i = this.count - tail.start; i < tail.x.length; i++) this.#push(tail, i, position);
    this.count = Math.max(this.count, tail.start + tail.x.length);
    if (this.length > KEEP) this.thin();
    this.version += 1;
    return true;
  }

  /** @param {Tail} tail @param {number} i @param {(point: {x: number, wall: number | null}) => number} position */
  #push(tail, i, position) {
    const x = position({ x: tail.x[i], wall: tail.wall[i] });
    const value = tail.y[i];
    const y = typeof value === "number" ? value : NaN;
    if (!Number.isFinite(y) && this.nonFinite.length < MARKS_MOST) this.nonFinite.push({ x, value: String(value) });
    const last = this.x.length - 1;
    if (x === this.x[last]) return this.#stack(last, y, tail.offset[i]);
    if (!(x > (this.x[last] ?? -Infinity))) return;
    for (const [column, number] of /** @type {[number[], number][]} */ ([
      [this.x, x], [this.y, y], [this.min, y], [this.max, y], [this.offset, tail.offset[i]],
    ])) column.push(number);
  }

  /** Another value where the last one is. @param {number} last @param {number} y @param {number} offset */
  #stack(last, y, offset) {
    this.y[last] = Number.isNaN(y) ? this.y[last] : y;
    this.min[last] = lower(this.min[last], y);
    this.max[last] = higher(this.max[last], y);
    this.offset[last] = offset;
    this.#stacked ||= this.min[last] < this.max[last];
  }

  /** Merges neighbours two by two: half the points, every extreme kept. */
  thin() {
    const last = (/** @type {number[]} */ column) => pairs(column, (_, b) => b);
    this.min = pairs(this.min, lower);
    this.max = pairs(this.max, higher);
    this.y = pairs(this.y, (a, b) => (Number.isNaN(b) ? a : b));
    this.x = last(this.x);
    this.offset = last(this.offset);
    this.exact = false;
  }

  /** How many leading points come from before this offset. @param {number | null} at */
  until(at) {
    return at === null ? this.length : firstNotBelow(this.offset, at);
  }
}

/** @param {number[]} column @param {(a: number, b: number) => number} merge */
function pairs(column, merge) {
  const merged = [];
  for (let i = 0; i + 1 < column.length; i += 2) merged.push(merge(column[i], column[i + 1]));
  if (column.length % 2) merged.push(column[column.length - 1]);
  return merged;
}

/** @param {number} a @param {number} b */
function lower(a, b) {
  return a < b || Number.isNaN(b) ? a : b;
}

/** @param {number} a @param {number} b */
function higher(a, b) {
  return a > b || Number.isNaN(b) ? a : b;
}

/** Index of the first value that is not below `bound` in an ascending column. @param {ArrayLike<number>} column @param {number} bound */
export function firstNotBelow(column, bound) {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the value nearest to `x` in an ascending column, -1 when it is empty. @param {ArrayLike<number>} column @param {number} x @param {number} [length] */
export function nearest(column, x, length = column.length) {
  const after = Math.min(firstNotBelow(column, x), length - 1);
  return after > 0 && x - column[after - 1] < column[after] - x ? after - 1 : after;
}

/**
 * Exponential moving average by distance on x, without the bias towards zero at the start.
 * Two points as far apart as the usual gap weigh as in a plain average of that weight; gaps stay gaps.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {number} weight  0 (none) to below 1
 * @returns {number[]}
 */
export function smooth(x, y, weight) {
  const n = y.length;
  const usual = n > 1 ? (x[n - 1] - x[0]) / (n - 1) : 1;
  const smoothed = new Array(n);
  let sum = 0;
  let total = 0;
  let previous = x[0];
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(y[i])) {
      smoothed[i] = NaN;
      continue;
    }
    const decay = total ? weight ** ((x[i] - previous) / usual) : 0;
    sum = sum * decay + y[i] * (1 - weight);
    total = total * decay + (1 - weight);
    smoothed[i] = sum / total;
    previous = x[i];
  }
  return smoothed;
}

/**
 * Several columns on one x, as uPlot wants them: `null` is a gap, `undefined` a place where the others have a point.
 * Points before `from` and from `n` on are left out.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, n: number, from?: number}[]} lines
 * @returns {(number | null | undefined)[][]}
 */
export function align(lines) {
  const xs = unionOf(lines);
  return [xs, ...lines.map((line) => alignOne(line, xs))];
}

/** @param {{x: ArrayLike<number>, n: number, from?: number}[]} lines @returns {number[]} */
function unionOf(lines) {
  const own = lines.map((line) => Array.prototype.slice.call(line.x, line.from ?? 0, line.n));
  if (!own.length || own.every((xs) => xs === own[0] || equal(xs, own[0]))) return own[0] ?? [];
  const all = own.flat();
  all.sort((a, b) => a - b);
  return all.filter((x, i) => i === 0 || x !== all[i - 1]);
}

/** @param {number[]} a @param {number[]} b */
function equal(a, b) {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** @param {{x: ArrayLike<number>, y: ArrayLike<number>, n: number, from?: number}} line @param {number[]} xs */
function alignOne(line, xs) {
  let i = line.from ?? 0;
  return xs.map((x) => {
    if (i >= line.n || line.x[i] !== x) return undefined;
    const y = line.y[i++];
    return Number.isFinite(y) ? y : null;
  });
}

/** Between these shares of the values lies their bulk: the first that is not a divergence itself. */
const BULKS = [[0.05, 0.95], [0.05, 0.7], [0.3, 0.95], [0.05, 0.45], [0.55, 0.95]];
/** A bulk so many times as wide as the narrowest holds a divergence. */
const DIVERGED = 1e4;
/** Values that differ by no more than this share are equal. */
const ROUNDING = 1e-9;
/** An outlier lies beyond the bulk by so many times its width. */
const FAR = 10;

/**
 * Where the bulk of some columns ends when a few values lie so far out that they would flatten all the rest.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>}[]} lines
 * @param {[number, number]} window
 * @returns {{low: number, high: number, beyond: number} | null}  null when nothing is far out
 */
export function bulk(lines, [from, to]) {
  const values = within(lines, from, to).sort(); // four times as fast as with a function that compares
  const bulks = BULKS.map((shares) => shares.map((share) => values[Math.round(share * (values.length - 1))])).filter(([low, high]) => high - low > ROUNDING * Math.max(Math.abs(low), Math.abs(high)));
  const narrowest = Math.min(...bulks.map(([low, high]) => high - low));
  const [low, high] = bulks.find(([low, high]) => high - low <= DIVERGED * narrowest) ?? [0, 0];
  const room = FAR * (high - low);
  if (!room) return null;
  const near = values.subarray(firstNotBelow(values, low - room), values.findLastIndex((value) => value <= high + room) + 1);
  return near.length < values.length ? { low: near[0], high: near[near.length - 1], beyond: values.length - near.length } : null;
}

/** All finite values in a stretch of x. @param {{x: ArrayLike<number>, y: ArrayLike<number>}[]} lines @param {number} from @param {number} to */
function within(lines, from, to) {
  const values = new Float64Array(lines.reduce((sum, { y }) => sum + y.length, 0));
  let n = 0;
  for (const { x, y } of lines) {
    for (let i = 0; i < y.length; i++) if (Number.isFinite(y[i]) && x[i] >= from && x[i] <= to) values[n++] = y[i];
  }
  return values.subarray(0, n);
}

/**
 * Lowest and highest value within a stretch of x.
 * @param {Series} series
 * @param {number} n  how many leading points count
 * @param {[number, number]} window
 * @param {boolean} positive  only values above zero count
 * @returns {[number, number] | null}
 */
export function extent(series, n, [from, to], positive) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = firstNotBelow(series.x, from); i < n && series.x[i] <= to; i++) {
    if (series.min[i] < low && (!positive || series.min[i] > 0)) low = series.min[i];
    if (series.max[i] > high) high = series.max[i];
    if (positive && series.min[i] <= 0 && series.y[i] > 0 && series.y[i] < low) low = series.y[i];
  }
  return low <= high ? [low, high] : null;
}
