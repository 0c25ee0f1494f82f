// @ts-check
/** What lies below and above a chart's lines in its picture, as `charts/paint.js` draws it on screen. */

import { svg } from "../dom.js";
import { box, pathOf, place } from "./places.js";

/** @typedef {import("../charts/card.js").Drawing} Drawing */
/** @typedef {import("../palette.js").Palette} Palette */

/** So far above its edge things are drawn on screen. */
const REACH_PX = 4;
const FAINT = { fill: "none", "stroke-opacity": 0.38 };

/** Below: resumes as dashed rules, bands, raw values under smoothed ones, what a resume replaced. @param {Drawing} drawing @param {Palette} palette */
export function under({ plot, scene }, palette) {
  const { left, top, height } = box(plot);
  const across = (/** @type {number} */ x) => place(left + plot.valToPos(x, "x"));
  const rules = scene.marks.filter(({ kind }) => kind !== "alert").map(({ x, kind }) =>
    svg("path", { class: kind, d: `M${across(x)} ${top}V${top + height}`, stroke: palette.get(kind === "resume" ? "accent" : "line"), "stroke-dasharray": "4 4" }));
  return [...rules, ...scene.drawn.flatMap((one) => {
    const { series, line, from, n } = one;
    const { superseded } = series;
    const colour = palette.get(line.colour);
    return [
      ...(series.hasBand ? [svg("path", { class: "band", d: bandOf(plot, one), fill: colour, "fill-opacity": 0.16 })] : []),
      ...(scene.smooth ? [svg("path", { class: "raw", d: pathOf(plot, line.side, series.x, series.y, from, n), ...FAINT, stroke: colour })] : []),
      ...(superseded.x.length ? [svg("path", { class: "replaced", d: pathOf(plot, line.side, superseded.x, superseded.y, 0, superseded.x.length), ...FAINT, stroke: colour, "stroke-dasharray": "2 3" })] : []),
    ];
  })];
}

/** Lowest to highest of each stretch. @param {Drawing["plot"]} plot @param {import("../charts/scene.js").Drawn} drawn */
function bandOf(plot, { line, series, from, n }) {
  const { left, top } = box(plot);
  const point = (/** @type {number} */ x, /** @type {number} */ y) => `${place(left + plot.valToPos(x, "x"))} ${place(top + plot.valToPos(y, line.side))}`;
  const measured = Array.from({ length: n - from }, (_, i) => from + i).filter((i) => Number.isFinite(series.min[i]) && Number.isFinite(series.max[i]));
  const edge = [...measured.map((i) => point(series.x[i], series.max[i])), ...measured.reverse().map((i) => point(series.x[i], series.min[i]))];
  return edge.length ? `M${edge.join("L")}Z` : "";
}

/** Above: the last value as a dot, crosses where values were not finite, alerts as triangles. @param {Drawing} drawing @param {Palette} palette */
export function over({ plot, scene }, palette) {
  const { left, top, width, height } = box(plot);
  const [from, to] = scene.window;
  const across = (/** @type {number} */ x) => place(left + plot.valToPos(x, "x"));
  const within = (/** @type {{x: number}} */ { x }) => x >= from && x <= to && across(x) <= left + width;
  const dots = scene.drawn.filter(({ n }) => n > 0).map(({ line, series, shown, n }) => ({ x: series.x[n - 1], y: top + plot.valToPos(shown[n - 1], line.side), colour: line.colour })).filter(within).filter(({ y }) => y >= top - REACH_PX && y <= top + height);
  const odd = scene.drawn.flatMap(({ series, n }) => series.nonFinite.filter(({ x }) => x <= (series.x[n - 1] ?? -Infinity))).filter(within);
  const alerts = scene.marks.filter(({ kind }) => kind === "alert").filter(within);
  return [
    ...dots.map(({ x, y, colour }) => svg("circle", { class: "last", cx: across(x), cy: place(y), r: 2.75, fill: palette.get(colour) })),
    ...odd.map(({ x }) => svg("path", { class: "not-finite", d: `M${across(x) - 2.5} ${top + 2.5}l5 5m-5 0l5 -5`, stroke: palette.get("bad"), "stroke-width": 1.25 })),
    ...alerts.map(({ x, severity }) => svg("path", { class: "alert", d: `M${across(x) - 3.5} ${top + height}h7l-3.5 -6z`, fill: palette.get(severity === "warning" ? "warn" : "bad") })),
  ];
}
