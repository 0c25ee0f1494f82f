// @ts-check
/** What the policy decided last, how sure it was, what it expected, what came of it, and what else it weighed. */

import { h } from "../dom.js";
import { number, signed } from "../format.js";
import { derived, leading, table } from "./card.js";

const ALTERNATIVES = 3;

/** @param {import("./card.js").Show} show */
export function decisions(show) {
  const columns = ["decision", "where", "sure", "expected", "got", "instead of"];
  return derived("decisions", "Decisions", (dashboard) => dashboard.decisions, (list) => [table(columns, list.map((/** @type {any} */ decision) => row(decision, show)))]);
}

/** @param {any} decision @param {import("./card.js").Show} show */
function row({ action, offset, success, env_id, slot_id, confidence, value, reward, alternatives }, show) {
  const others = (alternatives ?? []).filter((/** @type {any[]} */ [name]) => name !== action).slice(0, ALTERNATIVES);
  return [
    leading(show, offset, h("b", { class: success === false ? "failed" : null }, action ?? "—")),
    h("span.quiet", {}, [env_id !== null && `env ${env_id}`, slot_id].filter(Boolean).join(" · ")),
    h("td.num", {}, percent(confidence)), h("td.num", {}, signed(value ?? undefined)), h("td.num", {}, signed(reward ?? undefined)),
    h("span.quiet", {}, others.map((/** @type {any[]} */ [name, weight]) => `${name} ${percent(weight)}`).join("  ")),
  ];
}

/** @param {unknown} share */
function percent(share) {
  return typeof share === "number" ? `${number(share * 100)} %` : "—";
}
