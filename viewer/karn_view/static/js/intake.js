// @ts-check
/** Turns the viewer's messages into changes of the state. */

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */
/** @typedef {import("./curves.js").Curves} Curves */

/**
 * One function a message type; a type that is not known is passed over.
 * @param {State} state
 * @param {Curves} curves
 * @param {() => void} resubscribe  asks again from the cursors of now
 * @returns {(message: any) => void}
 */
export function intake(state, curves, resubscribe) {
  /** @type {Record<string, (message: any) => void>} */
  const table = {
    connected(message) {
      state.version = message.version;
      tick(message);
      list(message.runs);
    },
    ping: tick,
    runs: (message) => list(message.runs),
    state(message) {
      if (!message.run?.id) return;
      state.learn(message.run);
      state.emit("runs");
    },
    snapshot,
    append,
    generation(message) {
      const run = state.runs.get(message.run);
      if (run) forget(run);
    },
    fault(message) {
      const run = state.runs.get(message.run);
      if (run) run.info.faults = message.faults;
      state.emit("runs");
    },
  };

  /** @param {any} message */
  function tick(message) {
    if (Number.isFinite(message.now)) state.skew_s = message.now - Date.now() / 1000;
  }

  /** @param {any[]} infos */
  function list(infos) {
    const present = new Set(infos.map((info) => info.id));
    for (const id of [...state.runs.keys()]) if (!present.has(id)) state.runs.delete(id);
    for (const info of infos) state.learn(info);
    state.known = true;
    state.emit("runs");
  }

  /** @param {any} message */
  function snapshot(message) {
    const run = state.learn(message.info);
    if (message.reset) forget(run);
    run.cursor = message.cursor;
    run.check = message.check;
    run.dashboard = message.dashboard;
    run.metrics = new Map(message.metrics.map((/** @type {any} */ metric) => [metric.name, metric]));
    curves.agree(run, message.revision);
    state.emit("runs");
    state.emit("metrics");
    state.emit("dashboard");
    state.emit("timeline");
  }

  /** @param {any} message */
  function append(message) {
    const run = state.runs.get(message.run);
    if (!run || run.cursor === message.cursor) return;
    if (run.cursor !== message.after) {
      resubscribe();
      return;
    }
    run.cursor = message.cursor;
    run.check = message.check;
    curves.agree(run, message.revision);
    const named = grow(run, Object.entries(message.points ?? {}));
    if (message.dashboard) {
      run.dashboard = message.dashboard;
      state.emit("dashboard");
    }
    if (named) state.emit("metrics");
    state.emit("points");
  }

  /**
   * New points into the figures and the curves.
   * @param {Run} run
   * @param {[string, import("./series.js").Tail][]} points
   * @returns {boolean} whether a metric was never seen before
   */
  function grow(run, points) {
    let named = false;
    for (const [name, tail] of points) {
      const metric = run.metrics.get(name);
      if (!metric) named = true;
      else {
        metric.points = Math.max(metric.points, tail.start + tail.x.length);
        metric.last_step = tail.x.at(-1) ?? metric.last_step;
      }
      curves.append(run, name, tail);
    }
    if (named) curves.discover(run);
    return named;
  }

  /** @param {Run} run */
  function forget(run) {
    run.metrics = new Map();
    run.dashboard = null;
    run.timeline = null;
    run.cursor = null;
    run.check = null;
    curves.forget(run.id);
  }

  return (message) => table[message.type]?.(message);
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
    wants: ["state", "points", "dashboard"],
  };
}
