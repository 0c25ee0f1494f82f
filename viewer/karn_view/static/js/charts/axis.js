// @ts-check
/** The menu of what the charts run along: step, time, what else the viewer found, or any metric. */

import { attribute, fill, h, text } from "../dom.js";
import { byMetric } from "./frame.js";

/** @param {import("../state.js").State} state */
export function axisMenu(state) {
  const step = h("option", { value: "step" }, "step");
  const found = h("optgroup", { label: "could be x" });
  const metrics = h("optgroup", { label: "any metric" });
  const node = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "x", onchange: () => state.set({ x: node.value, zoom: null }) },
    step, h("option", { value: "wall" }, "time of day"), h("option", { value: "relative" }, "time since start"), found, metrics));
  let listed = "";

  /** @param {{name: string, reason: string}[]} candidates */
  function list(candidates) {
    const known = state.run?.metrics ?? new Map();
    const told = candidates.filter(({ name }) => known.has(name));
    const others = [...known.values()].filter(({ name, constant }) => !constant && !told.some((one) => one.name === name));
    const key = JSON.stringify([told, others.map(({ name }) => name)]);
    if (key === listed) return;
    listed = key;
    fill(found, ...told.map(({ name, reason }) => h("option", { value: byMetric(name), title: reason }, `${name}: ${reason}`)));
    fill(metrics, ...others.map(({ name }) => h("option", { value: byMetric(name) }, name)));
    found.hidden = !told.length;
  }

  return {
    node,
    draw() {
      const { axis, clock } = state.run?.info ?? {};
      list(axis?.candidates ?? []);
      text(step, axis?.name || "step");
      attribute(node, "title", ["What the charts run along (x)", axis?.reason, clock?.reason].filter(Boolean).join("\n"));
      node.value = state.view.x;
    },
  };
}
