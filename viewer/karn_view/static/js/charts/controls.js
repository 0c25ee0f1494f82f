// @ts-check
/** One line of controls above the charts, and where the pointer is. */

import { attribute, h, part, text } from "../dom.js";
import { clock, duration, moment, number, plural } from "../format.js";
import { axisMenu } from "./axis.js";
import { comparing } from "./comparing.js";
import { metricOf } from "./frame.js";

/** @typedef {import("../state.js").State} State */

/** Signs closer to the pointer than this share of the window are named. */
const NEAR = 0.01;

/**
 * @param {State} state
 * @param {{shown: {charts: unknown[], hidden: unknown[], folded: unknown[], matched: unknown[]}, frame: import("./scene.js").Frame}} grid
 */
export function controls(state, grid) {
  const toggle = (/** @type {string} */ name, /** @type {string} */ title, /** @type {() => void} */ run) => h("button.toggle", { type: "button", title, onclick: run }, name);
  const x = axisMenu(state);
  const smooth = /** @type {HTMLInputElement} */ (h("input", { type: "range", min: 0, max: 0.99, step: 0.01, title: "Smoothing (s)", oninput: () => state.set({ smooth: Number(smooth.value) }) }));
  const weight = h("output");
  const logx = toggle("log x", "Logarithmic x (g)", () => state.set({ logx: !state.view.logx }));
  const logy = toggle("log y", "Logarithmic y (y)", () => state.set({ logy: !state.view.logy }));
  const apart = toggle("apart", "A chart for each metric (i)", () => state.set({ apart: !state.view.apart }));
  const filter = /** @type {HTMLInputElement} */ (h("input.filter", { type: "search", placeholder: "filter  /", spellcheck: "false", "aria-label": "Filter charts by regular expression", oninput: () => state.set({ filter: filter.value }) }));
  const count = h("span.quiet.count", { role: "status" });
  const aside = toggle("", "Show the charts that were set aside", () => state.set({ hidden: [] }));
  const tidy = toggle("reset charts", "Every chart at its own place and of its own size (r)", () => state.set({ first: [], sizes: new Map() }));
  const reset = toggle("reset zoom", "Show all of x (0)", () => state.set({ zoom: null }));
  const pointer = h("span.pointer.quiet");
  const table = toggle("table", "Figures and settings of the shown runs (v)", () => state.set({ table: !state.view.table }));
  const more = toggle("all panels", "All panels of the network (m)", () => state.set({ more: !state.view.more }));

  part("controls").append(
    h("label", {}, "x ", x.node), h("label", {}, "smooth ", smooth, weight), logx, logy, apart, filter, count, aside, tidy, reset, h("span.spring"), pointer, ...comparing(state), table, more,
  );
  state.on(["view", "run", "runs", "charts"], draw);
  state.on(["hover", "points"], point);

  function draw() {
    const { view } = state;
    x.draw();
    smooth.value = String(view.smooth);
    text(weight, view.smooth ? view.smooth.toFixed(2) : "off");
    attribute(logx, "aria-pressed", String(view.logx));
    logx.hidden = view.x === "wall";
    attribute(logy, "aria-pressed", String(view.logy));
    attribute(apart, "aria-pressed", String(view.apart));
    if (filter.value !== view.filter) filter.value = view.filter;
    const { length: all } = grid.shown.charts;
    const { length: away } = grid.shown.folded;
    text(count, view.filter ? `${grid.shown.matched.length} of ${all}` : `${plural(all - away, "chart")}${away ? `, ${away} folded` : ""}`);
    text(aside, `${grid.shown.hidden.length} set aside`);
    aside.hidden = !grid.shown.hidden.length;
    more.hidden = !state.run?.info.karn;
    attribute(more, "aria-pressed", String(view.more));
    attribute(table, "aria-pressed", String(view.table));
    tidy.hidden = !view.first.length && !view.sizes.size;
    reset.hidden = view.zoom === null;
  }

  function point() {
    text(pointer, state.hover === null ? "" : [...alertsNear(grid.frame, state.hover), place(state, state.hover)].join(" · "));
  }

  return { focusFilter: () => filter.focus() };
}

/** Types of the alerts that the pointer is upon. @param {import("./scene.js").Frame} frame @param {number} x */
function alertsNear({ marks, window }, x) {
  const near = marks.filter((mark) => mark.kind === "alert" && Math.abs(mark.x - x) <= NEAR * (window[1] - window[0]));
  return [...new Set(near.map(({ label }) => `▲ ${label}`))];
}

/** A position on x in words. @param {State} state @param {number} x */
export function place(state, x) {
  const { view, run } = state;
  if (view.x === "wall") return moment(x);
  if (view.x === "relative") return `${duration(x)} in, ${clock((state.startOf(view.run) ?? NaN) + x)}`;
  return `${metricOf(view.x) ?? run?.info.axis?.name ?? "step"} ${number(Math.round(x * 100) / 100)}`;
}
