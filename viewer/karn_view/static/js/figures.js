// @ts-check
/** Last, lowest and highest values of the metrics that somebody looks at, asked for while they do. */

import * as api from "./api.js";
import { metricOf } from "./charts/frame.js";
import { atMostEvery } from "./frame.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */

/** Newest figures are asked for no faster than this. */
const REFRESH_MS = 1000;

/**
 * @param {State} state
 * @param {() => string[]} tabled  names of the metrics in the table
 */
export function figures(state, tabled) {
  /** Run id → what was asked for, and up to which line. @type {Map<string, string>} */
  const asked = new Map();
  const refresh = atMostEvery(REFRESH_MS, () => state.shown.forEach(read));
  state.on(["view", "run", "snapshot", "points", "charts"], () => wanted().length && refresh());

  /** Of all metrics only those that are looked at as numbers. */
  function wanted() {
    const along = metricOf(state.view.x);
    return [...new Set([...(along === null ? [] : [along]), ...(state.view.table ? tabled() : [])])];
  }

  /** @param {Run} run */
  async function read(run) {
    const names = wanted().filter((name) => run.metrics.has(name));
    const key = `${run.cursor} ${names.join("\n")}`;
    if (!names.length || asked.get(run.id) === key) return;
    asked.set(run.id, key);
    const told = await api.metrics(run.id, names).catch(() => null);
    if (told === null) return void asked.delete(run.id);
    for (const figure of told) run.figures.set(figure.name, figure);
    state.emit("figures");
  }
}
