// @ts-check
/** Seeds' lives as lanes over the epochs: one lane a slot, one bar a stage, and how each life ended. */

import { h, svg } from "../dom.js";
import { number } from "../format.js";
import { derived } from "./card.js";

const LANE = 16;
const BAR = 10;
const WIDTH = 1000;

/** @param {import("./card.js").Show} show */
export function lanes(show) {
  return derived("lanes", "Seeds' lives", (dashboard) => (dashboard.lanes?.lives?.length ? { ...dashboard.lanes, now: dashboard.x } : null), ({ lives, older, now }) => {
    const slots = [...new Set(lives.map(slotOf))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    const from = Math.min(...lives.map((/** @type {any} */ life) => life.stages[0]?.[1] ?? Infinity));
    const to = Math.max(now ?? -Infinity, ...lives.flatMap((/** @type {any} */ life) => life.stages.map((/** @type {any[]} */ stage) => stage[2] ?? stage[1])));
    const place = (/** @type {number} */ x) => (to > from ? ((x - from) / (to - from)) * WIDTH : 0);
    const drawing = /** @type {SVGElement} */ (svg("svg", { viewBox: `0 0 ${WIDTH} ${slots.length * LANE}`, preserveAspectRatio: "none", role: "img", "aria-label": `Stages of ${lives.length} seeds from epoch ${from} to ${to}` }));
    drawing.style.height = `${slots.length * LANE}px`;
    for (const life of lives) for (const stage of life.stages) drawing.append(bar(life, stage, slots.indexOf(slotOf(life)) * LANE, place, to, show));
    return [
      h("div.lane-names", {}, ...slots.map((name) => h("span", {}, name))), drawing,
      h("p.quiet.ends", {}, h("span", {}, `epoch ${number(from)}`), h("span", {}, older ? `${older} earlier lives are not shown` : ""), h("span", {}, number(to))),
    ];
  });
}

/** @param {any} life */
function slotOf(life) {
  return `${life.slot_id ?? "?"} · env ${life.env_id ?? "?"}`;
}

/** @param {any} life @param {any[]} stage @param {number} top @param {(x: number) => number} place @param {number} now @param {import("./card.js").Show} show */
function bar(life, [stage, from, to, alpha, offset], top, place, now, show) {
  const left = place(from);
  const words = [`${life.blueprint ?? "seed"} ${String(stage).toLowerCase()}`, `epoch ${from} to ${to ?? "now"}`, alpha !== null && `α ${number(alpha)}`, life.ended && `then ${String(life.ended).toLowerCase()}`, life.why].filter(Boolean).join(", ");
  return svg("rect", {
    x: left, y: top + (LANE - BAR) / 2, width: Math.max(1.5, place(to ?? now) - left), height: BAR, class: "bar", "data-stage": stage,
    onclick: () => typeof offset === "number" && show(offset),
  }, svg("title", {}, words));
}
