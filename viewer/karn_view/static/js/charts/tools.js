// @ts-check
/** What can be done with a chart: to the front, larger, another one over it, aside, the whole screen. */

import { attribute, h } from "../dom.js";
import { icon } from "../icons.js";
import { toggled } from "./arrangement.js";
import { resized } from "./sizes.js";

/** @typedef {import("../state.js").State} State */

/** @type {import("./sizes.js").Size} */
const LARGER = [2, 2];

/**
 * @typedef {object} Deed
 * @property {"front" | "larger" | "over" | "aside" | "enlarge"} sign
 * @property {string} key  of the keyboard, for the chart under the pointer or in focus
 * @property {string} does
 * @property {(state: State, chart: string) => void} run
 * @property {(state: State, chart: string) => boolean} done  whether it holds already, so that it is undone by doing it again
 */

/** @param {(chart: string) => void} chooseOver  asks which chart to lay over this one @returns {Deed[]} */
export function deeds(chooseOver) {
  return [
    { sign: "front", key: "b", does: "before all others", run: (state, chart) => state.set({ first: toggled(state.view.first, chart) }), done: ({ view }, chart) => view.first.includes(chart) },
    { sign: "larger", key: "w", does: "twice as large, or the usual size", run: (state, chart) => state.set({ sizes: resized(state.view.sizes, chart, state.view.sizes.has(chart) ? [1, 1] : LARGER) }), done: ({ view }, chart) => view.sizes.has(chart) },
    { sign: "over", key: "+", does: "another chart over it", run: (state, chart) => layOver(state, chart, chooseOver), done: ({ view }, chart) => view.over.some(([under]) => under === chart) },
    { sign: "aside", key: "h", does: "set aside", run: (state, chart) => state.set({ hidden: toggled(state.view.hidden, chart), full: "" }), done: () => false },
    { sign: "enlarge", key: "f", does: "the whole screen", run: (state, chart) => state.set({ full: state.view.full === chart ? "" : chart }), done: ({ view }, chart) => view.full === chart },
  ];
}

/** @param {State} state @param {string} chart @param {(chart: string) => void} chooseOver */
function layOver(state, chart, chooseOver) {
  const { over } = state.view;
  if (over.some(([under]) => under === chart)) state.set({ over: over.filter(([under]) => under !== chart) });
  else chooseOver(chart);
}

/**
 * The buttons of one chart.
 * @param {State} state
 * @param {string} chart
 * @param {Deed[]} deeds
 */
export function tools(state, chart, deeds) {
  const buttons = deeds.map((deed) => h("button.icon", { type: "button", title: `${deed.does} (${deed.key})`, "data-deed": deed.sign, onclick: () => deed.run(state, chart) }, icon(deed.sign)));
  const node = h("div.tools", {}, ...buttons);
  return {
    node,
    draw() {
      for (const [i, deed] of deeds.entries()) {
        const done = deed.done(state, chart);
        attribute(buttons[i], "aria-pressed", String(done));
        attribute(buttons[i], "aria-label", `${chart}: ${deed.does}`);
      }
    },
  };
}
