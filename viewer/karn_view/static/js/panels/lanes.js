// @ts-check
/** Seeds' lives as lanes over the epochs: one lane a slot, one bar a stage, and how each life ended. */

import { h, svg } from "../dom.js";
import { number } from "../format.js";
import { derived, stageMark } from "./card.js";

const LANE = 16;
const BAR = 10;
const WIDTH = 1000;
/** In the order of a life; a stage that none of the seeds shown came to is left out of the legend. */
const STAGES = ["GERMINATED", "TRAINING", "BLENDING", "HOLDING", "FOSSILIZED", "PRUNED", "EMBARGOED", "RESETTING"];

/** @param {import("./card.js").Show} show */
export function lanes(show) {
  return derived("lanes", "Seeds' lives", (dashboard) => (dashboard.lanes?.lives?.length ? { ...dashboard.lanes, now: dashboard.x } : null), ({ lives, older, now }) => {
    const slots = [...new Set(lives.map(slotOf))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    const from = Math.min(...lives.map((/** @type {any} */ life) => life.stages[0]?.[1] ?? Infinity));
    const to = Math.max(now ?? -Infinity, ...lives.flatMap((/** @type {any} */ life) => life.stages.map((/** @type {any[]} */ stage) => stage[2] ?? stage[1])));
    const place = (/** @type {number} */ x) => (to > from ? ((x - from) / (to - from)) * WIDTH : 0);
    const drawing = /** @type {SVGElement} */ (svg("svg", { viewBox: `0 0 ${WIDTH} ${slots.length * LANE}`, preserveAspectRatio: "none", role: "img", "aria-label": `Stages of ${lives.length} seeds from epoch ${from} to ${to}` }));
    drawing.style.height = `${slots.length * LANE}px`;
    for (const life of lives) {
      const top = slots.indexOf(slotOf(life)) * LANE;
      drawing.append(...life.stages.map((/** @type {any[]} */ stage) => bar(life, stage, top, place, to, show)), ...blends(life, top, place));
    }
    const known = new Set(lives.flatMap((/** @type {any} */ life) => life.stages.map((/** @type {any[]} */ [stage]) => stage)));
    return [
      h("p.stages.quiet", {}, ...STAGES.filter((stage) => known.has(stage)).map(stageMark), h("span", {}, "╱ alpha, from 0 to 1")),
      h("div.lane-names", {}, ...slots.map((name) => h("span", {}, name))), drawing,
      h("p.quiet.ends", {}, h("span", {}, `epoch ${number(from)}`), h("span", {}, older ? `${older} earlier lives are not shown` : ""), h("span", {}, number(to))),
    ];
  });
}

/** How far the seed was blended in, as steps that rise from its lane's foot to its head: told only where it changed. @param {any} life @param {number} top @param {(x: number) => number} place */
function blends({ alphas, stages }, top, place) {
  const told = (alphas ?? []).filter((/** @type {any[]} */ [, alpha]) => Number.isFinite(alpha));
  if (!told.some((/** @type {any[]} */ [, alpha]) => alpha > 0)) return [];
  const end = stages.at(-1)[2] ?? told.at(-1)[0];
  const at = (/** @type {any[]} */ [x, alpha]) => `${place(x).toFixed(1)},${(top + LANE - 3 - alpha * BAR).toFixed(1)}`;
  const steps = told.flatMap((/** @type {any[]} */ [x, alpha], /** @type {number} */ i) => (i ? [[x, told[i - 1][1]], [x, alpha]] : [[x, alpha]]));
  return [svg("polyline", { class: "blend", points: [...steps, [end, told.at(-1)[1]]].map(at).join(" ") })];
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
