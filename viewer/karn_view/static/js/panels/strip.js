// @ts-check
/** The panels of a Karn run, side by side above the charts. Runs without Karn events have none of them. */

import { h, part } from "../dom.js";
import { nextFrame } from "../frame.js";
import { actions } from "./actions.js";
import { performance } from "./performance.js";
import { policy } from "./policy.js";
import { seeds } from "./seeds.js";

/**
 * A panel builds its node once and draws a dashboard into it; fields it does not know are not its business.
 * @typedef {{node: HTMLElement, draw: (dashboard: Record<string, any>) => void}} Panel
 */

/** @param {import("../state.js").State} state @param {(offset: number) => void} show  the line something came from */
export function strip(state, show) {
  const node = part("karn");
  const panels = [performance(), seeds(show), policy(), actions(show)];
  node.append(...panels.map((panel) => panel.node));
  state.on(["dashboard", "run", "runs", "moment"], () => nextFrame(draw));

  function draw() {
    node.hidden = !state.run?.info.karn || !state.run.dashboard;
    const dashboard = state.dashboard;
    if (node.hidden || !dashboard) return;
    for (const panel of panels) panel.draw(dashboard);
  }
}

/** @param {string} name @param {string} title @param {...import("../dom.js").Child} children */
export function card(name, title, ...children) {
  return h(`section.panel.${name}`, { "aria-label": title }, h("h2", {}, title), ...children);
}
