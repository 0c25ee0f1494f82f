// @ts-check
/** The legend of a chart: what each line is, its value under the pointer or its last one, how far it reaches. */

import { attribute, fill, h, text } from "../dom.js";
import { exact, number } from "../format.js";
import { extent, nearest } from "../series.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Drawn} Drawn */

/** An entry but for its label, and each letter of that. */
export const ENTRY_PX = 62;
export const LETTER_PX = 6.5;

/** @typedef {{value: HTMLElement, low: HTMLElement, high: HTMLElement}} Figures */

export class Legend {
  node = h("ul.legend");
  /** @type {Figures[]} */
  #figures = [];
  #built = "";

  /**
   * @param {Scene} scene
   * @param {number} all  lines of the chart, shown or not
   * @param {number} width_px  so wide it may be; Infinity when it may wrap
   */
  draw({ drawn }, all, width_px) {
    const fit = fitting(drawn.map(({ line }) => line.label), width_px);
    const key = JSON.stringify([fit, all, drawn.map(({ line }) => line)]);
    if (key === this.#built) return;
    this.#built = key;
    this.#figures = drawn.slice(0, fit).map(() => ({ value: h("b"), low: h("span.reach.quiet"), high: h("span.reach.quiet") }));
    const entries = drawn.slice(0, fit).map(({ line }, i) => entry(line, this.#figures[i]));
    fill(this.node, ...entries, all > fit && h("li.quiet", { title: "All of them are on the whole screen" }, `+${all - fit}`));
  }

  /** The values at a place on x, or the last ones. @param {Scene} scene @param {number | null} x */
  values({ drawn, window }, x) {
    for (const [i, { value, low, high }] of this.#figures.entries()) {
      const one = drawn[i];
      const at = placeOf(one, x);
      const reach = extent(one.series, one.n, window, false);
      text(value, number(at < one.from ? NaN : shownAt(one, at)));
      text(low, `↓ ${number(reach?.[0])}`);
      text(high, `↑ ${number(reach?.[1])}`);
      attribute(value, "title", `${exact(one.series.y[at])}${one.series.exact ? "" : ` ≈ of ${Math.round(one.series.ratio)} points`}\nlowest ${exact(reach?.[0])}\nhighest ${exact(reach?.[1])}`);
    }
  }
}

/** @param {Drawn} drawn @param {number | null} x */
function placeOf({ series, n }, x) {
  return x === null ? n - 1 : nearest(series.x, x, n);
}

/** What is drawn there; where that is a gap, the value that made it one. @param {Drawn} drawn @param {number} at */
function shownAt({ series, shown }, at) {
  return Number.isNaN(shown[at]) ? series.nonFinite.find(({ x }) => x === series.x[at])?.value ?? NaN : shown[at];
}

/** @param {import("./lines.js").Line} line @param {Figures} figures */
function entry(line, { value, low, high }) {
  const swatch = h("i.swatch", { "aria-hidden": "true" });
  swatch.style.background = `var(--${line.colour})`;
  return h("li", { title: line.metric }, swatch, line.label && h("span.label", {}, line.label), low, high, value);
}

/** How many entries fit into a width: those that would be cut off are left out and counted. @param {string[]} labels @param {number} width_px */
function fitting(labels, width_px) {
  let used = 0;
  const last = labels.findIndex((label) => (used += ENTRY_PX + label.length * LETTER_PX) > width_px);
  return last < 0 ? labels.length : Math.max(1, last);
}
