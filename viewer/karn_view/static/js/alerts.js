// @ts-check
/** The strip of alerts: the newest of each kind, worst first; gone when there are none. */

import { attribute, fill, h, part } from "./dom.js";
import { clock, count, plural } from "./format.js";

/** @typedef {{severity?: string, type?: string, text?: string, kind?: string | null, offset?: number, x?: number | null, wall?: number | null, env_id?: number | null, slot_id?: string | null, count?: number}} Alert */

const WORST_FIRST = ["critical", "error", "warning", "info", "debug"];
const MOST_KINDS = 3;

/**
 * @param {import("./state.js").State} state
 * @param {(offset: number) => void} show  the line of an alert
 * @param {() => void} all
 */
export function alerts(state, show, all) {
  const node = part("alerts");
  /** Run id → the offset up to which alerts were acknowledged. @type {Map<string, number>} */
  const seen = new Map();
  let drawn = "";
  state.on(["dashboard", "run", "moment"], draw);

  function draw() {
    const open = unseen(alertsOf(state.dashboard));
    node.hidden = unseen(alertsOf(state.run?.dashboard)).length === 0;
    const key = JSON.stringify(open);
    if (node.hidden || key === drawn) return;
    drawn = key;
    const kinds = byKind(open).slice(0, MOST_KINDS);
    attribute(node, "data-severity", kinds[0]?.[0].severity ?? "");
    fill(node, h("strong", {}, kinds.length ? `▲ ${plural(total(open), "alert")}` : "no alert up to this moment"), ...kinds.map((kind) => entry(kind, show)), h("span.spring"),
      h("button", { type: "button", onclick: all }, "all"),
      h("button", { type: "button", title: "Hide these until another comes", onclick: acknowledge }, "ack"));
  }

  function acknowledge() {
    seen.set(state.view.run, alertsOf(state.run?.dashboard)[0]?.offset ?? 0);
    draw();
  }

  /** @param {Alert[]} list */
  function unseen(list) {
    return list.filter((alert) => (alert.offset ?? 0) > (seen.get(state.view.run) ?? -1));
  }
}

/** Newest first. @param {Record<string, any> | null | undefined} dashboard @returns {Alert[]} */
export function alertsOf(dashboard) {
  return Array.isArray(dashboard?.alerts) ? dashboard.alerts : [];
}

/** @param {Alert[]} list */
function total(list) {
  return list.reduce((sum, alert) => sum + (alert.count ?? 1), 0);
}

/** Alerts of one type together, the worst and the newest first. @param {Alert[]} list */
function byKind(list) {
  const kinds = group(list);
  return [...kinds.values()].sort((a, b) => rank(a[0]) - rank(b[0]) || (b[0].offset ?? 0) - (a[0].offset ?? 0));
}

/** @param {Alert[]} list @returns {Map<string, Alert[]>} */
function group(list) {
  const kinds = new Map();
  for (const alert of list) kinds.set(kindOf(alert), [...(kinds.get(kindOf(alert)) ?? []), alert]);
  return kinds;
}

/** @param {Alert} alert */
function kindOf(alert) {
  return `${alert.severity} ${alert.type} ${alert.kind}`;
}

/** @param {Alert} alert */
function rank(alert) {
  const place = WORST_FIRST.indexOf(alert.severity ?? "");
  return place < 0 ? WORST_FIRST.length : place;
}

/** @param {Alert[]} kind @param {(offset: number) => void} show */
function entry(kind, show) {
  const [newest] = kind;
  const where = [
    newest.env_id !== null && newest.env_id !== undefined && `env ${newest.env_id}`,
    newest.slot_id && `slot ${newest.slot_id}`,
    typeof newest.x === "number" && `epoch ${newest.x}`,
  ].filter(Boolean).join(" · ");
  const times = total(kind) > 1 ? h("span.times", {}, `×${count(total(kind))}`) : null;
  return h("button.alert", { type: "button", "data-severity": newest.severity ?? "", title: `${newest.type ?? ""} at ${clock(newest.wall)}`, onclick: () => show(newest.offset ?? 0) },
    h("span.alert-text", {}, newest.text || newest.type || "alert"), where && h("span.quiet", {}, where), times);
}
