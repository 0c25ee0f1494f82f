// @ts-check
/** Seeds: who sits in which slot, in which stage, and what each contributes (Shapley). */

import { attribute, fill, h } from "../dom.js";
import { exact, MISSING, number, signed } from "../format.js";
import { card, stageMark } from "./card.js";

/** @param {(offset: number) => void} show @returns {import("./card.js").Panel} */
export function seeds(show) {
  const body = h("tbody");
  const columns = ["slot", "seed", "stage", "params", "contribution", ""];
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...columns.map((name) => (name ? h("th", { scope: "col", class: name }, name) : h("td.bar"))))), body);
  const node = card("seeds", "Seed contributions", h("div.scroll", { tabindex: "0" }, table));
  let drawn = "";

  return {
    node,
    draw(dashboard) {
      const list = Array.isArray(dashboard.seeds) ? dashboard.seeds : [];
      const key = JSON.stringify(list);
      if (key === drawn) return;
      drawn = key;
      const widest = Math.max(1e-9, ...list.map((seed) => Math.abs(seed.contribution) || 0));
      const several = new Set(list.map((seed) => seed.env_id)).size > 1;
      fill(body, ...list.map((seed) => row(seed, widest, several, show)));
      if (!list.length) fill(body, h("tr", {}, h("td.quiet", { colspan: columns.length }, "No seed has germinated yet.")));
    },
  };
}

/** @param {Record<string, any>} seed @param {number} widest @param {boolean} several @param {(offset: number) => void} show */
function row(seed, widest, several, show) {
  const alpha = typeof seed.alpha === "number" && seed.alpha > 0 && seed.alpha < 1 ? h("span.quiet", {}, ` α ${number(seed.alpha)}`) : null;
  const slot = several ? `${seed.slot_id ?? MISSING} · env ${seed.env_id ?? MISSING}` : seed.slot_id ?? MISSING;
  const { offset } = seed;
  return h("tr", { onclick: typeof offset === "number" && (() => show(offset)) },
    h("th", { scope: "row" }, slot), h("td", {}, seed.blueprint ?? MISSING), h("td", {}, stageMark(seed.stage), alpha),
    h("td.num.params", { title: exact(seed.params) }, number(seed.params ?? undefined)),
    h("td.num", { title: titleOf(seed) }, signed(seed.contribution ?? undefined), spread(seed)),
    h("td.bar", {}, bar(seed.contribution, widest)));
}

/** @param {Record<string, any>} seed */
function spread(seed) {
  const std = seed.contribution_std;
  return typeof std === "number" && h("span.quiet", {}, ` ± ${number(std)}`);
}

/** @param {Record<string, any>} seed */
function titleOf(seed) {
  return [exact(seed.contribution), seed.contribution_kind, seed.efficiency !== undefined && seed.efficiency !== null && `${number(seed.efficiency)} points for 1,000 parameters`].filter(Boolean).join(" · ");
}

/** @param {unknown} contribution @param {number} widest */
function bar(contribution, widest) {
  const line = h("i", { "aria-hidden": "true" });
  line.style.width = "0";
  if (typeof contribution !== "number") return line;
  attribute(line, "data-sign", contribution < 0 ? "down" : "up");
  line.style.width = `${(Math.abs(contribution) / widest) * 100}%`;
  return line;
}
