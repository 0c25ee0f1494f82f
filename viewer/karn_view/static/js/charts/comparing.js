// @ts-check
/** Controls for several runs: each less the chosen one, or one curve for those with an equal setting. */

import { attribute, fill, h } from "../dom.js";
import { differing } from "../settings.js";
import { EVERY } from "./lines.js";

/** @param {import("../state.js").State} state @returns {HTMLElement[]} */
export function comparing(state) {
  const diff = h("button.toggle", { type: "button", title: "Other runs as their difference to the chosen one (-)", onclick: () => state.set({ diff: !state.view.diff }) }, "difference");
  const menu = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "mean by", title: "One curve, the mean, for the runs in which this is equal; the band is the lowest and highest of them", onchange: () => state.set({ group: menu.value }) }));
  const group = h("label", {}, "mean by ", menu);
  let listed = "";

  state.on(["view", "run", "runs", "settings"], () => {
    const several = state.view.compare.length > 0;
    diff.hidden = group.hidden = !several;
    if (!several) return;
    attribute(diff, "aria-pressed", String(state.view.diff));
    const names = [...new Set([...differing(state.trainings), ...(state.view.group ? [state.view.group] : [])])].filter((name) => name !== EVERY);
    if (names.join("\n") !== listed || !menu.options.length) fill(menu, h("option", { value: "" }, "no group"), h("option", { value: EVERY }, "all runs"), ...names.map((name) => h("option", { value: name }, name)));
    listed = names.join("\n");
    menu.value = state.view.group;
  });
  return [group, diff];
}
