// @ts-check
/** The picture of a run's whole course under the replay: density of lines, marks, what is past and what is ahead. */

/** @typedef {import("./timeline.js").Course} Course */
/** @typedef {import("./palette.js").Palette} Palette */

const BAR_PX = 4;
const MARKS_PX = 10;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Course} course
 * @param {number} head  playhead, 0 to 1
 * @param {number[]} alerts  offsets
 * @param {Palette} palette
 */
export function paint(canvas, course, head, alerts, palette) {
  const ctx = prepared(canvas);
  const { clientWidth: width, clientHeight: height } = canvas;
  const bars = density(course, Math.max(1, Math.floor(width / BAR_PX)));
  const most = Math.max(...bars, 1e-9);
  for (const [i, lines] of bars.entries()) {
    const tall = lines ? 2 + Math.sqrt(lines / most) * (height - MARKS_PX - 3) : 1;
    ctx.fillStyle = palette.get((i + 0.5) / bars.length <= head ? "bar" : "bar-ahead");
    ctx.fillRect(i * BAR_PX, height - tall, BAR_PX - 1, tall);
  }
  for (const mark of course.timeline.marks) line(ctx, course.placeOf(mark.offset) * width, height, palette.get("accent"));
  for (const place of apart(faulty(course), width)) triangle(ctx, place * width, palette.get("bad"));
  for (const place of apart(alerts.map((offset) => course.placeOf(offset)), width)) triangle(ctx, place * width, palette.get("warn"));
  if (head < 1) playhead(ctx, head * width, height, palette.get("accent"));
}

/** @param {HTMLCanvasElement} canvas */
function prepared(canvas) {
  const scale = devicePixelRatio;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  // A canvas that is given its size again is another one to the browser, which puts all layers of the page together anew.
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

/** Lines in each of so many equal stretches: every bin's lines are spread over the stretch it covers. @param {Course} course @param {number} bars */
function density({ timeline, places }, bars) {
  const lines = new Array(bars).fill(0);
  for (const [i, { records }] of timeline.bins.entries()) {
    const from = places[i] * bars;
    const to = Math.min(bars, Math.max((places[i + 1] ?? 1) * bars, from + 1e-6));
    for (let bar = Math.floor(from); bar < to && bar < bars; bar++) {
      lines[bar] += (records * (Math.min(bar + 1, to) - Math.max(bar, from))) / (to - from);
    }
  }
  return lines;
}

/** @param {Course} course */
function faulty({ timeline, places }) {
  return places.filter((_, i) => timeline.bins[i].faults > 0);
}

/** Marks that would lie upon each other are drawn once. @param {number[]} places @param {number} width */
function apart(places, width) {
  return [...new Set(places.map((place) => Math.round((place * width) / 5)))].map((slot) => (slot * 5) / width);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {string} colour */
function triangle(ctx, x, colour) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(x - 3.5, 7);
  ctx.lineTo(x + 3.5, 7);
  ctx.lineTo(x, 1);
  ctx.fill();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} height @param {string} colour */
function line(ctx, x, height, colour) {
  ctx.fillStyle = colour;
  ctx.fillRect(Math.round(x), 0, 1, height);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} height @param {string} colour */
function playhead(ctx, x, height, colour) {
  ctx.fillStyle = colour;
  ctx.fillRect(x - 1, 0, 2, height);
  ctx.beginPath();
  ctx.arc(x, 4, 4, 0, 7);
  ctx.fill();
}
