// @ts-check
/** Replay: a strip of the whole run, with all pieces of its training, as density of lines, with a playhead; play, speed, scrub, live again. */

import { alertsOf } from "./alerts/silence.js";
import * as api from "./api.js";
import { attribute, fill, h, part, text } from "./dom.js";
import { clock, count, duration, moment, number, plural } from "./format.js";
import { atMostEvery, nextFrame } from "./frame.js";
import { icon } from "./icons.js";
import { keepPast } from "./past.js";
import { pieceOf } from "./pieces.js";
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
  part("transport").append(h("div.buttons", {}, back, playing, on, alert, speed, by), track, h("div.at", {}, time, live));

  let rate = 10;
  speed.value = String(rate);
  /** When the last frame of playing was, in ms; null while paused. @type {number | null} */
  let last = null;
  /** The playhead, as a fraction of the run; finer than the offset it stands for. */
  let head = 1;
  let stepping = Promise.resolve();
  /** Counts what was asked for: steps that still wait for an answer give way to what came after them. */
  let wish = 0;
  /** @type {Course | null} */
  let course = null;
  /** The runs that the course goes over. @type {string[]} */
  let ids = [];

  state.on(["moment", "run", "runs"], () => nextFrame(draw));
  state.on(["run"], () => ids.includes(state.view.run) || begin());
  state.on(["run", "moment"], () => course && course.offsetAt(head) !== here(course) && find(course));
  state.on(["timeline"], load);
  const freshen = atMostEvery(FRESHEN_MS, load);
  state.on(["points", "runs", "view"], () => state.run?.cursor && (pieces().some(isStale) || keyOf(pieces()) !== ids.join()) && freshen());
  new ResizeObserver(() => nextFrame(draw)).observe(track);

  /** Another training is looked at. */
  function begin() {
    course = null;
    ids = [];
    pause();
    load();
  }

  async function load() {
    const runs = pieces();
    if (!state.run?.info.records) return;
    const fresh = await Promise.all(runs.map(async (run) => (run === state.run || isStale(run) ? api.timeline(run.id, BINS) : run.timeline))).catch(() => null);
    if (!fresh || keyOf(runs) !== keyOf(pieces())) return;
    runs.forEach((run, i) => (run.timeline = fresh[i]));
    course = new Course(...fresh.filter((timeline) => timeline !== null));
    ids = runs.map(({ id }) => id);
    if (last === null) find(course);
    state.emit("marks");
    nextFrame(draw);
  }

  /** Pieces of the training that have something to replay. */
  function pieces() {
    return state.trainingOf(state.view.run).flatMap((id) => state.runs.get(id) ?? []).filter(({ info }) => info.records);
  }

  /** Where the moment on screen is in all pieces: behind the last line of the chosen one while it is live. @param {Course} course */
  function here({ pieces }) {
    const { offset, end } = pieces[ids.indexOf(state.view.run)];
    return state.view.at === null ? end : offset + state.view.at;
  }

  /** Puts the playhead where the moment on screen is. @param {Course} course */
  function find(course) {
    head = course.placeOf(here(course));
    state.playhead = course.playhead(head);
  }

  /** Whether the whole course is on screen. */
  function isLive() {
    return state.view.at === null && ids.at(-1) === state.view.run;
  }

  /** @param {number} place */
  function goTo(place) {
    if (!course) return;
    head = Math.min(1, Math.max(0, place));
    state.playhead = course.playhead(head);
    show(course.moment(course.offsetAt(head)));
  }

  /** @param {number} offset  in all pieces */
  function goToOffset(offset) {
    if (!course) return;
    head = course.placeOf(offset);
    state.playhead = course.playhead(head);
    show(course.moment(offset));
  }

  /** @param {{piece: number, at: number}} moment */
  function show({ piece, at }) {
    const run = ids[piece];
    state.set(run === state.view.run ? { at } : { run, at });
  }

  function goLive() {
    pause();
    head = 1;
    state.set({ run: state.newestOf(state.view.run), at: null });
    state.emit("dashboard");
  }

  /** Whatever went on ends here. */
  function pause() {
    wish += 1;
    last = null;
  }

  function toggle() {
    const played = last !== null;
    pause();
    if (played) return nextFrame(draw);
    if (!course) return;
    if (isLive() || head >= 1) head = 0;
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
    const mine = wish;
    stepping = stepping.then(() => stepOnce(way, mine)).catch((error) => {
      if (!(error instanceof api.Refused)) throw error;
    });
  }

  /** @param {1 | -1} way @param {number} mine  the wish it came with */
  async function stepOnce(way, mine) {
    if (!course || mine !== wish) return;
    if (by.value === "stretch") return goTo(course.neighbour(head, way));
    const from = here(course);
    const piece = course.pieceOf(way > 0 ? from : Math.max(0, from - 1));
    const { offset, end } = course.pieces[piece];
    const run = ids[piece];
    const found = await (by.value === "line" ? nextLine : nextPlace)(run, from - offset, way);
    if (ids[piece] === run && mine === wish) goToOffset(found === undefined ? (way > 0 ? end : offset) : offset + found);
  }

  /** To just after the next alert, or the one before. @param {number} by */
  function jump(by) {
    if (!course) return;
    const at = here(course);
    const places = alertOffsets(course).map((offset) => offset + 1);
    const place = by > 0 ? places.find((offset) => offset > at) : places.findLast((offset) => offset < at);
    if (place === undefined) return;
    pause();
    goToOffset(place);
  }

  function draw() {
    part("transport").hidden = !course;
    document.body.classList.toggle("replaying", state.view.at !== null);
    if (!course || !state.run) return;
    const replaying = !isLive();
    fill(playing, icon(last === null ? "play" : "pause"));
    attribute(playing, "aria-label", last === null ? "Play" : "Pause");
    live.classList.toggle("on", !replaying);
    attribute(live, "aria-pressed", String(!replaying));
    text(unit, state.run.info.axis?.name || "step");
    alert.hidden = alertOffsets(course).length === 0;
    text(live, ["live", "quiet", "waiting"].includes(state.run.info.state) ? "LIVE" : "END");
    const wall = course.wallAt(replaying ? head : 1);
    const percent = Math.round((replaying ? head : 1) * 100);
    text(time, wall === null ? `${percent} %` : clock(wall));
    attribute(time, "title", moment(wall));
    attribute(track, "aria-valuenow", String(percent));
    attribute(track, "aria-valuetext", replaying ? time.textContent : "the end");
    paint(canvas, course, replaying ? head : 1, alertOffsets(course), palette);
  }

  /** Places of the newest alerts of every kind, in order. @param {Course} course @returns {number[]} */
  function alertOffsets({ pieces }) {
    const offsets = ids.flatMap((id, i) => alertsOf(state.runs.get(id)?.dashboard).flatMap((alert) => alert.offsets ?? []).map((offset) => offset + pieces[i].offset));
    return offsets.sort((a, b) => a - b);
  }

  track.addEventListener("pointerdown", (event) => {
    pause();
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
    const { piece } = course.moment(course.offsetAt(place));
    text(preview, [previewText(course, place, state.run?.info.axis?.name ?? "step"), pieceOf(state, ids[piece])].filter(Boolean).join(" · "));
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

/** @param {import("./state.js").Run[]} runs */
function keyOf(runs) {
  return runs.map(({ id }) => id).join();
}

/** Whether a run went on since its timeline was read. @param {import("./state.js").Run} run */
function isStale({ timeline, info }) {
  return timeline?.end !== info.offset;
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
