// @ts-check
/** The best and the worst episodes, each leading to its line. */

import { h } from "../dom.js";
import { factor, number } from "../format.js";
import { derived, leading, table } from "./card.js";

const COLUMNS = ["episode", "accuracy", "params", "reward", "fossilized", "pruned"];

/** @param {import("./card.js").Show} show */
export function episodes(show) {
  return derived("episodes", "Best and worst episodes", (dashboard) => (dashboard.episodes_ranked?.count ? dashboard.episodes_ranked : null), ({ best, worst, count }) => {
    const known = new Set(best.map((/** @type {any} */ episode) => episode.offset));
    const rest = worst.filter((/** @type {any} */ episode) => !known.has(episode.offset)).reverse();
    const below = rest.length ? [[h("th.worst", { colspan: COLUMNS.length, scope: "rowgroup" }, "and the worst")]] : [];
    const rows = (/** @type {any[]} */ list) => list.map((episode) => row(episode, show));
    return [table(COLUMNS, [...rows(best), ...below, ...rows(rest)]), h("p.quiet", {}, `${count} episodes`)];
  });
}

/** @param {any} episode @param {import("./card.js").Show} show */
function row({ episode, env_id, offset, accuracy, param_ratio, reward, fossilized, pruned }, show) {
  const figures = [number(accuracy ?? undefined), factor(param_ratio ?? undefined), number(reward ?? undefined), number(fossilized ?? undefined), number(pruned ?? undefined)];
  return [h("th", { scope: "row" }, leading(show, offset, `${episode ?? "?"} · env ${env_id ?? "?"}`)), ...figures.map((figure) => h("td.num", {}, figure))];
}
