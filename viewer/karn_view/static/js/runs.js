// @ts-check
/** The list of runs: state, age, key figure; one is looked at, others are laid over it. Folded when there is only one. */

import * as api from "./api.js";
import { attribute, fill, h, part, text } from "./dom.js";
import { duration, number } from "./format.js";
import { nextFrame } from "./frame.js";
import { lamp } from "./lamp.js";
import { runColour } from "./palette.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */

/** How often the runs that are not on screen are asked after. */
const OTHERS_MS = 5000;

/** @type {Record<string, (a: Run, b: Run) => number>} */
const ORDERS = {
  newest: (a, b) => (b.info.last_record_at ?? 0) - (a.info.last_record_at ?? 0),
  name: (a, b) => a.info.name.localeCompare(b.info.name, undefined, { numeric: true }),
  state: (a, b) => a.info.state.localeCompare(b.info.state),
};

/** @param {State} state */
export function runs(state) {
  const node = part("runs");
  const search = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "search runs", "aria-label": "Search runs", oninput: () => nextFrame(draw) }));
  const order = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Sort runs", onchange: () => nextFrame(draw) }, ...Object.keys(ORDERS).map((name) => h("option", {}, name))));
  const list = h("ul");
  const count = h("p.quiet");
  /** A list that is built anew under the pointer swallows clicks: only when something in it changed. */
  let drawn = "";
  node.append(h("div.runs-head", {}, search, order), list, count);
  state.on(["runs", "run", "view"], () => nextFrame(draw));
  setInterval(ages, 1000);
  setInterval(refresh, OTHERS_MS);

  /** The feed tells of the runs on screen; the others are asked after while their list is in sight. */
  async function refresh() {
    if (node.hidden || document.visibilityState !== "visible" || state.link.state !== "open") return;
    const infos = await api.runs().catch(() => []);
    for (const info of infos) if (!state.shown.some((run) => run.id === info.id)) state.learn(info);
    state.emit("runs");
  }

  /** Runs that are listed now, in their order. */
  function listed() {
    const wanted = search.value.toLowerCase();
    return [...state.runs.values()].filter((run) => run.info.name.toLowerCase().includes(wanted)).sort(ORDERS[order.value]);
  }

  function draw() {
    node.hidden = state.runs.size < 2;
    if (node.hidden) return;
    const runs = listed();
    const key = JSON.stringify([runs.map(({ info }) => [info.id, info.name, info.state, info.key_metric?.last]), state.view.run, state.view.compare]);
    if (key === drawn) return ages();
    drawn = key;
    const held = node.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : undefined;
    fill(list, ...runs.map((run) => row(state, run)));
    if (held) /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${CSS.escape(held)}"]`))?.focus();
    const over = state.view.compare.length;
    text(count, over ? `${over + 1} of ${state.runs.size} laid over each other` : `${state.runs.size} runs`);
    ages();
  }

  function ages() {
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll("[data-age-of]"))) {
      const info = state.runs.get(cell.dataset.ageOf ?? "")?.info;
      text(cell, duration(state.now() - (info?.last_record_at ?? info?.arrived_at ?? NaN)));
    }
  }

  return {
    /** Chooses the run so many places further down the list. @param {number} by */
    step(by) {
      const ids = listed().map((run) => run.id);
      const next = ids[ids.indexOf(state.view.run) + by];
      if (next) choose(state, next);
    },
    /** On a narrow screen the list is a sheet. */
    toggle: () => document.body.classList.toggle("show-runs"),
  };
}

/** @param {State} state @param {string} id */
export function choose(state, id) {
  document.body.classList.remove("show-runs");
  state.set({ run: id, compare: state.view.compare.filter((other) => other !== id), at: null, zoom: null });
}

/** Lays a run over the chosen one, or takes it away again. @param {State} state @param {string} id */
export function compare(state, id) {
  const { compare } = state.view;
  state.set({ compare: compare.includes(id) ? compare.filter((other) => other !== id) : [...compare, id] });
}

/** @param {State} state @param {Run} run */
function row(state, { id, info }) {
  const chosen = id === state.view.run;
  const over = state.view.compare.includes(id);
  const colour = h("i.swatch");
  colour.style.background = `var(--${runColour(id)})`;
  const tick = h("button.tick", { type: "button", "data-key": `c ${id}`, title: "Lay over the chosen run (c)", "aria-label": `Compare ${info.name}`, "aria-pressed": String(over || chosen), disabled: chosen, onclick: () => compare(state, id) }, colour);
  const age = h("span.quiet.age", { "data-age-of": id });
  const key = info.key_metric ? h("span.key", { title: info.key_metric.name }, number(info.key_metric.last)) : null;
  const open = h("button.run", { type: "button", "data-key": id, title: `${info.source}\n${info.state}: ${info.reason}`, "aria-current": chosen ? "true" : null, onclick: () => choose(state, id) },
    lamp(info.state), h("span.name", {}, info.name), key, h("span.quiet.said", {}, h("span", {}, info.state), age));
  const item = h("li", {}, tick, open);
  attribute(item, "data-chosen", chosen ? "" : null);
  return item;
}
