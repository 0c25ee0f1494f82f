// @ts-check
/** Recent actions of the policy, the newest first; one that failed is struck through. */

import { fill, h } from "../dom.js";
import { clock } from "../format.js";
import { card } from "./card.js";

/** @param {(offset: number) => void} show @returns {import("./card.js").Panel} */
export function actions(show) {
  const list = h("ol", { tabindex: "0", "aria-label": "Recent actions, the newest first" });
  let drawn = "";
  return {
    node: card("actions", "Recent actions", list),
    draw(dashboard) {
      const recent = Array.isArray(dashboard.recent_actions) ? dashboard.recent_actions : [];
      const key = JSON.stringify(recent);
      if (key === drawn) return;
      drawn = key;
      fill(list, ...recent.map((action) => item(action, show)));
      if (!recent.length) fill(list, h("li.quiet", {}, "None yet."));
    },
  };
}

/** @param {Record<string, any>} action @param {(offset: number) => void} show */
function item(action, show) {
  const failed = action.success === false;
  const where = [action.env_id !== null && action.env_id !== undefined && `env ${action.env_id}`, action.slot_id].filter(Boolean).join(" · ");
  return h("li", {}, h("button", { type: "button", title: `${clock(action.wall)}${failed ? ", failed" : ""}`, onclick: () => show(action.offset ?? 0) },
    h("b", { "data-action": action.action ?? "", class: failed ? "failed" : null }, action.action ?? "?"), h("span.quiet", {}, where)));
}
