// @ts-check
/** What runs were set to: fetched once for each shown run, made flat, compared. */

import * as api from "./api.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */

/** Reads the settings of every shown run that has none yet. @param {State} state */
export function settings(state) {
  /** @type {Map<string, string>} */
  const asked = new Map();
  state.on(["runs", "view", "snapshot"], () => {
    if (!state.view.table && !state.view.compare.length) return;
    for (const run of state.shown) {
      if (asked.get(run.id) === run.info.generation) continue;
      asked.set(run.id, run.info.generation);
      read(run);
    }
  });

  /** @param {Run} run */
  async function read(run) {
    const config = await api.config(run.id).catch(() => null);
    if (config === null) return void asked.delete(run.id);
    run.settings = flat(config);
    state.emit("settings");
  }
}

/** Nested objects as one, with names joined by dots. @param {any} config @param {string} [prefix] @returns {Map<string, unknown>} */
export function flat(config, prefix = "") {
  const entries = Object.entries(config ?? {}).flatMap(([name, value]) => (nests(value) ? [...flat(value, `${prefix}${name}.`)] : [/** @type {[string, unknown]} */ ([prefix + name, value])]));
  return new Map(entries);
}

/** @param {unknown} value */
function nests(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Every setting that any of the runs has. @param {Run[]} runs */
export function named(runs) {
  return [...new Set(runs.flatMap(({ settings }) => [...(settings?.keys() ?? [])]))];
}

/** Those in which the runs are not all alike. @param {Run[]} runs */
export function differing(runs) {
  return named(runs).filter((name) => new Set(runs.map(({ settings }) => JSON.stringify(settings?.get(name)))).size > 1);
}
