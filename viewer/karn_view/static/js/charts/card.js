// @ts-check
/** One chart on the page: its name, its legend with values, its plot. */

import { attribute, fill, h, text } from "../dom.js";
import { icon } from "../icons.js";
import { exact, number, plural, splitName } from "../format.js";
import { align, bulk, extent, nearest, smooth } from "../series.js";
import { gestures } from "./gestures.js";
import { MOST_LINES } from "./lines.js";
import { plot } from "./plot.js";

/** @typedef {import("./lines.js").Chart} Chart */
/** @typedef {import("../series.js").Series} Series */

/**
 * @typedef {object} CardParts
 * @property {import("../state.js").State} state
 * @property {import("../curves.js").Curves} curves
 * @property {import("../palette.js").Palette} palette
 * @property {() => {window: [number, number], marks: {x: number, kind: string}[]}} frame  what all charts share
 * @property {(offset: number, x: number) => void} pick  a point was chosen
 */

/** So much of a card's width is the legend's, the rest the name's. */
const LEGEND_SHARE = 0.66;
const BADGE_PX = 80;
const ENTRY_PX = 62;
const LETTER_PX = 6.5;

/** @typedef {{name: string, plot: import("../../vendor/uPlot.esm.js"), scene: import("./plot.js").Scene}} Drawing  a chart as it stands on screen */

export class Card {
  visible = false;
  /** @type {import("../../vendor/uPlot.esm.js") | null} */
  #plot = null;
  /** What the plot was built for; another key builds another. */
  #built = "";
  /** @type {import("./plot.js").Scene} */
  #scene = { drawn: [], window: [0, 1], marks: [], focus: null, smooth: 0, bulk: null };
  /** @type {WeakMap<Series, {key: string, column: number[]}>} */
  #smoothed = new WeakMap();
  /** @type {HTMLElement[]} */
  #values = [];
  #legendOf = "";
  #badged = "";
  /** @type {{key: string, found: import("./plot.js").Scene["bulk"]}} */
  #bulkOf = { key: "", found: null };

  /** @param {Chart} chart @param {CardParts} parts */
  constructor(chart, parts) {
    this.chart = chart;
    this.parts = parts;
    const { head, tail } = splitName(chart.key);
    this.badges = h("span.badges");
    this.legend = h("ul.legend");
    this.body = h("div.plot", { role: "img", "aria-label": chart.key });
    this.enlarge = h("button.icon.enlarge", { type: "button", title: "Whole screen (f)", onclick: () => this.toggleFull() }, icon("enlarge"));
    this.shared = h("span.quiet");
    const name = h("h3", { title: chart.key }, h("span.quiet", {}, head), tail, this.shared);
    this.node = h("article.card", { tabindex: "0", "data-chart": chart.key, "aria-label": chart.key },
      h("header", {}, name, this.badges, this.legend, this.enlarge), this.body);
    this.body.addEventListener("click", () => this.#pick());
  }

  /** Whether it fills the screen now. */
  get full() {
    return this.node.classList.contains("full");
  }

  /** What is on screen of it, null while it is out of sight. @returns {Drawing | null} */
  get drawing() {
    return this.#plot && { name: this.chart.key, plot: this.#plot, scene: this.#scene };
  }

  toggleFull() {
    const { state } = this.parts;
    state.set({ full: state.view.full === this.chart.key ? "" : this.chart.key });
  }

  /** Draws what the state says now. */
  draw() {
    const full = this.parts.state.view.full === this.chart.key;
    this.node.classList.toggle("full", full);
    attribute(this.enlarge, "aria-label", full ? `Back from the whole screen, ${this.chart.key}` : `${this.chart.key} on the whole screen`);
    this.#readScene(full);
    this.#build();
    this.#drawBadges(full);
    this.#drawLegend(full);
    const columns = align(this.#scene.drawn.map(({ series, shown, n }) => ({ x: series.x, y: shown, n })));
    this.#plot?.setData(/** @type {any} */ (this.#scene.drawn.length ? columns : [[]]));
  }

  /** Frees the canvas of a chart that is out of sight. */
  rest() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#built = "";
  }

  /** @param {boolean} full */
  #readScene(full) {
    const { state, curves, frame } = this.parts;
    const scene = this.#scene;
    const lines = full ? this.chart.lines : this.chart.lines.slice(0, MOST_LINES);
    Object.assign(scene, frame());
    scene.smooth = state.view.smooth;
    scene.focus = state.focus?.x ?? null;
    scene.drawn = lines.flatMap((line) => {
      const series = curves.get(line.run, line.metric);
      if (!series) return [];
      const at = line.run === state.view.run ? state.view.at : null;
      return [{ line, series, n: series.until(at), shown: this.#shown(series) }];
    });
    scene.bulk = state.view.outliers ? null : this.#bulk();
  }

  /** Outliers are looked for in all that will be shown, and again only when it changed. */
  #bulk() {
    const { drawn, window } = this.#scene;
    const key = JSON.stringify([window, drawn.map(({ series }) => [series.name, series.version, series.length])]);
    if (key !== this.#bulkOf.key) this.#bulkOf = { key, found: bulk(drawn.map(({ series }) => series), window) };
    return this.#bulkOf.found;
  }

  /** @param {Series} series */
  #shown(series) {
    const { smooth: weight } = this.#scene;
    if (!weight) return series.y;
    const key = `${weight} ${series.version}`;
    const kept = this.#smoothed.get(series);
    if (kept?.key === key) return kept.column;
    const column = smooth(series.x, series.y, weight);
    this.#smoothed.set(series, { key, column });
    return column;
  }

  /** Positive values are what a logarithm needs; without any the axis stays linear and the badge says so. */
  #logarithmic() {
    const { drawn, window } = this.#scene;
    return this.parts.state.view.logy && drawn.some(({ series, n }) => extent(series, n, window, true));
  }

  #build() {
    const { state, palette } = this.parts;
    const width = this.body.clientWidth;
    const height = this.body.clientHeight;
    const lines = this.#scene.drawn.map(({ line }) => line);
    const logy = this.#logarithmic();
    const key = JSON.stringify([lines, logy, state.view.x, palette.get("ink")]);
    if (this.#plot && key === this.#built) {
      if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
      return;
    }
    this.rest();
    this.#built = key;
    this.#plot = plot({
      parent: this.body, width, height, lines, logy, palette, wall: state.view.x === "wall", scene: this.#scene,
      hover: (x) => this.#hovered(x),
      zoom: (window) => state.set({ zoom: window }),
    });
    gestures(this.#plot, (window) => state.set({ zoom: window }), () => state.view.full === this.chart.key);
  }

  /** @param {number | null} x */
  #hovered(x) {
    const { state } = this.parts;
    if (state.hover === x) return;
    state.hover = x;
    state.emit("hover");
  }

  #pick() {
    const { state, pick } = this.parts;
    if (state.hover === null) return;
    const own = this.#scene.drawn.find(({ line }) => line.run === state.view.run);
    const i = own ? nearest(own.series.x, state.hover, own.n) : -1;
    if (own && i >= 0) pick(own.series.offset[i], own.series.x[i]);
  }

  /** @param {boolean} full */
  #drawLegend(full) {
    const { drawn } = this.#scene;
    const fit = full ? drawn.length : fitting(drawn.map(({ line }) => line.label), this.body.clientWidth * LEGEND_SHARE - BADGE_PX * this.badges.childElementCount);
    const key = JSON.stringify([fit, drawn.map(({ line }) => line)]);
    text(this.shared, this.chart.shared);
    if (key !== this.#legendOf) {
      this.#legendOf = key;
      this.#values = drawn.map(() => h("b"));
      fill(this.legend, ...drawn.slice(0, fit).map(({ line }, i) => this.#entry(line, this.#values[i])), this.#rest(fit));
      this.node.classList.toggle("many", drawn.length > 1);
    }
    this.drawValues();
  }

  /** @param {import("./lines.js").Line} line @param {HTMLElement} value */
  #entry(line, value) {
    const swatch = h("i.swatch", { "aria-hidden": "true" });
    swatch.style.background = `var(--${line.colour})`;
    return h("li", { title: line.metric }, swatch, line.label && h("span", {}, line.label), value);
  }

  /** @param {number} fit */
  #rest(fit) {
    const more = this.chart.lines.length - fit;
    return more > 0 && h("li.quiet", { title: "All of them are on the whole screen" }, `+${more}`);
  }

  /** The values under the pointer, or else the last ones. */
  drawValues() {
    const { hover } = this.parts.state;
    const last = [];
    for (const [i, { series, n, shown }] of this.#scene.drawn.entries()) {
      const at = hover === null ? n - 1 : nearest(series.x, hover, n);
      const raw = series.y[at];
      text(this.#values[i], number(at >= 0 && Number.isNaN(shown[at]) ? this.#oddValue(series, at) : shown[at]));
      attribute(this.#values[i], "title", exact(raw) + (series.exact ? "" : ` ≈ of ${Math.round(series.ratio)} points`));
      last.push(number(shown[n - 1]));
    }
    attribute(this.body, "aria-label", `${this.chart.key}, last ${last.join(", ") || "never measured"}`);
  }

  /** @param {Series} series @param {number} at */
  #oddValue(series, at) {
    return series.nonFinite.find(({ x }) => x === series.x[at])?.value ?? NaN;
  }

  /** What lies beyond the edge is counted, and one click away. */
  #clipped() {
    const { state } = this.parts;
    const { bulk } = this.#scene;
    return bulk && !this.#logarithmic() && h("button.badge.warn", { type: "button", title: "Values far out are cut off so that the rest can be seen. Show all of y (o)", onclick: () => state.set({ outliers: true }) }, `${bulk.beyond} off`);
  }

  /** @param {boolean} full */
  #drawBadges(full) {
    const { drawn } = this.#scene;
    const odd = drawn.reduce((sum, { series }) => sum + series.nonFinite.length, 0);
    const thinned = Math.max(1, ...drawn.map(({ series }) => series.ratio));
    const notes = [
      odd > 0 && h("span.badge.bad", { title: `${plural(odd, "value")} not a finite number, marked ✕` }, `${odd} NaN/∞`),
      this.#clipped(),
      this.parts.state.view.logy && !this.#logarithmic() && h("span.badge", { title: "No value above zero: drawn linear" }, "linear"),
      full && thinned > 1.5 && h("span.badge", { title: "Each point stands for so many; the band holds their extremes" }, `1:${Math.round(thinned)}`),
    ];
    const said = notes.map((note) => note && note.textContent).join("|");
    if (said === this.#badged) return;
    this.#badged = said;
    fill(this.badges, ...notes);
  }
}

/** How many legend entries fit into a width: those that would be cut off are left out and counted. @param {string[]} labels @param {number} width */
function fitting(labels, width) {
  let used = 0;
  const last = labels.findIndex((label) => (used += ENTRY_PX + label.length * LETTER_PX) > width);
  return last < 0 ? labels.length : Math.max(1, last);
}
