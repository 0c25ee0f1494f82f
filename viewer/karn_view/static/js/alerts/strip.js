// @ts-check
/** The strip of alerts: the newest of each kind, worst first; gone when there are none or all are quiet. */

import { attribute, fill, h, part } from "../dom.js";
import { clock, count, plural } from "../format.js";
import { pieceOf } from "../pieces.js";
import { alertsOfTraining, alertsSoFar, byKind, isSilenced, total, whereOf } from "./silence.js";

/** @typedef {import("./silence.js").Alert & {run: string}} Alert  and the run that it is of */
/** @typedef {import("../state.js").State} State */

const MOST_KINDS = 3;
/** Snoozes end without a word from the viewer. */
const TICK_MS = 15_000;
/** @type {[string, number][]} */
export const SNOOZES = [["15 min", 900], ["1 h", 3600], ["8 h", 28_800]];

/**
 * @param {State} state
 * @param {{show: (run: string, offset: number) => void, all: () => void, silence: (alert: Alert, said: {count?: number, until?: number}) => void}} acts
 */
export function alerts(state, { show, all, silence }) {
  const node = part("alerts");
  let drawn = "";
  state.on(["dashboard", "run", "moment", "alerting"], draw);
  setInterval(draw, TICK_MS);

  function draw() {
    const { run } = state.view;
    const open = unsilenced(alertsSoFar(state));
    node.hidden = unsilenced(alertsOfTraining(state)).length === 0;
    const key = JSON.stringify([run, open]);
    if (node.hidden || key === drawn) return;
    drawn = key;
    const kinds = byKind(open).slice(0, MOST_KINDS);
    const axis = state.run?.info.axis?.name ?? "step";
    attribute(node, "data-severity", kinds[0]?.[0].severity ?? "");
    fill(node, h("strong", {}, kinds.length ? `▲ ${plural(total(open), "alert")}` : "no alert up to this moment"), ...kinds.map((kind) => entry(kind, [whereOf(kind[0], axis), kind[0].run !== run && pieceOf(state, kind[0].run)], show)), h("span.spring"),
      h("button", { type: "button", title: "All alerts and rules (a)", onclick: all }, "all"),
      h("button", { type: "button", title: "Quiet for everybody until one comes again", onclick: () => each((alert) => ({ count: alert.count })) }, "ack"),
      snooze((seconds) => each(() => ({ until: state.now() + seconds }))));
  }

  /** @param {(alert: Alert) => {count?: number, until?: number}} said */
  function each(said) {
    for (const alert of unsilenced(alertsOfTraining(state))) silence(alert, said(alert));
  }

  /** @param {Alert[]} list */
  function unsilenced(list) {
    return list.filter((alert) => !isSilenced(alert, state.alerting.silences[alert.run], state.now()));
  }
}

/** A choice of how long to be quiet. @param {(seconds: number) => void} chosen */
export function snooze(chosen) {
  const select = /** @type {HTMLSelectElement} */ (h("select.snooze", { "aria-label": "Snooze", title: "Quiet for everybody for so long", onchange: () => (chosen(Number(select.value)), (select.value = "")) },
    h("option", { value: "" }, "snooze"), ...SNOOZES.map(([words, seconds]) => h("option", { value: seconds }, words))));
  return select;
}

/** @param {Alert[]} kind @param {(string | false)[]} places  where the newest was @param {(run: string, offset: number) => void} show */
function entry(kind, places, show) {
  const [newest] = kind;
  const where = places.filter(Boolean).join(" · ");
  const times = total(kind) > 1 ? h("span.times", {}, `×${count(total(kind))}`) : null;
  return h("button.alert", { type: "button", "data-severity": newest.severity ?? "", title: `${newest.type ?? ""} at ${clock(newest.wall)}`, onclick: () => show(newest.run, newest.offset ?? 0) },
    h("span.alert-text", {}, newest.text || newest.type || "alert"), where && h("span.quiet", {}, where), times);
}
