// @ts-check
/** Fetches the dashboard of a replay's moment, one request at a time, the latest moment last. */

import * as api from "./api.js";

/** Dashboards of the past are asked for at most this often. */
const PAST_MS = 80;

/** @param {import("./state.js").State} state */
export function keepPast(state) {
  let busy = false;
  let asked = "";
  state.on(["moment", "snapshot"], fetch);

  async function fetch() {
    const { run, view } = state;
    const key = `${run?.id} ${view.at}`;
    if (busy || !run?.cursor || view.at === null || key === asked) return;
    busy = true;
    asked = key;
    const past = await api.dashboard(run.id, view.at).catch(() => null);
    if (past) run.past = past;
    state.emit("dashboard");
    setTimeout(() => ((busy = false), fetch()), PAST_MS);
  }
}
