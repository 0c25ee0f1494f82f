// @ts-check
/** Which runs are pieces of one training: told by the viewer, or joined by a person. Pure. */

/** @typedef {import("./state.js").RunInfo} RunInfo */

/** @typedef {Map<string, string[]>} Trainings  run id → all pieces of its training, the earliest first; runs on their own are left out */

/**
 * @param {Iterable<RunInfo>} runs
 * @param {string[][]} joined  ids of runs that a person made one
 * @returns {Trainings}
 */
export function trainingsOf(runs, joined) {
  const infos = new Map([...runs].map((info) => [info.id, info]));
  const told = [...infos.values()].flatMap(({ id, continues }) => (continues ? [[continues, id]] : []));
  /** @type {Trainings} */
  const found = new Map();
  for (const group of [...told, ...joined]) {
    const ids = group.filter((id) => infos.has(id)).flatMap((id) => found.get(id) ?? [id]);
    const pieces = [...new Set(ids)].sort((a, b) => began(infos.get(a)) - began(infos.get(b)));
    if (pieces.length > 1) for (const id of pieces) found.set(id, pieces);
  }
  return found;
}

/** @param {RunInfo | undefined} info */
function began(info) {
  return info?.first_record_at ?? info?.started_at ?? info?.arrived_at ?? 0;
}
