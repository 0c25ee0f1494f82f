// @ts-check
/** What is drawn on a chart below and above uPlot's lines: marks, raw bands, last values. */

import { faint } from "../palette.js";

/** @typedef {import("../../vendor/uPlot.esm.js")} uPlot */
/** @typedef {import("../palette.js").Palette} Palette */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Drawn} Drawn */

/** Alerts closer to each other than this are one sign. */
const APART_PX = 6;

/** Below the lines: marks of the run, then the raw values, or what the file tells of them, as a faint band. @param {uPlot} u @param {Scene} scene @param {Palette} palette */
export function under(u, scene, palette) {
  const { ctx } = u;
  clipped(u, () => {
    for (const mark of scene.marks) if (mark.kind !== "alert") rule(u, mark.x, palette.get(mark.kind === "resume" ? "accent" : "line"), [4, 4]);
    for (const drawn of scene.drawn) {
      const { superseded } = drawn.series;
      const colour = palette.get(drawn.line.colour);
      ctx.fillStyle = faint(colour, 0.16);
      ctx.strokeStyle = faint(colour, 0.38);
      if (drawn.series.hasBand) band(u, drawn);
      if (scene.smooth) trace(u, drawn, drawn.series);
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      trace(u, { line: drawn.line, from: 0, n: superseded.x.length }, superseded);
      ctx.setLineDash([]);
    }
  });
}

/**
 * Lowest to highest of each stretch: an area, or where that has more corners than pixels, a bar for each column of them.
 * @param {uPlot} u @param {Drawn} drawn
 */
function band(u, drawn) {
  if (isDense(u, drawn)) bars(u, drawn);
  else area(u, drawn);
}

/** Whether a curve has more points than the chart has columns of pixels: what is drawn of it then is cheap at any number. @param {uPlot} u @param {Pick<Drawn, "from" | "n">} drawn */
export function isDense(u, { from, n }) {
  return n - from > u.bbox.width;
}

/** @param {uPlot} u @param {Drawn} drawn */
function area(u, { line, series, from, n }) {
  const { ctx } = u;
  ctx.beginPath();
  for (let i = from; i < n; i++) point(u, series.x[i], series.max[i], line.side);
  for (let i = n - 1; i >= from; i--) point(u, series.x[i], series.min[i], line.side);
  ctx.fill();
}

/** The extremes of a point are of the stretch that ends there, so a bar begins where the one before ends. @param {uPlot} u @param {Drawn} drawn */
function bars(u, { line, series, from, n }) {
  let begin = -1;
  let end = -1;
  let low = Infinity;
  let high = -Infinity;
  const bar = () => {
    if (low > high) return;
    const top = Math.round(u.valToPos(high, line.side, true));
    u.ctx.fillRect(begin, top, end - begin, Math.max(1, Math.round(u.valToPos(low, line.side, true)) - top));
  };
  for (let i = from; i < n; i++) {
    const column = Math.round(u.valToPos(series.x[i], "x", true)) + 1;
    if (column !== end) {
      bar();
      [begin, end, low, high] = [i > from ? end : column - 1, column, Infinity, -Infinity];
    }
    if (series.min[i] < low) low = series.min[i];
    if (series.max[i] > high) high = series.max[i];
  }
  bar();
}

/** Values as they are, or as they were before a resume. @param {uPlot} u @param {Pick<Drawn, "line" | "from" | "n">} drawn @param {{x: ArrayLike<number>, y: ArrayLike<number>}} columns */
function trace(u, { line, from, n }, { x, y }) {
  const { ctx } = u;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let i = from; i < n; i++) {
    if (i > from && (!Number.isFinite(y[i - 1]) || x[i] < x[i - 1])) begin(u, x[i], y[i], line.side);
    else point(u, x[i], y[i], line.side);
  }
  ctx.stroke();
}

/** @param {uPlot} u @param {number} x @param {number} y @param {string} scale */
function begin(u, x, y, scale) {
  if (Number.isFinite(y)) u.ctx.moveTo(u.valToPos(x, "x", true), u.valToPos(y, scale, true));
}

/** @param {uPlot} u @param {number} x @param {number} y @param {string} scale */
function point(u, x, y, scale) {
  if (Number.isFinite(y)) u.ctx.lineTo(u.valToPos(x, "x", true), u.valToPos(y, scale, true));
}

/** Above the lines: the last value as a dot, crosses where values were not finite, alerts, the line looked at. @param {uPlot} u @param {Scene} scene @param {Palette} palette */
export function over(u, scene, palette) {
  clipped(u, () => {
    for (const { line, series, n, shown } of scene.drawn) {
      if (n > 0) dot(u, series.x[n - 1], shown[n - 1], line.side, palette.get(line.colour));
      for (const { x } of series.nonFinite) if (x <= (series.x[n - 1] ?? -Infinity)) cross(u, x, palette.get("bad"));
    }
    alerts(u, scene, palette);
    if (scene.focus !== null) rule(u, scene.focus, palette.get("accent"), []);
  });
}

/** Small triangles along x. @param {uPlot} u @param {Scene} scene @param {Palette} palette */
function alerts(u, { marks, window }, palette) {
  const places = new Map();
  for (const { kind, x, severity } of marks) {
    if (kind !== "alert" || !(x >= window[0] && x <= window[1])) continue;
    const place = Math.round(u.valToPos(x, "x", true) / (APART_PX * devicePixelRatio));
    if (places.get(place) !== "bad") places.set(place, severity === "warning" ? "warn" : "bad");
  }
  for (const [place, colour] of places) triangle(u, place * APART_PX * devicePixelRatio, palette.get(colour));
}

/** @param {uPlot} u @param {number} left @param {string} colour */
function triangle(u, left, colour) {
  const side = 3.5 * devicePixelRatio;
  const bottom = u.bbox.top + u.bbox.height;
  u.ctx.fillStyle = colour;
  u.ctx.beginPath();
  u.ctx.moveTo(left - side, bottom);
  u.ctx.lineTo(left + side, bottom);
  u.ctx.lineTo(left, bottom - 1.7 * side);
  u.ctx.fill();
}

/** @param {uPlot} u @param {number} x @param {number} y @param {string} scale @param {string} colour */
function dot(u, x, y, scale, colour) {
  if (!Number.isFinite(y)) return;
  u.ctx.fillStyle = colour;
  u.ctx.beginPath();
  u.ctx.arc(u.valToPos(x, "x", true), u.valToPos(y, scale, true), 2.75 * devicePixelRatio, 0, 7);
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
