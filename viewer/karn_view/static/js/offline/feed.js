// @ts-check
/** Stands for the WebSocket in a file that replays a run offline: greets once, then gives snapshots. */

import { packed } from "./packed.js";

export class Feed {
  /** @type {Record<string, Record<string, object>>} */
  #silences = {};

  /** @param {import("../feed.js").FeedParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  async open() {
    const { head } = await packed;
    this.parts.link("offline", 0);
    this.parts.receive({ type: "connected", version: head.version, runs: [head.info] });
    await this.resubscribe();
  }

  async resubscribe() {
    const { head } = await packed;
    const { info, metrics, dashboards } = head;
    const places = (/** @type {"hidden" | "constant"} */ flag) => metrics.flatMap((metric, i) => (metric[flag] ? [i] : []));
    const steps = metrics.filter(({ hidden, first_step }) => !hidden && first_step !== null).flatMap(({ first_step, last_step }) => [first_step ?? 0, last_step ?? 0]);
    const own = { layout: "packed", points: metrics.map(({ points }) => points), steps: steps.length ? [Math.min(...steps), Math.max(...steps)] : null, hidden: places("hidden"), constant: places("constant") };
    const dashboard = Object.assign({}, ...dashboards.map(({ changed }) => changed));
    this.parts.receive({ type: "layout", id: "packed", metrics });
    this.parts.receive({ type: "snapshot", run: info.id, generation: info.generation, cursor: info.cursor, check: null, revision: info.revision, info, metrics: own, dashboard, reset: false });
  }

  /** What people say of alerts stays in this page. @param {any} message */
  send(message) {
    if (message.type !== "silence") return this.parts.receive({ type: "refused", reason: "this is a copy: no viewer is there to watch" });
    const { run, alert, count, until } = message;
    this.#silences[run] = { ...this.#silences[run], [alert]: { count, until } };
    this.parts.receive({ type: "alerting", rules: [], built_in: [], silences: this.#silences, outlets: [] });
  }

  hurry() {}
}
