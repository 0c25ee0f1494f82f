// @ts-check
/** One uPlot: options, and what is drawn below and above its lines. */

import uPlot from "../../vendor/uPlot.esm.js";
import { clock, number } from "../format.js";
import { logTicks } from "../ticks.js";
import { faint } from "../palette.js";
import { extent } from "../series.js";

/** @typedef {import("../palette.js").Palette} Palette */
/** @typedef {import("../series.js").Series} Series */
/** @typedef {import("./lines.js").Line} Line */

const FONT = "11px ui-sans-serif, system-ui, sans-serif";
const LABELS_PX = 44;
const DIGIT_PX = 6.2;
/** Distances between ticks, also for what a diverged loss can reach: uPlot's own list ends at 1e32. */
const INCREMENTS = increments(-32, 307);
/** Charts of one page share their pointer by this key. */
const SYNC = "karn";

/**
 * @typedef {object} Drawn  What one line draws now.
 * @property {Line} line
 * @property {Series} series
 * @property {number} n  leading points to draw
 * @property {ArrayLike<number>} shown  smoothed, or the raw column
 */

/**
 * @typedef {object} Scene  Read at every draw; the card changes it in place.
 * @property {Drawn[]} drawn
 * @property {[number, number]} window  x from, to
 * @property {{x: number, kind: string}[]} marks
 * @property {number | null} focus
 * @property {number} smooth
 * @property {{low: number, high: number, beyond: number} | null} bulk  where y ends when a few values lie far out
 */

/**
 * @typedef {object} PlotParts
 * @property {HTMLElement} parent
 * @property {number} width
 * @property {number} height
 * @property {Line[]} lines
 * @property {boolean} logy
 * @property {boolean} wall  x is time of day
 * @property {Scene} scene
 * @property {Palette} palette
 * @property {(x: number | null) => void} hover
 * @property {(window: [number, number] | null) => void} zoom
 */

/** @param {PlotParts} parts @returns {uPlot} */
export function plot(parts) {
  const { parent, width, height, lines, palette } = parts;
  const series = lines.map((line) => ({
    stroke: palette.get(line.colour),
    width: 1.5,
    dash: line.dash,
    points: { show: false },
  }));
  /** @type {uPlot.Options} */
  const options = {
    width,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: SYNC, setSeries: false },
      points: { size: 6, width: 1.5 },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => (parts.zoom(null), null) },
    },
    scales: {
      x: { time: false, range: () => parts.scene.window },
      y: { distr: parts.logy ? 3 : 1, range: (_, low, high) => yRange(parts, low, high) },
    },
    axes: axes(parts),
    series: [{}, ...series],
    hooks: {
      drawAxes: [(u) => under(u, parts)],
      draw: [(u) => over(u, parts)],
      setCursor: [(u) => parts.hover(hovered(u))],
      setSelect: [(u) => select(u, parts)],
    },
  };
  return new uPlot(options, /** @type {any} */ ([[], ...lines.map(() => [])]), parent);
}

/** @param {number} least @param {number} most  powers of ten */
function increments(least, most) {
  const all = [];
  for (let power = least; power <= most; power++) for (const step of [1, 2, 2.5, 5]) all.push(Number(`${step}e${power}`));
  return all;
}

/** @param {PlotParts} parts @returns {uPlot.Axis[]} */
function axes({ palette, wall, logy }) {
  const shared = { stroke: palette.get("ink-3"), font: FONT, ticks: { show: false }, grid: { stroke: palette.get("grid"), width: 1 } };
  const x = wall ? { values: (/** @type {uPlot} */ _, /** @type {number[]} */ ticks) => ticks.map(clock) } : { values: labels };
  return [
    { ...shared, ...x, size: 22, gap: 4, space: wall ? 80 : 56, grid: { show: false } },
    { ...shared, ...(logy ? { splits: (/** @type {uPlot} */ _, /** @type {number} */ __, /** @type {number} */ low, /** @type {number} */ high) => logTicks(low, high), filter: (/** @type {uPlot} */ _, /** @type {number[]} */ ticks) => ticks } : {}), incrs: INCREMENTS, size: widest, gap: 4, space: 26, values: labels },
  ];
}

/** @param {uPlot} _ @param {(number | null)[]} ticks */
function labels(_, ticks) {
  return ticks.map((tick) => (tick === null ? "" : tidy(tick)));
}

/** Wide enough for the longest label. @param {uPlot} _ @param {string[] | null} values */
function widest(_, values) {
  return Math.max(LABELS_PX, 14 + DIGIT_PX * Math.max(0, ...(values ?? []).map((value) => value.length)));
}

/** @param {number} tick */
function tidy(tick) {
  if (tick === 0) return "0";
  const size = Math.abs(tick);
  if (size >= 1e4 || size < 1e-3) return number(Number(tick.toPrecision(3)));
  return String(Number(tick.toPrecision(6))).replace("-", "−");
}

/** What the columns span, with room to breathe; the raw band counts, so nothing is cut off, and so does what a replay has yet to show, so nothing jumps. @param {PlotParts} parts @param {number | null} low @param {number | null} high @returns {[number, number]} */
function yRange({ scene, logy }, low, high) {
  let from = Infinity;
  let to = -Infinity;
  for (const { series } of scene.drawn) {
    const span = extent(series, series.length, scene.window, logy);
    if (!span) continue;
    from = Math.min(from, span[0]);
    to = Math.max(to, span[1]);
  }
  if (scene.bulk && !logy) [from, to] = [Math.max(from, scene.bulk.low), Math.min(to, scene.bulk.high)];
  if (!(from <= to)) return logy ? [0.1, 10] : [low ?? 0, high ?? 1];
  if (logy) return [from / 1.15, to * 1.15];
  const room = (to - from) * 0.06 || Math.abs(to) * 0.1 || 1;
  return [from >= 0 && from - room < 0 ? 0 : from - room, to + room];
}

/** Below the lines: marks of the run, then the raw values as a faint band. @param {uPlot} u @param {PlotParts} parts */
function under(u, parts) {
  const { ctx } = u;
  clipped(u, () => {
    for (const mark of parts.scene.marks) rule(u, mark.x, parts.palette.get(mark.kind === "resume" ? "accent" : "line"), [4, 4]);
    for (const drawn of parts.scene.drawn) {
      const colour = parts.palette.get(drawn.line.colour);
      ctx.fillStyle = faint(colour, 0.16);
      ctx.strokeStyle = faint(colour, 0.38);
      if (!drawn.series.exact) band(u, drawn);
      if (parts.scene.smooth) trace(u, drawn.series, drawn.n);
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      trace(u, drawn.series.superseded, drawn.series.superseded.x.length);
      ctx.setLineDash([]);
    }
  });
}

/** Lowest to highest of each stretch. @param {uPlot} u @param {Drawn} drawn */
function band(u, { series, n }) {
  const { ctx } = u;
  ctx.beginPath();
  for (let i = 0; i < n; i++) point(u, series.x[i], series.max[i]);
  for (let i = n - 1; i >= 0; i--) point(u, series.x[i], series.min[i]);
  ctx.fill();
}

/** Values as they are, or as they were before a resume. @param {uPlot} u @param {{x: ArrayLike<number>, y: ArrayLike<number>}} line @param {number} n */
function trace(u, { x, y }, n) {
  const { ctx } = u;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let i = 0; i < n; i++) point(u, x[i], y[i]);
  ctx.stroke();
}

/** @param {uPlot} u @param {number} x @param {number} y */
function point(u, x, y) {
  if (Number.isFinite(y)) u.ctx.lineTo(u.valToPos(x, "x", true), u.valToPos(y, "y", true));
}

/** Above the lines: the last value as a dot, crosses where values were not finite, the line looked at. @param {uPlot} u @param {PlotParts} parts */
function over(u, { scene, palette }) {
  clipped(u, () => {
    for (const { line, series, n, shown } of scene.drawn) {
      dot(u, series.x[n - 1], shown[n - 1], palette.get(line.colour));
      for (const { x } of series.nonFinite) if (x <= (series.x[n - 1] ?? -Infinity)) cross(u, x, palette.get("bad"));
    }
    if (scene.focus !== null) rule(u, scene.focus, palette.get("accent"), []);
  });
}

/** @param {uPlot} u @param {number} x @param {number} y @param {string} colour */
function dot(u, x, y, colour) {
  if (!Number.isFinite(y)) return;
  u.ctx.fillStyle = colour;
  u.ctx.beginPath();
  u.ctx.arc(u.valToPos(x, "x", true), u.valToPos(y, "y", true), 2.75 * devicePixelRatio, 0, 7);
  u.ctx.fill();
}

/** @param {uPlot} u @param {number} x @param {string} colour */
function cross(u, x, colour) {
  const arm = 2.5 * devicePixelRatio;
  const left = u.valToPos(x, "x", true);
  const top = u.bbox.top + 2 * arm;
  u.ctx.strokeStyle = colour;
  u.ctx.lineWidth = 1.25 * devicePixelRatio;
  u.ctx.beginPath();
  u.ctx.moveTo(left - arm, top - arm);
  u.ctx.lineTo(left + arm, top + arm);
  u.ctx.moveTo(left - arm, top + arm);
  u.ctx.lineTo(left + arm, top - arm);
  u.ctx.stroke();
}

/** @param {uPlot} u @param {number} x @param {string} colour @param {number[]} dash */
function rule(u, x, colour, dash) {
  const left = Math.round(u.valToPos(x, "x", true));
  u.ctx.strokeStyle = colour;
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  u.ctx.beginPath();
  u.ctx.moveTo(left, u.bbox.top);
  u.ctx.lineTo(left, u.bbox.top + u.bbox.height);
  u.ctx.stroke();
  u.ctx.setLineDash([]);
}

/** @param {uPlot} u @param {() => void} draw */
function clipped(u, draw) {
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(u.bbox.left, u.bbox.top - 4 * devicePixelRatio, u.bbox.width + 8 * devicePixelRatio, u.bbox.height + 4 * devicePixelRatio);
  u.ctx.clip();
  draw();
  u.ctx.restore();
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
