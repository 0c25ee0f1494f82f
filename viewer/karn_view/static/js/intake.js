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
  const table = new Map(Object.entries({ connected, ping: tick, runs: relist, state: described, layout, snapshot, append, generation, fault, alerting, refused }));

  /** @param {any} message */
  function connected(message) {
    layouts.clear(); // each link is told those it needs
    early = [];
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
    for (const id of [...state.runs.keys()]) if (!present.has(id)) leave(id);
    wear(runs);
    for (const info of runs) state.learn(info);
    state.known = true;
    state.emit("runs");
  }

  /** A run that is listed no more takes its curves with it. @param {string} id */
  function leave(id) {
    state.runs.delete(id);
    curves.forget(id);
  }

  /** @param {any} message */
  function described({ run }) {
    state.learn(run);
    state.emit("runs");
  }

  /** Names and places that runs share, by their id. @type {Map<string, Metric[]>} */
  const layouts = new Map();
  /** Messages that came before their layout. @type {any[]} */
  let early = [];

  /** @param {any} message */
  function layout({ id, metrics }) {
    layouts.set(id, metrics);
    const waiting = early;
    early = [];
    waiting.forEach(receive);
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

  /** @param {Run} run @param {{layout: string, points: number[], steps: [number, number] | null, hidden: number[], constant: number[]}} told  as columns in the order of their layout */
  function know(run, { layout, points, steps, hidden, constant }) {
    const [away, flat] = [new Set(hidden), new Set(constant)];
    const metrics = /** @type {Metric[]} */ (layouts.get(layout)).map((shared, i) => ({ ...shared, points: points[i], hidden: away.has(i), constant: flat.has(i) }));
    run.metrics = new Map(metrics.map((metric) => [metric.name, metric]));
    run.steps = steps;
    state.emit("metrics");
  }

  /** New points into the figures and the curves. @param {Run} run @param {[string, import("./series.js").Tail][]} points */
  function grow(run, points) {
    for (const [name, tail] of points) {
      const metric = run.metrics.get(name);
      if (metric) {
        metric.points = Math.max(metric.points, tail.start + tail.x.length);
        if (!metric.hidden) reach(run, tail);
      }
      curves.append(run, name, tail);
    }
    state.emit("points");
  }

  /** @param {Run} run @param {import("./series.js").Tail} tail */
  function reach(run, { x }) {
    const [first, last] = run.steps ?? [Infinity, -Infinity];
    if (x.length) run.steps = [Math.min(first, x[0]), Math.max(last, x[x.length - 1])];
  }

  /** Another file stands behind this run now: nothing of the old one is kept. @param {Run} run */
  function forget(run) {
    Object.assign(run, { metrics: new Map(), steps: null, figures: new Map(), dashboard: null, past: null, timeline: null, cursor: null, check: null });
    curves.forget(run.id);
    if (run === state.run && state.view.at !== null) state.set({ at: null });
  }

  /** @param {any} message */
  function receive(message) {
    if (message.metrics?.layout && !layouts.has(message.metrics.layout)) early.push(message);
    else table.get(message.type)?.(message);
  }

  return receive;
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
    wants: ["state", "points", "layout", "dashboard", "alerts"],
  };
}
