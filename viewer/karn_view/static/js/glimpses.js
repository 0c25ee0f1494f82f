// @ts-check
/** Small curves for the list of runs: asked for one after another, for the rows in sight only. */

import * as api from "./api.js";

/** @typedef {import("./state.js").Run} Run */

const POINTS = 40;
/** The viewer reads a run in full to draw its curve: not for the looks of a list when it is larger than this. */
const LARGEST_BYTES = 32e6;
/** A growing run's curve is asked for again after so long. */
const FRESH_MS = 10_000;

/** @typedef {{offset: number, at_ms: number, points: [number, number][]}} Glimpse */

/** @param {() => void} changed  another curve has come */
export function glimpses(changed) {
  /** @type {Map<string, Glimpse>} */
  const known = new Map();
  /** @type {Run[]} */
  let wanted = [];
  let asking = false;

  /** @param {Run} run */
  function stale(run) {
    const glimpse = known.get(run.id);
    if (!run.info.key_metric || run.info.size_bytes > LARGEST_BYTES) return false;
    return !glimpse || (glimpse.offset !== run.info.offset && performance.now() - glimpse.at_ms > FRESH_MS);
  }

  async function ask() {
    if (asking) return;
    asking = true;
    for (let run = wanted.find(stale); run && document.visibilityState === "visible"; run = wanted.find(stale)) {
      known.set(run.id, { offset: run.info.offset, at_ms: performance.now(), points: await read(run, known.get(run.id)?.points ?? []) });
      changed();
    }
    asking = false;
  }

  return {
    /** The points of a run's key metric, none until they have come. @param {string} id */
    of: (id) => known.get(id)?.points ?? [],
    /** The runs in sight now. @param {Run[]} runs */
    want(runs) {
      wanted = runs;
      ask();
    },
  };
}

/** @param {Run} run @param {[number, number][]} before  kept when the viewer does not answer @returns {Promise<[number, number][]>} */
async function read(run, before) {
  const answer = await api.series(run.id, [run.info.key_metric?.name ?? ""], { x: "step", points: POINTS }).catch(() => null);
  const [curve] = answer?.series ?? [];
  return curve ? Array.from(curve.x, (x, i) => [x, curve.y[i]]) : before;
}
