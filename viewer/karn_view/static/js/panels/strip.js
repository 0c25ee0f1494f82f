// @ts-check
/** The panels of a Karn run above its charts: four always, the rest on demand, and those of a second run beside them. Other runs have none of them. */

import { h, part, text } from "../dom.js";
import { nextFrame } from "../frame.js";
import { runColour } from "../palette.js";
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

/** @typedef {import("../state.js").Run} Run */

/** @param {import("../state.js").State} state @param {import("./card.js").Show} show @param {(run: string, offset: number) => void} showOf  a line of another run */
export function strip(state, show, showOf) {
  const node = part("karn");
  const own = panels(show);
  const other = panels((offset) => state.second && showOf(state.second.id, offset));
  node.append(own.node);
  state.on(["dashboard", "run", "runs", "moment", "view"], () => nextFrame(draw));

  function draw() {
    const { run, second, view } = state;
    node.hidden = !run?.info.karn || !run.dashboard;
    node.classList.toggle("two", second !== undefined);
    if (!second) other.node.remove();
    else if (!other.node.isConnected) node.append(other.node);
    if (node.hidden || !run) return;
    own.draw(run, state.dashboard, view.more, second !== undefined);
    if (second) other.draw(second, view.at === null ? second.dashboard : second.past, view.more, true);
  }
}

/** All panels of one run. @param {import("./card.js").Show} show */
function panels(show) {
  const first = [performance(), seeds(show), policy(), actions(show)];
  const rest = [outlook(show), environments(), lanes(show), decisions(show), attribution(show), learning(show), episodes(show)];
  const more = h("div.more", { hidden: true }, ...rest.map((panel) => panel.node));
  const swatch = h("i.swatch", { "aria-hidden": "true" });
  const name = h("span");
  const title = h("h2.of", {}, swatch, name);
  return {
    node: h("div.panels", {}, title, h("div.first", {}, ...first.map((panel) => panel.node)), more),
    /** @param {Run} run @param {Record<string, any> | null | undefined} dashboard @param {boolean} all @param {boolean} named */
    draw({ id, info }, dashboard, all, named) {
      title.hidden = !named;
      text(name, info.name);
      swatch.style.background = `var(--${runColour(id)})`;
      more.hidden = !all;
      if (dashboard) for (const panel of all ? [...first, ...rest] : first) panel.draw(dashboard);
    },
  };
}
