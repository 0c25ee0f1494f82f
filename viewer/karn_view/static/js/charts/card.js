// @ts-check
/** One chart on the page: its name, its legend, its badges, its tools, its plot. */

import { attribute, fill, h, text } from "../dom.js";
import { number, plural, splitName } from "../format.js";
import { align, nearest } from "../series.js";
import { gestures } from "./gestures.js";
import { ENTRY_PX, Legend, LETTER_PX } from "./legend.js";
import { MOST_LINES } from "./lines.js";
import { plot, redraw } from "./plot.js";
import { Scene } from "./scene.js";
import { handles } from "./stretch.js";
import { tools } from "./tools.js";

/** @typedef {import("./lines.js").Chart} Chart */

/**
 * @typedef {object} CardParts
 * @property {import("../state.js").State} state
 * @property {import("../curves.js").Curves} curves
 * @property {import("../palette.js").Palette} palette
 * @property {import("./tools.js").Deed[]} deeds
 * @property {() => import("./scene.js").Frame} frame  what all charts share
 * @property {(run: string, offset: number) => void} pick  a point was chosen
 */

/** So much of a card's width is the legend's, the rest the name's. */
const LEGEND_SHARE = 0.66;
const BADGE_PX = 80;
/** So much the lowest and the highest value take. */
const REACH_PX = 170;

/** @typedef {{name: string, plot: import("../../vendor/uPlot.esm.js"), scene: Scene}} Drawing  a chart as it stands on screen */

export class Card {
  visible = false;
  /** Room for the plot; none until the page was laid out with it. */
  width = 0;
  height = 0;
  drawn_ms = -Infinity;
  /** @type {import("../../vendor/uPlot.esm.js") | null} */
  #plot = null;
  /** What the plot was built for; another key builds another. */
  #built = "";
  /** What it shows; it is drawn again when that changed. */
  #shown = "";
  #badged = "";

  /** @param {Chart} chart @param {CardParts} parts */
  constructor(chart, parts) {
    this.chart = chart;
    this.parts = parts;
    this.scene = new Scene(parts.state, parts.curves);
    const { head, tail } = splitName(chart.key);
    this.badges = h("span.badges");
    this.legend = new Legend();
    this.tools = tools(parts.state, chart.key, parts.deeds);
    this.body = h("div.plot", { role: "img", "aria-label": chart.key });
    this.shared = h("span.quiet.shared");
    const name = h("h2", { title: chart.key, draggable: "true" }, head ? h("span.quiet.folder", {}, head) : null, h("span.tail", {}, tail), this.shared);
    this.node = h("article.card", { tabindex: "0", "data-chart": chart.key, "aria-label": chart.key });
    this.content = [h("header", {}, name, this.badges, this.legend.node), this.tools.node, this.body, ...handles()];
    this.body.addEventListener("click", () => {
      this.node.classList.add("taken");
      this.#pick();
    });
    this.node.addEventListener("pointerleave", () => this.node.classList.remove("taken"));
  }

  /** Whether it is to fill the screen. */
  get full() {
    return this.parts.state.view.full === this.chart.key;
  }

  /** Whether some of its curves are here and some have yet to come. */
  get lacking() {
    const { drawn, lines } = this.scene;
    return drawn.length > 0 && drawn.length < lines.length;
  }

  /** What is on screen of it, null while it is out of sight. @returns {Drawing | null} */
  get drawing() {
    return this.#plot && { name: this.chart.key, plot: this.#plot, scene: this.scene };
  }

  /** Takes so many places of the grid. @param {number} width @param {number} height */
  take(width, height) {
    const { style } = this.node;
    if (style.gridColumnEnd !== `span ${width}`) style.gridColumnEnd = `span ${width}`;
    if (style.gridRowEnd !== `span ${height}`) style.gridRowEnd = `span ${height}`;
  }

  /** Puts in what belongs to a chart in sight, and gives it the whole screen if it is to have that. */
  unfold() {
    if (!this.node.childElementCount) this.node.append(...this.content);
    this.node.classList.toggle("full", this.full);
  }

  /** Draws what the state says now. */
  draw() {
    const { full } = this;
    this.tools.draw();
    this.scene.read(full ? this.chart.lines : this.chart.lines.slice(0, MOST_LINES), this.parts.frame());
    this.#drawBadges();
    text(this.shared, this.chart.shared);
    const { drawn } = this.scene;
    this.node.classList.toggle("many", drawn.length > 1);
    this.node.classList.toggle("reaching", full || (drawn.length === 1 && this.#roomBesideLegend(drawn[0].line.label) > REACH_PX));
    this.legend.draw(this.scene, this.chart.lines.length, full ? Infinity : this.width * LEGEND_SHARE - BADGE_PX * this.badges.childElementCount);
    this.drawValues();
    const built = this.#key();
    const shown = JSON.stringify([built, this.width, this.height, drawn.map(({ series, from, n }) => [series.id, series.version, from, n]), this.scene.key]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const last = drawn.map(({ shown, n }) => number(shown[n - 1]));
    attribute(this.body, "aria-label", `${this.chart.key}, last ${last.join(", ") || "never measured"}`);
    this.#draw(built, this.#columns());
  }

  /** What the name, one entry and the badges leave of the header. @param {string} label */
  #roomBesideLegend(label) {
    return this.width - BADGE_PX * this.badges.childElementCount - ENTRY_PX - LETTER_PX * (this.chart.key.length + this.chart.shared.length + label.length);
  }

  /** The values under the pointer, or else the last ones. */
  drawValues() {
    this.legend.values(this.scene, this.parts.state.hover);
  }

  /** Of a chart out of sight only its frame stays, unless the keyboard is in it. */
  rest() {
    this.#free();
    this.#shown = "";
    this.drawn_ms = -Infinity;
    if (!this.node.contains(document.activeElement) || this.node === document.activeElement) this.node.replaceChildren();
  }

  #free() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#built = "";
  }

  /** Positive values are what a logarithm needs; without any the axis stays linear and the badge says so. */
  get #logarithmic() {
    return this.parts.state.view.logy && this.scene.positive;
  }

  /** All lines: one whose curve has not come yet has its place, so that no plot is built for each that comes. */
  #lines() {
    const clouds = new Set(this.scene.drawn.filter(({ cloud }) => cloud).map(({ line }) => line));
    return this.scene.lines.map((line) => ({ ...line, cloud: clouds.has(line) }));
  }

  /** x, then each line's y. */
  #columns() {
    const { drawn, lines } = this.scene;
    const [xs, ...ys] = align(drawn.map(({ series, shown, from, n }) => ({ x: series.x, y: shown, from, n })));
    const columns = new Map(drawn.map(({ line }, i) => [line, ys[i]]));
    const none = new Array(xs.length);
    return [xs, ...lines.map((line) => columns.get(line) ?? none)];
  }

  /** What a plot is built for. */
  #key() {
    const { state, palette } = this.parts;
    return JSON.stringify([this.#lines(), this.scene.logx, this.#logarithmic, state.view.x, palette.get("ink")]);
  }

  /** At once, so that whoever shares out a frame knows what was spent of it. @param {string} built @param {(number | null | undefined)[][]} columns */
  #draw(built, columns) {
    if (!this.#plot || built !== this.#built) this.#build(built, columns);
    else redraw(this.#plot, this.width, this.height, columns);
  }

  /** @param {string} built @param {(number | null | undefined)[][]} columns */
  #build(built, columns) {
    const { state, palette } = this.parts;
    const { width, height } = this;
    const lines = this.#lines();
    const { logx } = this.scene;
    this.#free();
    this.#built = built;
    this.#plot = plot({
      parent: this.body, width, height, columns, lines, logx, logy: this.#logarithmic, palette, wall: state.view.x === "wall", scene: this.scene,
      hover: (x) => this.#hovered(x),
      zoom: (window) => state.set({ zoom: window }),
    });
    gestures(this.#plot, logx, (window) => state.set({ zoom: window }), () => this.full || this.node.classList.contains("taken"));
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
    const own = this.scene.drawn.find(({ line }) => line.run === state.view.run);
    const i = own ? nearest(own.series.x, state.hover, own.n) : -1;
    if (own && i >= 0) pick(own.series.runs[i] ?? own.line.run, own.series.offset[i]);
  }

  /** What lies beyond the edge is counted, and one click away. */
  #clipped() {
    const { bulk } = this.scene;
    return bulk && !this.#logarithmic && h("button.badge.warn", { type: "button", title: "Values far out are cut off so that the rest can be seen. Show all of y (o)", onclick: () => this.parts.state.set({ outliers: true }) }, `${bulk.beyond} off`);
  }

  #drawBadges() {
    const { drawn } = this.scene;
    const odd = drawn.reduce((sum, { series }) => sum + series.nonFinite.length, 0);
    const thinned = Math.max(1, ...drawn.map(({ series }) => series.ratio));
    const notes = [
      odd > 0 && h("span.badge.bad", { title: `${plural(odd, "value")} not a finite number, marked ✕` }, `${odd} NaN/∞`),
      drawn.some(({ series }) => series.approximate) && h("span.badge", { title: "Drawn from samples, which may miss a spike, until the whole file is read" }, "≈"),
      this.#clipped(),
      this.parts.state.view.logy && !this.#logarithmic && h("span.badge", { title: "No value above zero: drawn linear" }, "linear"),
      this.full && thinned > 1.5 && h("span.badge", { title: "Each point stands for so many; the band holds their extremes" }, `1:${Math.round(thinned)}`),
    ];
    const said = notes.map((note) => note && note.textContent).join("|");
    if (said === this.#badged) return;
    this.#badged = said;
    fill(this.badges, ...notes);
  }
}
