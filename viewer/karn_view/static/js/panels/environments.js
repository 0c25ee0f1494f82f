// @ts-check
/** Every environment on a line: how it learns, what it earns, what sits in its slots, what was done to it last. */

import { h } from "../dom.js";
import { number } from "../format.js";
import { spark } from "../spark.js";
import { derived, stageMark, table } from "./card.js";

/** Status of an environment → level of its word. @type {Record<string, string>} */
const LEVELS = { improving: "good", stalled: "warn", degraded: "warn", diverged: "bad" };

export function environments() {
  const columns = ["env", "state", "accuracy", "", "reward", "", "slots", "last action"];
  return derived("environments", "Environments", (dashboard) => dashboard.environments, (list) => [table(columns, list.map(row))]);
}

/** @param {any} env */
function row(env) {
  return [
    h("th", { scope: "row" }, String(env.env_id)),
    h("span.word", { "data-level": LEVELS[env.status] ?? "" }, env.status ?? "—"),
    h("td.num", {}, h("b", {}, number(env.accuracy ?? undefined))), spark(env.recent_accuracy),
    h("td.num", {}, number(env.reward ?? undefined)), spark(env.recent_reward),
    h("span.slots", {}, ...(env.slots ?? []).map(slot)),
    h("span", { class: env.last_action_success === false ? "failed" : null }, env.last_action ?? "—"),
  ];
}

/** @param {any} slot */
function slot({ slot_id, stage, blueprint, blocked_by }) {
  const mark = stageMark(stage);
  mark.title = [slot_id, blueprint, blocked_by && `held back by ${blocked_by}`].filter(Boolean).join(" · ");
  return mark;
}
