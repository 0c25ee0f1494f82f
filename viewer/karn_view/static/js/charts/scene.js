// @ts-check
/** What one chart draws now: its curves as they are to be shown, and where its y ends. No DOM. */

import { bulk, extent, firstNotBelow, smooth } from "../series.js";
import { inStep } from "../timeline.js";
import { difference, joined, mean } from "./derive.js";
import { metricOf } from "./frame.js";

/** @typedef {import("../series.js").Series} Series */
/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("../state.js").State} State */

/** The smallest number above zero: a logarithm starts there. */
const ABOVE_ZERO = Number.MIN_VALUE;

/**
 * @typedef {object} Drawn  What one line draws now.
 * @property {Line} line
 * @property {Series} series
 * @property {number} from  first point to draw
 * @property {number} n  leading points to draw
 * @property {ArrayLike<number>} shown  smoothed, or the raw column
 * @property {boolean} cloud  drawn as points: along x it was not written in order
 */

/** @typedef {{x: number, kind: string, severity: string, label: string}} Mark */
/** @typedef {{window: [number, number], logx: boolean, marks: Mark[], key: string}} Frame  what all charts share, and all of it as a key */

/** Read at every draw; its plot holds on to it. */
export class Scene {
  /** @type {Line[]} */
  lines = [];
  /** @type {Drawn[]} */
  drawn = [];
  /** x from, to. @type {[number, number]} */
  window = [0, 1];
  logx = false;
  /** @type {Mark[]} */
  marks = [];
  /** Changes with whatever is shown beside the curves. */
  key = "";
  /** Where the line looked at stands. @type {number | null} */
  focus = null;
  smooth = 0;
  /** Where y ends when a few values lie far out. @type {ReturnType<typeof bulk>} */
  bulk = null;
  /** @type {WeakMap<Series, {key: string, column: number[]}>} */
  #smoothed = new WeakMap();
  /** Curves made from others, and what they were made of. @type {Map<string, {from: string, series: Series}>} */
  #made = new Map();
  #bulkOf = "";

  /** @param {State} state @param {import("../curves.js").Curves} curves */
  constructor(state, curves) {
    this.state = state;
    this.curves = curves;
  }

  /** @param {Line[]} lines @param {Frame} frame */
  read(lines, frame) {
    const { view, focus } = this.state;
    Object.assign(this, frame, { smooth: view.smooth, focus: focus?.x ?? null });
    this.lines = lines;
    this.drawn = lines.flatMap((line) => this.#drawn(line) ?? []);
    if (!view.diff && !lines.some(({ made }) => made)) this.#made.clear();
    if (view.outliers) [this.bulk, this.#bulkOf] = [null, ""];
    else this.#readBulk();
    this.key = JSON.stringify([frame.key, this.smooth, this.focus, this.bulk]);
  }

  /** Whether anything above zero is there for a logarithmic y. */
  get positive() {
    return this.drawn.some(({ series, n }) => extent(series, n, this.window, true));
  }

  /** @param {Line} line @returns {Drawn | null} */
  #drawn(line) {
    const series = this.#series(line);
    if (!series) return null;
    const { view } = this.state;
    const from = this.logx ? firstNotBelow(series.x, ABOVE_ZERO) : 0;
    const n = Math.max(from, this.#shownOf(line, series));
    return { line, series, from, n, shown: this.#shown(series), cloud: metricOf(view.x) !== null && series.scattered };
  }

  /** How many leading points a replay shows: of the chosen training those of before, of others those up to the same place. @param {Line} line @param {Series} series */
  #shownOf({ run, made, metric }, series) {
    const { view, playhead } = this.state;
    if (view.at === null || (run === view.run && !made)) return series.until(view.at);
    if (run === view.run && made === "joined") return series.length - this.#ahead(metric);
    const cut = inStep(view.x, playhead, this.state.startOf(run));
    return cut === null ? series.length : firstNotBelow(series.x, cut + Math.abs(cut) * 1e-12 + ABOVE_ZERO);
  }

  /** How many points of a metric the chosen run has yet to make. @param {string} metric */
  #ahead(metric) {
    const { run, at } = this.state.view;
    const series = this.curves.get(run, metric);
    const made = series?.until(at) ?? 0;
    return series && made ? series.length - made : 0;
  }

  /** @param {Line} line @returns {Series | undefined} */
  #series(line) {
    const { run, diff, compare } = this.state.view;
    const series = this.#curve(line);
    if (!series || !diff || !compare.length) return series;
    const measured = this.state.run?.metrics.has(line.metric);
    const chosen = this.#chosen(line) ?? (measured && { run, metric: line.metric, made: /** @type {""} */ (""), members: [] });
    const base = chosen ? this.#curve(chosen) : undefined;
    return base && this.#make(`${keyOf(line)}\ndifference`, [series, base], () => difference(series, base));
  }

  /** The line of the chosen run with the metric of another one. @param {Line} line */
  #chosen({ metric }) {
    return this.lines.find((line) => line.run === this.state.view.run && line.metric === metric && line.made !== "mean");
  }

  /** @param {import("./lines.js").Member} line @returns {Series | undefined} */
  #curve(line) {
    const { run, metric, made, members } = line;
    if (!made) return this.curves.get(run, metric);
    const pieces = members.flatMap((member) => {
      const series = this.#curve(member);
      if (made === "joined" && series?.until(this.state.untilOf(member.run)) === 0) return [];
      const later = this.state.view.x === "relative" ? this.state.laterOf(member.run) : 0;
      return series && series.length ? [{ run: member.run, series, later }] : [];
    });
    const parts = pieces.map(({ series }) => series);
    if (!parts.length) return undefined;
    return this.#make(keyOf(line), parts, () => (made === "mean" ? mean(parts) : joined(pieces)));
  }

  /** A curve made from others, made again when one of them changed. @param {string} key @param {Series[]} parts @param {() => Series} make */
  #make(key, parts, make) {
    const from = parts.map(({ id, version }) => `${id}.${version}`).join(" ");
    const known = this.#made.get(key);
    if (known?.from === from) return known.series;
    const series = make();
    this.#made.set(key, { from, series });
    return series;
  }

  /** @param {Series} series */
  #shown(series) {
    if (!this.smooth) return series.y;
    const key = `${this.smooth} ${series.version}`;
    const kept = this.#smoothed.get(series);
    if (kept?.key === key) return kept.column;
    const column = smooth(series.x, series.y, this.smooth);
    this.#smoothed.set(series, { key, column });
    return column;
  }

  /**
   * Outliers are looked for in all that will be shown, and again only when it changed. The right axis reaches as far as
   * its values; the chosen run's difference to itself is no measure.
   */
  #readBulk() {
    const { diff, run } = this.state.view;
    const left = this.drawn.filter(({ line }) => line.side === "left" && !(diff && line.run === run)).map(({ series }) => series);
    const key = `${this.window} ${left.map(({ id, version }) => `${id}.${version}`)}`;
    if (key === this.#bulkOf) return;
    this.#bulkOf = key;
    this.bulk = bulk(left, this.window);
  }
}

/** @param {import("./lines.js").Member} line */
function keyOf({ run, metric, made, members }) {
  return [run, metric, made, ...members.map(({ run }) => run)].join("\n");
}
