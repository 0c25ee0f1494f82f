// @ts-check
/** Fetches the dashboards of a replay's moment, one request at a time, the latest moment last. */

import * as api from "./api.js";
import { placeAfter } from "./steps.js";

/** @typedef {import("./state.js").State} State */

/** Dashboards of the past are asked for at most this often. */
const PAST_MS = 80;

/** @param {State} state */
export function keepPast(state) {
  let busy = false;
  let asked = "";
  state.on(["moment", "snapshot", "view"], fetch);

  async function fetch() {
    const { run, second, view } = state;
    const key = `${run?.id} ${second?.id} ${view.at}`;
    if (busy || !run?.cursor || view.at === null || key === asked) return;
    busy = true;
    asked = key;
    const at = view.at;
    await Promise.all([read(run, () => at), second && read(second, () => inStep(second.id))]);
    state.emit("dashboard");
    setTimeout(() => ((busy = false), fetch()), PAST_MS);
  }

  /** Where another run was at the playhead's place on the axis. @param {string} run */
  async function inStep(run) {
    const x = state.playhead?.x ?? null;
    return x === null ? undefined : placeAfter(run, x);
  }
}

/** @param {import("./state.js").Run} run @param {() => number | undefined | Promise<number | undefined>} moment  nothing is the end */
async function read(run, moment) {
  const past = await (async () => api.dashboard(run.id, (await moment()) ?? run.info.offset))().catch(() => null);
  if (past) run.past = past;
}
