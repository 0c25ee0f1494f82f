// @ts-check
/** The panels of a Karn run above its charts: four always, the rest on demand. Other runs have none of them. */

import { h, part } from "../dom.js";
import { nextFrame } from "../frame.js";
import { actions } from "./actions.js";
import { attribution } from "./attribution.js";
import { decisions } from "./decisions.js";
import { environments } from "./environments.js";
import { episodes } from "./episodes.js";
import { lanes } from "./lanes.js";
import { learning } from "./learning.js";
import { outlook } from "./outlook.js";
import { performance } from "./performance.js";
import { policy } from "./policy.js";
import { seeds } from "./seeds.js";

/** @param {import("../state.js").State} state @param {import("./card.js").Show} show */
export function strip(state, show) {
  const node = part("karn");
  const first = [performance(), seeds(show), policy(), actions(show)];
  const rest = [outlook(show), environments(), lanes(show), decisions(show), attribution(show), learning(show), episodes(show)];
  const more = h("div.more", { hidden: true }, ...rest.map((panel) => panel.node));
  node.append(h("div.first", {}, ...first.map((panel) => panel.node)), more);
  state.on(["dashboard", "run", "runs", "moment", "view"], () => nextFrame(draw));

  function draw() {
    node.hidden = !state.run?.info.karn || !state.run.dashboard;
    more.hidden = !state.view.more;
    const dashboard = state.dashboard;
    if (node.hidden || !dashboard) return;
    for (const panel of state.view.more ? [...first, ...rest] : first) panel.draw(dashboard);
  }
}
