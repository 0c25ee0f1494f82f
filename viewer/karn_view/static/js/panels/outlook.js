// @ts-check
/** The run in words: how it stands, why, and what to watch. */

import { h } from "../dom.js";
import { lamp } from "../lamp.js";
import { derived, leading } from "./card.js";

/** Status of the outlook → lamp. @type {Record<string, string>} */
const LAMPS = { well: "finished", watch: "lost", trouble: "failed", unknown: "waiting" };

/** @param {import("./card.js").Show} show */
export function outlook(show) {
  return derived("outlook", "Now, why, next", (dashboard) => dashboard.outlook, ({ status, now, why, next }) => [
    h("p.now", {}, lamp(LAMPS[status] ?? "waiting"), h("strong", {}, now)),
    h("ul", {}, ...(why ?? []).map((/** @type {any} */ reason) => h("li", {}, lamp(LAMPS[reason.status] ?? "waiting"), leading(show, reason.offset, reason.text)))),
    next?.length > 0 && h("ul.next", {}, ...next.map((/** @type {string} */ sentence) => h("li", {}, h("span.quiet", {}, "next"), sentence))),
  ]);
}
