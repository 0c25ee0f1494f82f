// @ts-check
/** What seeds are worth together: accuracy of the host alone, of each seed alone, of pairs, of all. */

import { h } from "../dom.js";
import { number, signed } from "../format.js";
import { derived, leading } from "./card.js";

/** @param {import("./card.js").Show} show */
export function attribution(show) {
  return derived("attribution", "Host alone, each seed, all together", measured, ({ counterfactual, shapley }) => [
    ...shapley.map((/** @type {any} */ one) => values(one, show)),
    ...counterfactual.flatMap((/** @type {any} */ matrix) => {
      const widest = Math.max(1e-9, ...matrix.configs.map((/** @type {any} */ config) => Number(config.accuracy) || 0));
      return [h("p", {}, leading(show, matrix.offset, `env ${matrix.env_id ?? "?"} · epoch ${number(matrix.x ?? undefined)}`)), ...matrix.configs.map((/** @type {any} */ config) => row(config, widest))];
    }),
  ]);
}

/** @param {Record<string, any>} dashboard */
function measured({ counterfactual = [], shapley = [] }) {
  return counterfactual.length || shapley.length ? { counterfactual, shapley } : null;
}

/** Shapley values of an environment: what each slot is worth, and how sure that is. @param {any} shapley @param {import("./card.js").Show} show */
function values({ env_id, offset, slots }, show) {
  const words = slots.map((/** @type {any} */ { slot_id, mean, std }) => h("span", {}, `${slot_id} `, h("b", {}, signed(mean ?? undefined)), h("span.quiet", {}, ` ± ${number(std ?? undefined)}  `)));
  return h("p.shapley", {}, leading(show, offset, `Shapley · env ${env_id ?? "?"}`), " ", ...words);
}

/** @param {any} config @param {number} widest */
function row({ on, kind, accuracy }, widest) {
  const bar = h("i", { "data-kind": kind });
  bar.style.width = `${(100 * (Number(accuracy) || 0)) / widest}%`;
  return h("div.config", {}, h("span.quiet", {}, on?.length ? on.join(" + ") : "host"), h("span.track", {}, bar), h("b", {}, number(accuracy ?? undefined)));
}
