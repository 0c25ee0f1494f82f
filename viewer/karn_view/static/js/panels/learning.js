// @ts-check
/** The last policy update in full: losses, ratios, critic, gradients, heads and Q values. */

import { h } from "../dom.js";
import { exact, number } from "../format.js";
import { derived, leading, table } from "./card.js";

const HEAD_COLUMNS = ["entropy", "grad_norm", "ratio_max", "clip_fraction"];

/** @param {import("./card.js").Show} show */
export function learning(show) {
  return derived("learning", "Policy update", (dashboard) => dashboard.policy, (policy) => {
    const figures = Object.entries(policy).filter(([name, value]) => typeof value !== "object" && name !== "offset" && value !== null && value !== false);
    return [
      h("p", {}, leading(show, policy.offset, `update ${policy.updates ?? "?"}`)),
      h("dl.figures", {}, ...figures.map(([name, value]) => h("div", {}, h("dt", {}, spoken(name)), h("dd", { title: exact(value) }, value === true ? "yes" : number(value))))),
      heads(policy.heads), values(policy.q_values),
    ];
  });
}

/** @param {Record<string, any> | null | undefined} heads */
function heads(heads) {
  const rows = Object.entries(heads ?? {}).map(([name, head]) => [h("th", { scope: "row" }, spoken(name)), ...HEAD_COLUMNS.map((column) => h("td.num", {}, number(head?.[column] ?? undefined)))]);
  return rows.length ? table(["head", ...HEAD_COLUMNS.map(spoken)], rows) : null;
}

/** @param {Record<string, any> | null | undefined} values */
function values(values) {
  const list = Object.entries(values ?? {});
  return list.length ? h("p.q-values", {}, h("span.quiet", {}, "Q "), ...list.map(([name, value]) => h("span", {}, `${name} `, h("b", {}, number(value ?? undefined)), " "))) : null;
}

/** @param {string} name */
function spoken(name) {
  return name.replaceAll("_", " ");
}
