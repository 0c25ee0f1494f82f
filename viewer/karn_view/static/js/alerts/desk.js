// @ts-check
/** Notifications of the browser, once somebody asked for them by a click: they come while a page is open behind others. */

import { alertsOf, fresh, isSilenced } from "./silence.js";

/** @typedef {import("../state.js").State} State */

const KEPT = "karn.notifications";
const LOUD = new Set(["warning", "error", "critical"]);

/** @param {State} state @param {(run: string, offset: number) => void} show */
export function desk(state, show) {
  /** Run and generation → how often each alert had happened. @type {Map<string, Map<string, number>>} */
  const counted = new Map();
  state.on(["dashboard", "snapshot"], look);

  function look() {
    for (const run of state.shown) {
      if (!run.dashboard) continue;
      const list = alertsOf(run.dashboard);
      const key = `${run.id} ${run.info.generation}`;
      const news = fresh(list, counted.get(key)).filter((alert) => LOUD.has(alert.severity) && !isSilenced(alert, state.alerting.silences[run.id], state.now()));
      counted.set(key, new Map(list.map((alert) => [alert.id, alert.count])));
      if (news.length && isOn()) for (const alert of news) tell(run.id, run.info.name, alert);
    }
  }

  /** @param {string} run @param {string} name @param {import("./silence.js").Alert} alert */
  function tell(run, name, alert) {
    const note = new Notification(`${name}: ${alert.text}`, { body: alert.type, tag: `${run} ${alert.id}` });
    note.onclick = () => {
      window.focus();
      show(run, alert.offset);
      note.close();
    };
  }
}

/** Whether this browser can show any. */
export function isPossible() {
  return "Notification" in window && isSecureContext;
}

export function isOn() {
  return isPossible() && Notification.permission === "granted" && kept() === "on";
}

/** Asks the browser, which asks the person; call from a click only. @param {boolean} on @returns {Promise<boolean>} */
export async function turn(on) {
  const may = on && isPossible() && (await Notification.requestPermission()) === "granted";
  try {
    localStorage.setItem(KEPT, may ? "on" : "off");
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
  return isOn();
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
