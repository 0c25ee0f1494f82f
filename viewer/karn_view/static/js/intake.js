// @ts-check
/** Turns the viewer's messages into changes of the state. */

import { wear } from "./palette.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */
/** @typedef {import("./state.js").Metric} Metric */

/**
 * One function a message type; a type that is not known is passed over.
 * @param {State} state
 * @param {import("./curves.js").Curves} curves
 * @returns {(message: any) => void}
 */
export function intake(state, curves) {
  /** @type {Map<string, (message: any) => void>} */
  const table = new Map(Object.entries({ connected, ping: tick, runs: relist, state: described, snapshot, append, generation, fault, alerting, refused }));

  /** @param {any} message */
  function connected(message) {
    state.version = message.version;
    tick(message);
    relist(message);
  }

  /** @param {any} message */
  function tick(message) {
    if (Number.isFinite(message.now)) state.skew_s = message.now - Date.now() / 1000;
  }

  /** @param {any} message */
  function relist({ runs }) {
    const present = new Set(runs.map((/** @type {{id: string}} */ { id }) => id));
    for (const id of [...state.runs.keys()]) if (!present.has(id)) state.runs.delete(id);
    wear(runs);
    for (const info of runs) state.learn(info);
    state.known = true;
    state.emit("runs");
  }

  /** @param {any} message */
  function described({ run }) {
    state.learn(run);
    state.emit("runs");
  }

  /** @param {any} message */
  function snapshot(message) {
    const run = state.learn(message.info);
    if (message.reset) forget(run);
    stand(run, message);
    run.dashboard = message.dashboard;
    know(run, message.metrics);
    curves.agree(run, message.revision);
    for (const signal of /** @type {const} */ (["runs", "metrics", "snapshot"])) state.emit(signal);
    if (run === state.run) for (const signal of /** @type {const} */ (["dashboard", "timeline"])) state.emit(signal);
  }

  /** @param {any} message */
  function append(message) {
    const run = state.runs.get(message.run);
    if (!run) return;
    stand(run, message);
    if (message.metrics) know(run, message.metrics);
    if (message.points) grow(run, Object.entries(message.points));
    if (message.revision !== undefined) curves.agree(run, message.revision);
    if (message.dashboard) {
      run.dashboard = message.dashboard;
      state.emit("dashboard");
    }
  }

  /** @param {any} message */
  function generation(message) {
    const run = state.runs.get(message.run);
    if (run) forget(run);
  }

  /** @param {any} message */
  function fault(message) {
    const run = state.runs.get(message.run);
    if (run) run.info.faults = message.faults;
    state.emit("runs");
  }

  /** @param {any} message */
  function alerting({ rules, built_in, silences, outlets }) {
    state.alerting = { rules, built_in, silences, outlets, refused: "" };
    state.emit("alerting");
  }

  /** @param {any} message */
  function refused({ reason }) {
    state.alerting.refused = reason;
    state.emit("alerting");
  }

  /** Everything before the cursor is here; the evidence holds for the cursor it came with only. @param {Run} run @param {any} message */
  function stand(run, message) {
    run.cursor = message.cursor;
    run.check = message.check ?? null;
    run.info.offset = Number(message.cursor.split(":")[1]);
  }

  /** @param {Run} run @param {Metric[]} metrics */
  function know(run, metrics) {
    run.metrics = new Map(metrics.map((metric) => [metric.name, metric]));
    state.emit("metrics");
  }

  /** New points into the figures and the curves. @param {Run} run @param {[string, import("./series.js").Tail][]} points */
  function grow(run, points) {
    for (const [name, tail] of points) {
      const metric = run.metrics.get(name);
      if (metric) {
        metric.points = Math.max(metric.points, tail.start + tail.x.length);
        metric.last_step = tail.x.at(-1) ?? metric.last_step;
      }
      curves.append(run, name, tail);
    }
    state.emit("points");
  }

  /** Another file stands behind this run now: nothing of the old one is kept. @param {Run} run */
  function forget(run) {
    Object.assign(run, { metrics: new Map(), dashboard: null, past: null, timeline: null, cursor: null, check: null });
    curves.forget(run.id);
    if (run === state.run && state.view.at !== null) state.set({ at: null });
  }

  return (message) => table.get(message.type)?.(message);
}

/**
 * What to ask the viewer for: the shown runs in full, from where this page stands.
 * @param {State} state
 */
export function hello(state) {
  const shown = state.shown;
  const held = shown.filter((run) => run.cursor);
  return {
    type: "hello",
    runs: shown.map((run) => run.id),
    cursors: Object.fromEntries(held.map((run) => [run.id, run.cursor])),
    checks: Object.fromEntries(held.filter((run) => run.check).map((run) => [run.id, run.check])),
    wants: ["state", "points", "dashboard", "alerts"],
  };
}
