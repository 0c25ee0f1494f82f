// @ts-check
/** Replay: a strip of the whole run as density of lines, with a playhead; play, speed, scrub, live again. */

import * as api from "./api.js";
import { attribute, fill, h, part, text } from "./dom.js";
import { clock, count, duration, moment, number, plural } from "./format.js";
import { atMostEvery, nextFrame } from "./frame.js";
import { icon } from "./icons.js";
import { keepPast } from "./past.js";
import { pieceButton } from "./pieces.js";
import { nextLine, nextPlace } from "./steps.js";
import { paint } from "./strip.js";
import { Course } from "./timeline.js";

/** @typedef {import("./state.js").State} State */

const BINS = 300;
const SPEEDS = [0.25, 1, 4, 10, 30, 100, 300, 1000];
/** A run without times plays in so many seconds at speed 1. */
const UNTIMED_S = 600;
/** The strip of a growing run is asked for again at most this often. */
const FRESHEN_MS = 2000;

/** @param {State} state @param {import("./palette.js").Palette} palette */
export function transport(state, palette) {
  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas"));
  const preview = h("span.preview", { hidden: true });
  const track = h("div.strip", { role: "slider", tabindex: "0", "aria-label": "Moment of the run", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 100 }, canvas, preview);
  const back = h("button.icon", { type: "button", title: "One step back (←)", "aria-label": "One step back", onclick: () => step(-1) }, icon("back"));
  const playing = h("button.icon.play", { type: "button", title: "Play or pause (space)", onclick: () => toggle() });
  const on = h("button.icon", { type: "button", title: "One step on (→)", "aria-label": "One step on", onclick: () => step(1) }, icon("on"));
  const speed = /** @type {HTMLSelectElement} */ (h("select", { title: "Speed (< >)", "aria-label": "Speed", onchange: () => (rate = Number(speed.value)) },
    ...SPEEDS.map((times) => h("option", { value: times }, `${times}×`))));
  const unit = h("option", { value: "axis" }, "step");
  const by = /** @type {HTMLSelectElement} */ (h("select.by", { title: "What ← and → step by", "aria-label": "Step by" },
    unit, h("option", { value: "line" }, "line"), h("option", { value: "stretch" }, "stretch")));
  const alert = h("button.icon.next-alert", { type: "button", title: "To the next alert (n)", "aria-label": "To the next alert", onclick: () => jump(1) }, "▲");
  const time = h("time.moment");
  const live = h("button.live", { type: "button", title: "Now, and whatever comes (l)", onclick: goLive });
  part("transport").append(h("div.buttons", {}, back, playing, on, alert, speed, by), track, h("div.at", {}, pieceButton(state, "The replay is"), time, live));

  let rate = 10;
  speed.value = String(rate);
  /** When the last frame of playing was, in ms; null while paused. @type {number | null} */
  let last = null;
  /** The playhead, as a fraction of the run; finer than the offset it stands for. */
  let head = 1;
  let stepping = Promise.resolve();
  /** @type {Course | null} */
  let course = null;

  state.on(["moment", "run", "runs"], () => nextFrame(draw));
  state.on(["run"], () => ((course = null), (last = null)));
  state.on(["timeline", "run"], load);
  const freshen = atMostEvery(FRESHEN_MS, load);
  state.on(["points", "runs"], () => course && state.run && course.timeline.end !== state.run.info.offset && freshen());
  new ResizeObserver(() => nextFrame(draw)).observe(track);

  async function load() {
    const run = state.run;
    if (!run?.info.records) return;
    const timeline = await api.timeline(run.id, BINS).catch(() => null);
    if (!timeline || run !== state.run) return;
    run.timeline = timeline;
    course = new Course(timeline);
    if (state.view.at !== null && last === null) head = course.placeOf(state.view.at);
    state.playhead = course.playhead(head);
    state.emit("marks");
    nextFrame(draw);
  }

  /** @param {number} place */
  function goTo(place) {
    if (!course) return;
    head = Math.min(1, Math.max(0, place));
    state.playhead = course.playhead(head);
    state.set({ at: course.offsetAt(head) });
  }

  /** @param {number} offset */
  function goToOffset(offset) {
    if (!course) return;
    head = course.placeOf(offset);
    state.playhead = course.playhead(head);
    state.set({ at: offset });
  }

  function goLive() {
    last = null;
    head = 1;
    state.set({ at: null });
    state.emit("dashboard");
  }

  function toggle() {
    if (last !== null) {
      last = null;
      return nextFrame(draw);
    }
    if (!course) return;
    if (state.view.at === null || head >= 1) head = 0;
    last = globalThis.performance.now();
    requestAnimationFrame(play);
  }

  /** @param {number} now */
  function play(now) {
    if (last === null || !course) return;
    const passed_s = Math.max(0, now - last) / 1000;
    goTo(head + (passed_s * rate) / (course.timed ? course.length_s : UNTIMED_S));
    last = now;
    if (head >= 1) last = null;
    else requestAnimationFrame(play);
  }

  /** One step after the other, however fast somebody presses. @param {1 | -1} way */
  function step(way) {
    last = null;
    stepping = stepping.then(() => stepOnce(way)).catch((error) => {
      if (!(error instanceof api.Refused)) throw error;
    });
  }

  /** @param {1 | -1} way */
  async function stepOnce(way) {
    const run = state.run;
    if (!course || !run) return;
    if (by.value === "stretch") return goTo(course.neighbour(state.view.at === null ? 1 : head, way));
    const at = state.view.at ?? course.timeline.end;
    const found = await (by.value === "line" ? nextLine : nextPlace)(run.id, at, way);
    if (run === state.run && course) goToOffset(found ?? (way > 0 ? course.timeline.end : 0));
  }

  /** To just after the next alert, or the one before. @param {number} by */
  function jump(by) {
    if (!course) return;
    const at = state.view.at ?? course.timeline.end;
    const places = alertOffsets(state).map((offset) => offset + 1);
    const place = by > 0 ? places.find((offset) => offset > at) : places.findLast((offset) => offset < at);
    if (place === undefined) return;
    last = null;
    goToOffset(place);
  }

  function draw() {
    const replaying = state.view.at !== null;
    part("transport").hidden = !course;
    document.body.classList.toggle("replaying", replaying);
    if (!course || !state.run) return;
    fill(playing, icon(last === null ? "play" : "pause"));
    attribute(playing, "aria-label", last === null ? "Play" : "Pause");
    live.classList.toggle("on", !replaying);
    attribute(live, "aria-pressed", String(!replaying));
    text(unit, state.run.info.axis?.name || "step");
    alert.hidden = alertOffsets(state).length === 0;
    text(live, ["live", "quiet", "waiting"].includes(state.run.info.state) ? "LIVE" : "END");
    const wall = replaying ? course.wallAt(head) : course.timeline.last_wall;
    const percent = Math.round((replaying ? head : 1) * 100);
    text(time, wall === null ? `${percent} %` : clock(wall));
    attribute(time, "title", moment(wall));
    attribute(track, "aria-valuenow", String(percent));
    attribute(track, "aria-valuetext", replaying ? time.textContent : "the end");
    paint(canvas, course, replaying ? head : 1, alertOffsets(state), palette);
  }

  track.addEventListener("pointerdown", (event) => {
    last = null;
    track.setPointerCapture(event.pointerId);
    goTo(placeUnder(event));
  });
  track.addEventListener("pointermove", (event) => {
    if (track.hasPointerCapture(event.pointerId)) goTo(placeUnder(event));
    showPreview(placeUnder(event));
  });
  track.addEventListener("pointerleave", () => (preview.hidden = true));

  /** @param {PointerEvent} event */
  function placeUnder(event) {
    const box = track.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  }

  /** @param {number} place */
  function showPreview(place) {
    if (!course) return;
    text(preview, previewText(course, place, state.run?.info.axis?.name ?? "step"));
    preview.hidden = false;
    const half = preview.offsetWidth / 2;
    preview.style.left = `${Math.min(track.clientWidth - half, Math.max(half, place * track.clientWidth))}px`;
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

/** Places of the newest alerts of every kind, in order. @param {State} state @returns {number[]} */
function alertOffsets(state) {
  const alerts = state.run?.dashboard?.alerts ?? [];
  return alerts.flatMap((/** @type {{offsets?: number[]}} */ alert) => alert.offsets ?? []).sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
}

/** @param {Course} course @param {number} place @param {string} axis */
function previewText(course, place, axis) {
  const bin = course.timeline.bins[course.binAt(place)];
  if (!bin) return "";
  const wall = course.wallAt(place);
  const parts = [
    wall !== null && clock(wall), wall !== null && `${duration(place * course.length_s)} in`,
    bin.x !== null && `${axis} ${number(bin.x)}`, `${count(bin.records)} lines`,
    bin.alerts > 0 && plural(bin.alerts, "alert"), bin.faults > 0 && plural(bin.faults, "fault"),
  ];
  return parts.filter(Boolean).join(" · ");
}
