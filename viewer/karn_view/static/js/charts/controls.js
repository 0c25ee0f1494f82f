// @ts-check
/** One line of controls above the charts: x, smoothing, log, filter, zoom; and where the pointer is. */

import { attribute, fill, h, part, text } from "../dom.js";
import { clock, duration, moment, number } from "../format.js";

/** @typedef {import("../state.js").State} State */

/**
 * @param {State} state
 * @param {{shown: {charts: unknown[], matched: number}}} grid
 */
export function controls(state, grid) {
  const stepOption = h("option", { value: "step" }, "step");
  const others = h("optgroup", { label: "could be x" });
  const x = /** @type {HTMLSelectElement} */ (h("select", { title: "What the charts run along (x)", onchange: () => state.set({ x: /** @type {any} */ (x.value), zoom: null }) },
    stepOption, h("option", { value: "wall" }, "time of day"), h("option", { value: "relative" }, "time since start"), others));
  const smooth = /** @type {HTMLInputElement} */ (h("input", { type: "range", min: 0, max: 0.99, step: 0.01, title: "Smoothing (s)", oninput: () => state.set({ smooth: Number(smooth.value) }) }));
  const weight = h("output");
  const log = h("button.toggle", { type: "button", title: "Logarithmic y (y)", onclick: () => state.set({ logy: !state.view.logy }) }, "log y");
  const apart = h("button.toggle", { type: "button", title: "A chart for each metric", onclick: () => state.set({ apart: !state.view.apart }) }, "apart");
  const filter = /** @type {HTMLInputElement} */ (h("input.filter", { type: "search", placeholder: "filter  /", spellcheck: "false", "aria-label": "Filter charts by regular expression", oninput: () => state.set({ filter: filter.value }) }));
  const count = h("span.quiet.count", { role: "status" });
  const reset = h("button.toggle", { type: "button", title: "Show all of x (0)", onclick: () => state.set({ zoom: null }) }, "reset zoom");
  const pointer = h("span.pointer.quiet");

  const more = h("button.toggle", { type: "button", title: "All panels of the network (m)", onclick: () => state.set({ more: !state.view.more }) }, "all panels");

  part("controls").append(
    h("label", {}, "x ", x), h("label", {}, "smooth ", smooth, weight), log, apart, filter, count, reset, h("span.spring"), pointer, more,
  );
  state.on(["view", "run", "runs", "metrics"], draw);
  state.on(["hover", "points"], point);

  function draw() {
    const { view } = state;
    text(stepOption, state.run?.info.axis?.name || "step");
    const { axis, clock: told } = state.run?.info ?? {};
    attribute(x, "title", ["What the charts run along (x)", axis?.reason, told?.reason].filter(Boolean).join("\n"));
    drawOthers(axis?.candidates ?? []);
    x.value = view.x;
    smooth.value = String(view.smooth);
    text(weight, view.smooth ? view.smooth.toFixed(2) : "off");
    attribute(log, "aria-pressed", String(view.logy));
    attribute(apart, "aria-pressed", String(view.apart));
    if (filter.value !== view.filter) filter.value = view.filter;
    const all = grid.shown.charts.length;
    text(count, view.filter ? `${grid.shown.matched} of ${all}` : `${all} charts`);
    more.hidden = !state.run?.info.karn;
    attribute(more, "aria-pressed", String(view.more));
    reset.hidden = view.zoom === null;
  }

  /** What else the viewer found in the file, each with the reason why it is not x. @param {{name: string, reason: string}[]} candidates */
  function drawOthers(candidates) {
    const chosen = state.view.x.startsWith("by:") ? state.view.x.slice(3) : "";
    const told = candidates.filter(({ name }) => state.run?.metrics.has(name));
    if (chosen && !told.some(({ name }) => name === chosen)) told.push({ name: chosen, reason: "chosen by you" });
    const key = JSON.stringify(told);
    if (others.dataset.key === key) return;
    others.dataset.key = key;
    others.hidden = !told.length;
    fill(others, ...told.map(({ name, reason }) => h("option", { value: `by:${name}`, title: reason }, `${name}: ${reason}`)));
  }

  function point() {
    text(pointer, state.hover === null ? "" : place(state, state.hover));
  }

  return { focusFilter: () => filter.focus() };
}

/** A position on x in words. @param {State} state @param {number} x */
export function place(state, x) {
  if (state.view.x === "wall") return moment(x);
  if (state.view.x === "relative") return `${duration(x)} in, ${clock((state.run?.info.started_at ?? NaN) + x)}`;
  const name = state.view.x.startsWith("by:") ? state.view.x.slice(3) : state.run?.info.axis?.name ?? "step";
  return `${name} ${number(Math.round(x * 100) / 100)}`;
}
