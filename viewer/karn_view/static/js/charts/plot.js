// @ts-check
/** One uPlot: its scales, its axes, and what a pointer does on it. */

import uPlot from "../../vendor/uPlot.esm.js";
import { clock, tickLabels } from "../format.js";
import { logTicks } from "../ticks.js";
import { extent } from "../series.js";
import { isDense, over, under } from "./paint.js";

/** @typedef {import("../palette.js").Palette} Palette */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./lines.js").Line} Line */

const WIDTH_PX = 1.5;
/** A curve of more points than pixels is a thicket in which no line is told from another, and these are drawn ten times as fast. */
const DENSE_WIDTH_PX = 1;
const FONT = "11px ui-sans-serif, system-ui, sans-serif";
const LABELS_PX = 44;
const TALL_PX = 280;
/** With more lines than these, a point on each of them under the pointer is a cloud, and slow. */
const MOST_POINTS = 8;
const DIGIT_PX = 6.2;
/** A time of day below an axis. */
const CLOCK_PX = 54;
/** Distances between ticks, also for what a diverged loss can reach: uPlot's own list ends at 1e32. */
const INCREMENTS = increments(-32, 307);
/** Ticks of a logarithmic axis; uPlot would thin them out again. */
const LOGARITHMIC = {
  splits: (/** @type {uPlot} */ _, /** @type {number} */ __, /** @type {number} */ low, /** @type {number} */ high) => logTicks(low, high),
  filter: (/** @type {uPlot} */ _, /** @type {number[]} */ ticks) => ticks,
};
/** Charts of one page share their pointer by this key. */
const SYNC = "karn";

/**
 * @typedef {object} PlotParts
 * @property {HTMLElement} parent
 * @property {number} width
 * @property {number} height
 * @property {(number | null | undefined)[][]} columns  x, then each line's y
 * @property {(Line & {cloud: boolean})[]} lines
 * @property {boolean} logx
 * @property {boolean} logy
 * @property {boolean} wall  x is time of day
 * @property {Scene} scene
 * @property {Palette} palette
 * @property {(x: number | null) => void} hover
 * @property {(window: [number, number] | null) => void} zoom
 */

/** A plot with its first picture drawn. @param {PlotParts} parts @returns {uPlot} */
export function plot(parts) {
  const { parent, width, height, lines, palette } = parts;
  const series = lines.map((line) => ({
    stroke: palette.get(line.colour),
    width: WIDTH_PX,
    dash: line.dash,
    scale: line.side,
    ...(line.cloud ? { paths: () => null, points: { show: true, size: 3, fill: palette.get(line.colour) } } : { points: { show: false } }),
  }));
  /** A plot that never had the pointer has nothing to say of its going. @type {number | null} */
  let told = null;
  const tell = (/** @type {number | null} */ x) => {
    if (x !== null || told !== null) parts.hover(x);
    told = x;
  };
  /** @type {uPlot.Options} */
  const options = {
    width,
    height,
    padding: [8, parts.wall ? CLOCK_PX / 2 : 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: SYNC, setSeries: false },
      points: lines.length > MOST_POINTS ? { show: false } : { size: 6, width: 1.5 },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => (parts.zoom(null), null) },
    },
    scales: {
      x: { time: false, distr: parts.logx ? 3 : 1, range: () => parts.scene.window },
      left: { distr: parts.logy ? 3 : 1, range: (_, low, high) => yRange(parts, "left", low, high) },
      right: { distr: parts.logy ? 3 : 1, range: (_, low, high) => yRange(parts, "right", low, high) },
    },
    axes: axes(parts),
    series: [{}, ...series],
    hooks: {
      drawClear: [(u) => widen(u, parts.scene)],
      drawAxes: [(u) => under(u, parts.scene, palette)],
      draw: [(u) => over(u, parts.scene, palette)],
      setCursor: [(u) => tell(hovered(u))],
      setSelect: [(u) => select(u, parts)],
    },
  };
  return new uPlot(options, /** @type {any} */ (parts.columns), (u, begin) => {
    parent.append(u.root);
    u.batch(begin);
  });
}

/** Draws other columns, and at another size if need be, before it returns. @param {uPlot} u @param {number} width @param {number} height @param {PlotParts["columns"]} columns */
export function redraw(u, width, height, columns) {
  u.batch(() => {
    if (u.width !== width || u.height !== height) u.setSize({ width, height });
    u.setData(/** @type {any} */ (columns));
  });
}

/** As wide as fits so many points. @param {uPlot} u @param {Scene} scene */
function widen(u, { lines, drawn }) {
  for (const one of drawn) u.series[lines.indexOf(one.line) + 1].width = isDense(u, one) ? DENSE_WIDTH_PX : WIDTH_PX;
}

/** @param {number} least @param {number} most  powers of ten */
function increments(least, most) {
  const all = [];
  for (let power = least; power <= most; power++) for (const step of [1, 2, 2.5, 5]) all.push(Number(`${step}e${power}`));
  return all;
}

/** @param {PlotParts} parts @returns {uPlot.Axis[]} */
function axes({ lines, palette, wall, logx, logy }) {
  const shared = { stroke: palette.get("ink-3"), font: FONT, ticks: { show: false }, incrs: INCREMENTS };
  const grid = { stroke: palette.get("grid"), width: 1 };
  const x = wall ? { values: (/** @type {uPlot} */ _, /** @type {number[]} */ ticks) => ticks.map(clock), incrs: undefined } : { values: labels };
  const y = { ...shared, ...(logy ? LOGARITHMIC : {}), size: widest, gap: 4, space: roomy, values: labels };
  return [
    { ...shared, ...x, ...(logx ? LOGARITHMIC : {}), size: 22, gap: 4, space: wall ? CLOCK_PX + 26 : 56, grid: { show: false } },
    { ...y, scale: "left", grid },
    { ...y, scale: "right", side: 1, grid: { show: false }, show: lines.some(({ side }) => side === "right") },
  ];
}

/** @param {uPlot} _ @param {(number | null)[]} ticks */
function labels(_, ticks) {
  const named = tickLabels(ticks.filter((tick) => tick !== null));
  return ticks.map((tick) => (tick === null ? "" : named.shift() ?? ""));
}

/** Ticks of y stand further apart where there is room. @param {uPlot} _ @param {number} __ @param {number} ___ @param {number} ____ @param {number} height */
function roomy(_, __, ___, ____, height) {
  return height > TALL_PX ? 52 : 26;
}

/** Wide enough for the longest label. @param {uPlot} _ @param {string[] | null} values */
function widest(_, values) {
  return Math.max(LABELS_PX, 14 + DIGIT_PX * Math.max(0, ...(values ?? []).map((value) => value.length)));
}

/** What the columns span, with room to breathe; the raw band counts, so nothing is cut off, and so does what a replay has yet to show, so nothing jumps. @param {PlotParts} parts @param {Line["side"]} side @param {number | null} low @param {number | null} high @returns {[number, number]} */
function yRange({ scene, logy }, side, low, high) {
  let from = Infinity;
  let to = -Infinity;
  for (const { line, series } of scene.drawn) {
    if (line.side !== side) continue;
    const span = extent(series, series.length, scene.window, logy);
    if (!span) continue;
    from = Math.min(from, span[0]);
    to = Math.max(to, span[1]);
  }
  if (scene.bulk && side === "left" && !logy) [from, to] = [Math.max(from, scene.bulk.low), Math.min(to, scene.bulk.high)];
  if (!(from <= to) && logy) return [0.1, 10];
  if (!(from <= to)) [from, to] = [low ?? 0, high ?? 1]; // of the points on both sides, which may be equal
  if (logy) return [from / 1.15, to * 1.15];
  const room = (to - from) * 0.06 || Math.abs(to) * 0.1 || 1;
  return [from >= 0 && from - room < 0 ? 0 : from - room, to + room];
}

/** @param {uPlot} u */
function hovered(u) {
  const { left } = u.cursor;
  return left === undefined || left < 0 ? null : u.posToVal(left, "x");
}

/** A drag over a few pixels is a zoom. @param {uPlot} u @param {PlotParts} parts */
function select(u, parts) {
  const { left, width } = u.select;
  if (width < 4) return;
  parts.zoom([u.posToVal(left, "x"), u.posToVal(left + width, "x")]);
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}
