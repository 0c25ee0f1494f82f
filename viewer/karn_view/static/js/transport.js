// @ts-check
/** Replay: a strip of the whole run as density of lines, with a playhead; play, speed, scrub, live again. */

import * as api from "./api.js";
import { attribute, fill, h, part, text } from "./dom.js";
import { clock, count, duration, moment } from "./format.js";
import { nextFrame, settle } from "./frame.js";
import { icon } from "./icons.js";
import { firstNotBelow } from "./series.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Timeline} Timeline */

const BINS = 300;
const SPEEDS = [0.25, 1, 4, 10, 30, 100, 300, 1000];
/** A run without times plays one bin of records in this many seconds at speed 1. */
const BIN_S = 0.5;
/** The strip of a growing run is asked for again this long after it last grew. */
const FRESHEN_MS = 2000;
/** Dashboards of the past are asked for at most this often. */
const PAST_MS = 80;

/** @param {State} state @param {import("./palette.js").Palette} palette */
export function transport(state, palette) {
  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas"));
  const track = h("div.strip", { role: "slider", tabindex: "0", "aria-label": "Moment of the run", "aria-valuemin": 0, "aria-valuemax": 100 }, canvas);
  const preview = h("span.preview", { hidden: true });
  track.append(preview);
  const back = h("button.icon", { type: "button", title: "One step back (←)", "aria-label": "One step back", onclick: () => step(-1) }, icon("back"));
  const playing = h("button.icon.play", { type: "button", title: "Play or pause (space)", onclick: () => toggle() });
  const on = h("button.icon", { type: "button", title: "One step on (→)", "aria-label": "One step on", onclick: () => step(1) }, icon("on"));
  const speed = /** @type {HTMLSelectElement} */ (h("select", { title: "Speed (< >)", "aria-label": "Speed", onchange: () => (rate = Number(speed.value)) },
    ...SPEEDS.map((times) => h("option", { value: times }, `${times}×`))));
  const time = h("time.moment");
  const live = h("button.live", { type: "button", title: "Now, and whatever comes (l)", onclick: goLive }, "LIVE");
  part("transport").append(h("div.buttons", {}, back, playing, on, speed), track, h("div.at", {}, time, live));

  let rate = 10;
  speed.value = String(rate);
  /** When the last frame of playing was, in ms; null while paused. @type {number | null} */
  let last = null;
  /** Where the playhead stands, in bins; finer than the offset it stands for. */
  let head = BINS;

  state.on(["moment", "run", "view"], () => nextFrame(draw));
  state.on(["timeline"], load);
  state.on(["run"], load);
  const freshen = settle(FRESHEN_MS, load);
  state.on(["points"], () => !state.run?.timeline || state.run.timeline.end === state.run.info.offset ? undefined : freshen());
  new ResizeObserver(() => nextFrame(draw)).observe(track);

  async function load() {
    const run = state.run;
    if (!run?.cursor) return;
    const timeline = await api.timeline(run.id, BINS).catch(() => null);
    if (!timeline) return;
    const first = run.timeline === null;
    run.timeline = timeline;
    if (first && state.view.at !== null) head = binOf(timeline, state.view.at);
    if (first) state.emit("moment");
    nextFrame(draw);
  }

  /** @param {number} bin */
  function goTo(bin) {
    const timeline = state.run?.timeline;
    if (!timeline) return;
    head = Math.min(timeline.bins.length, Math.max(0, bin));
    state.set({ at: offsetAt(timeline, head) });
  }

  function goLive() {
    last = null;
    head = BINS;
    state.set({ at: null });
  }

  function toggle() {
    if (last !== null) {
      last = null;
      return nextFrame(draw);
    }
    if (state.view.at === null || head >= (state.run?.timeline?.bins.length ?? BINS)) head = 0;
    last = globalThis.performance.now();
    requestAnimationFrame(play);
  }

  /** @param {number} now */
  function play(now) {
    const timeline = state.run?.timeline;
    if (last === null || !timeline) return;
    goTo(head + ((now - last) / 1000) * rate * binsASecond(timeline));
    last = now;
    if (head >= timeline.bins.length) last = null;
    else requestAnimationFrame(play);
  }

  /** One bin of the strip further, or back. @param {number} by */
  function step(by) {
    const timeline = state.run?.timeline;
    if (!timeline) return;
    last = null;
    goTo(Math.round(head) + by);
  }

  /** To the next mark of this kind, or the one before. @param {number} by @param {string} kind */
  function jump(by, kind) {
    const timeline = state.run?.timeline;
    if (!timeline) return;
    const at = state.view.at ?? timeline.end;
    const places = timeline.marks.filter((mark) => mark.kind === kind).map((mark) => mark.offset + 1).sort((a, b) => a - b);
    const place = by > 0 ? places.find((offset) => offset > at) : places.findLast((offset) => offset < at);
    if (place === undefined) return;
    head = binOf(timeline, place);
    state.set({ at: place });
  }

  function draw() {
    const timeline = state.run?.timeline;
    part("transport").hidden = !state.run?.metrics.size && !timeline;
    const replaying = state.view.at !== null;
    fill(playing, icon(last === null ? "play" : "pause"));
    attribute(playing, "aria-label", last === null ? "Play" : "Pause");
    live.classList.toggle("on", !replaying);
    attribute(live, "aria-pressed", String(!replaying));
    live.textContent = state.run && ["live", "quiet", "waiting"].includes(state.run.info.state) ? "LIVE" : "END";
    document.body.classList.toggle("replaying", replaying);
    if (!timeline) return;
    const wall = replaying ? wallAt(timeline, head) : timeline.last_wall;
    text(time, wall === null ? `${Math.round((head / timeline.bins.length) * 100)} %` : clock(wall));
    attribute(time, "title", moment(wall));
    attribute(track, "aria-valuenow", String(Math.round((head / timeline.bins.length) * 100)));
    attribute(track, "aria-valuetext", replaying ? clock(wall) : "the end");
    paint(canvas, timeline, replaying ? head : timeline.bins.length, palette);
  }

  track.addEventListener("pointerdown", (event) => {
    last = null;
    track.setPointerCapture(event.pointerId);
    goTo(binUnder(event));
  });
  track.addEventListener("pointermove", (event) => {
    if (track.hasPointerCapture(event.pointerId)) goTo(binUnder(event));
    showPreview(event);
  });
  track.addEventListener("pointerleave", () => (preview.hidden = true));

  /** @param {PointerEvent} event */
  function binUnder(event) {
    const box = track.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * (state.run?.timeline?.bins.length ?? BINS);
  }

  /** @param {PointerEvent} event */
  function showPreview(event) {
    const timeline = state.run?.timeline;
    if (!timeline) return;
    const bin = Math.min(timeline.bins.length - 1, Math.max(0, Math.floor(binUnder(event))));
    text(preview, previewText(timeline, bin, state.run?.info.axis?.name ?? "step"));
    preview.hidden = false;
    preview.style.left = `${(bin / timeline.bins.length) * 100}%`;
  }

  keepPast(state);
  return {
    step, toggle, goLive, jump,
    /** @param {number} by */
    faster(by) {
      rate = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(rate) + by))];
      speed.value = String(rate);
    },
  };
}

/** Fetches the dashboard of the replay's moment, one request at a time, the latest moment last. @param {State} state */
function keepPast(state) {
  let busy = false;
  let asked = "";
  state.on(["moment"], fetch);

  async function fetch() {
    const { run, view } = state;
    const key = `${run?.id} ${view.at}`;
    if (busy || !run?.info.karn || view.at === null || key === asked) return;
    busy = true;
    asked = key;
    const past = await api.dashboard(run.id, view.at).catch(() => null);
    if (past) run.past = past;
    state.emit("dashboard");
    setTimeout(() => ((busy = false), fetch()), PAST_MS);
  }
}

/** @param {Timeline} timeline */
function binsASecond({ bins, first_wall, last_wall }) {
  const length = (last_wall ?? NaN) - (first_wall ?? NaN);
  return length > 0 ? bins.length / length : 1 / BIN_S;
}

/** Where a fraction of a bin lies in the file. @param {Timeline} timeline @param {number} bin */
function offsetAt({ bins, end }, bin) {
  const whole = Math.floor(bin);
  if (whole >= bins.length) return end;
  const next = whole + 1 < bins.length ? bins[whole + 1].offset : end;
  return Math.round(bins[whole].offset + (next - bins[whole].offset) * (bin - whole));
}

/** @param {Timeline} timeline @param {number} offset */
function binOf({ bins }, offset) {
  return firstNotBelow(bins.map((bin) => bin.offset), offset);
}

/** @param {Timeline} timeline @param {number} bin */
function wallAt({ bins, first_wall, last_wall }, bin) {
  return first_wall === null || last_wall === null ? null : first_wall + ((last_wall - first_wall) * bin) / bins.length;
}

/** @param {Timeline} timeline @param {number} bin @param {string} axis */
function previewText({ bins, first_wall }, bin, axis) {
  const { wall, x, records, alerts } = bins[bin];
  const parts = [wall !== null && clock(wall), wall !== null && first_wall !== null && `${duration(wall - first_wall)} in`, x !== null && `${axis} ${x}`, `${count(records)} lines`, alerts > 0 && `${alerts} alerts`];
  return parts.filter(Boolean).join(" · ");
}

/** Density of lines, marks above it, the past in full colour and the future faint. @param {HTMLCanvasElement} canvas @param {Timeline} timeline @param {number} head @param {import("./palette.js").Palette} palette */
function paint(canvas, timeline, head, palette) {
  const scale = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, width, height);
  const { bins } = timeline;
  const most = Math.max(1, ...bins.map((bin) => bin.records));
  const step = width / bins.length;
  const floor = height - 1;
  for (const [i, bin] of bins.entries()) {
    const tall = bin.records ? 2 + Math.sqrt(bin.records / most) * (height - 14) : 0;
    ctx.fillStyle = palette.get(i < head ? "bar" : "bar-ahead");
    ctx.fillRect(i * step, floor - tall, Math.max(0.75, step - 0.75), tall);
  }
  for (const mark of timeline.marks) paintMark(ctx, mark, (binPlace(timeline, mark) + 0.5) * step, height, palette);
  ctx.fillStyle = palette.get("accent");
  if (head < bins.length) ctx.fillRect(Math.round(head * step) - 1, 0, 2, height);
}

/** @param {Timeline} timeline @param {import("./state.js").Mark} mark */
function binPlace(timeline, mark) {
  const { first_wall, last_wall, bins } = timeline;
  if (mark.wall === null || first_wall === null || last_wall === null) return Math.max(0, binOf(timeline, mark.offset + 1) - 1);
  return Math.min(bins.length - 1, Math.floor(((mark.wall - first_wall) / (last_wall - first_wall || 1)) * bins.length));
}

/** Alerts are triangles, resumes and generations lines, seeds dots. @param {CanvasRenderingContext2D} ctx @param {import("./state.js").Mark} mark @param {number} x @param {number} height @param {import("./palette.js").Palette} palette */
function paintMark(ctx, mark, x, height, palette) {
  ctx.beginPath();
  if (mark.kind === "alert" || mark.kind === "fault") {
    ctx.fillStyle = palette.get(mark.kind === "fault" || mark.severity === "error" || mark.severity === "critical" ? "bad" : "warn");
    ctx.moveTo(x - 3.5, 7);
    ctx.lineTo(x + 3.5, 7);
    ctx.lineTo(x, 1);
  } else if (mark.kind === "seed") {
    ctx.fillStyle = palette.get("good");
    ctx.arc(x, 4, 1.75, 0, 7);
  } else {
    ctx.fillStyle = palette.get("accent");
    ctx.rect(x - 0.5, 0, 1, height);
  }
  ctx.fill();
}
