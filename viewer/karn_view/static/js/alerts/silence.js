// @ts-check
/** Which alerts are quiet because somebody acknowledged or snoozed them. Pure. */

/**
 * @typedef {object} Alert
 * @property {string} id
 * @property {string} type
 * @property {string | null} kind
 * @property {string} severity
 * @property {string} text
 * @property {number | null} env_id
 * @property {string | null} slot_id
 * @property {number} count
 * @property {number} offset
 * @property {number | null} x
 * @property {number | null} wall
 * @property {number[]} offsets
 */

/** @typedef {{count?: number, until?: number}} Silence  quiet up to this count, or until this time */
/** @typedef {Record<string, Silence>} Silences  by the id of the alert */

export const WORST_FIRST = ["critical", "error", "warning", "info", "debug"];

/** @param {Alert} alert @param {Silences | undefined} silences @param {number} now  seconds since 1970 */
export function isSilenced(alert, silences, now) {
  const said = silences?.[alert.id];
  if (!said) return false;
  return alert.count <= (said.count ?? -1) || now < (said.until ?? -Infinity);
}

/** Newest first. @param {Record<string, any> | null | undefined} dashboard @returns {Alert[]} */
export function alertsOf(dashboard) {
  return Array.isArray(dashboard?.alerts) ? dashboard.alerts : [];
}

/** Alerts of all pieces of the chosen training, those of the newest piece first, each with its run. @param {import("../state.js").State} state @returns {(Alert & {run: string})[]} */
export function alertsOfTraining(state) {
  return ofPieces(state, (run) => state.runs.get(run)?.dashboard);
}

/** Those of them that were there at the moment on screen. @param {import("../state.js").State} state */
export function alertsSoFar(state) {
  return ofPieces(state, (run) => (run === state.view.run ? state.dashboard : state.untilOf(run) === 0 ? null : state.runs.get(run)?.dashboard));
}

/** @param {import("../state.js").State} state @param {(run: string) => Record<string, any> | null | undefined} dashboardOf @returns {(Alert & {run: string})[]} */
function ofPieces(state, dashboardOf) {
  return state.trainingOf(state.view.run).toReversed().flatMap((run) => alertsOf(dashboardOf(run)).map((alert) => ({ ...alert, run })));
}

/** Alerts of one type together, the worst and the newest first. @template {Alert} A @param {A[]} list @returns {A[][]} */
export function byKind(list) {
  /** @type {Map<string, A[]>} */
  const kinds = new Map();
  for (const alert of list) {
    const kind = `${alert.severity} ${alert.type} ${alert.kind}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), alert]);
  }
  return [...kinds.values()].sort((a, b) => rank(a[0]) - rank(b[0]) || b[0].offset - a[0].offset);
}

/** @param {Alert} alert */
function rank(alert) {
  const place = WORST_FIRST.indexOf(alert.severity);
  return place < 0 ? WORST_FIRST.length : place;
}

/** How often all of them happened. @param {Alert[]} list */
export function total(list) {
  return list.reduce((sum, alert) => sum + (alert.count ?? 1), 0);
}

/** Where it happened, in words. @param {Alert} alert @param {string} axis */
export function whereOf(alert, axis) {
  return [
    alert.env_id !== null && alert.env_id !== undefined && `env ${alert.env_id}`,
    alert.slot_id && `slot ${alert.slot_id}`,
    typeof alert.x === "number" && `${axis} ${alert.x}`,
  ].filter(Boolean).join(" · ");
}

/**
 * The alerts that came since a run was looked at last, by what was counted then.
 * @param {Alert[]} list
 * @param {Map<string, number> | undefined} counted
 * @returns {Alert[]}
 */
export function fresh(list, counted) {
  return counted ? list.filter((alert) => alert.count > (counted.get(alert.id) ?? 0)) : [];
}
