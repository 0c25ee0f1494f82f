// @ts-check
/** The event log: every line of the run in a drawer, filtered, followed, and each of them in full. */

import * as api from "../api.js";
import { attribute, fill, h, part, text } from "../dom.js";
import { pretty } from "../exact.js";
import { clock, count, moment } from "../format.js";
import { nextFrame, settle } from "../frame.js";
import { icon } from "../icons.js";
import { firstNotBelow } from "../series.js";
import { Lines } from "./lines.js";
import { summary } from "./summary.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("./lines.js").Entry} Entry */

const ROW = 22;
const TYPING_MS = 250;
/** Lines this close to an end of what is here call for more. */
const NEAR_ROWS = 30;
/** Each with whatever is worse. */
const SEVERITIES = new Map([["any severity", ""], ["info and worse", "info,warning,error,critical"], ["warnings and worse", "warning,error,critical"], ["errors", "error,critical"]]);

/**
 * @param {State} state
 * @param {(offset: number) => number | null} placeOf  where a line stands on x
 */
export function drawer(state, placeOf) {
  const node = part("log");
  const again = settle(TYPING_MS, () => reopen());
  const q = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "search lines", "aria-label": "Search lines", oninput: again }));
  const type = select("Type", () => reopen());
  const severity = select("Severity", () => reopen());
  fill(severity, ...[...SEVERITIES].map(([name, value]) => h("option", { value }, name)));
  const follow = h("button.toggle", { type: "button", title: "Stay at the newest line", onclick: () => setFollow(!following) }, "follow");
  const order = h("button.toggle", { type: "button", title: "Newest first or last", onclick: () => ((newestFirst = !newestFirst), attribute(order, "aria-pressed", String(newestFirst)), draw(), toNewest()) }, "newest first");
  const shut = h("button.icon", { type: "button", title: "Close (e)", "aria-label": "Close the log", onclick: () => state.set({ log: false }) }, icon("close"));
  const list = h("div.lines", { tabindex: "0", role: "listbox", "aria-label": "Lines", onscroll: () => nextFrame(scrolled), onkeydown: moved });
  const rows = h("div.rows");
  const status = h("p.quiet.log-status", { role: "status" });
  const raw = h("section.raw", { "aria-label": "The line in full", hidden: true });
  list.append(rows);
  node.append(h("header", {}, h("h2", {}, "Event log"), status, h("span.spring"), shut), h("div.log-controls", {}, q, type, severity, follow, order), list, raw);

  /** @type {Lines | null} */
  let lines = null;
  /** @type {Entry[]} */
  let faults = [];
  let following = true;
  /** Where following last put the list, and how high the list was then. */
  let placed = { top: 0, height: 0 };
  let newestFirst = false;
  let opened = "";

  state.on(["view", "run", "snapshot", "marks"], show);
  state.on(["points", "runs"], () => node.hidden || !following || state.view.at !== null || type.value === "fault" || lines?.later());
  state.on(["moment"], () => node.hidden || seek());
  state.on(["focus"], () => node.hidden || nextFrame(draw));
  const seek = settle(60, () => lines?.open(state.view.at ?? state.run?.info.offset ?? 0).then(toNewest));

  function show() {
    node.hidden = !state.view.log || !state.run;
    document.body.classList.toggle("show-log", !node.hidden);
    if (node.hidden || !state.run?.cursor) return;
    fillTypes();
    if (opened !== `${state.view.run} ${state.run.info.generation}`) reopen();
  }

  function fillTypes() {
    const types = Object.entries(state.run?.dashboard?.event_types ?? {}).map(([name, number]) => ({ name, number }));
    const key = types.map(({ name }) => name).join();
    if (type.dataset.key === key && type.options.length) return;
    type.dataset.key = key;
    const chosen = type.value;
    fill(type, h("option", { value: "" }, "any type"), h("option", { value: "fault" }, "faults"), ...types.map(({ name }) => h("option", { value: name }, name)));
    type.value = chosen;
  }

  function reopen() {
    const run = state.run;
    if (!run) return;
    opened = `${state.view.run} ${run.info.generation}`;
    const where = () => ({ generation: run.info.generation, bins: run.timeline?.bins ?? [] });
    lines = new Lines(run.id, { type: type.value, severity: severity.value, q: q.value }, where, () => nextFrame(draw));
    if (type.value === "fault") readFaults(run.id);
    else lines.open(state.focus?.offset ?? state.view.at ?? run.info.offset).then(() => (state.focus ? toOffset(state.focus.offset) : toNewest()));
  }

  /** @param {string} run */
  async function readFaults(run) {
    const answer = await api.faults(run).catch(() => ({ faults: [] }));
    faults = answer.faults.map(({ offset, reason }) => ({ offset, fault: reason }));
    draw();
  }

  /** What is listed now, in the order on screen. @returns {Entry[]} */
  function listed() {
    const all = type.value === "fault" ? faults : lines?.entries ?? [];
    const until = state.view.at === null ? all : all.slice(0, firstNotBelow(all.map((entry) => entry.offset), state.view.at));
    return newestFirst ? [...until].reverse() : until;
  }

  function draw() {
    if (node.hidden || !lines) return;
    const all = listed();
    // A person's scrolling may not have been told yet: the event comes a frame after it.
    if (following && list.scrollHeight === placed.height && list.scrollTop < placed.top - 2 * ROW) following = false;
    const stays = following && !newestFirst;
    rows.style.height = `${all.length * ROW}px`;
    if (stays) stickToNewest();
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 5);
    const visible = all.slice(first, first + Math.ceil(list.clientHeight / ROW) + 10);
    fill(rows, ...visible.map((entry, i) => row(entry, (first + i) * ROW)));
    const records = state.run?.info.records ?? 0;
    text(status, `${count(all.length)} ${lines.begin > 0 ? "loaded of " + count(records) : "lines"}`);
    attribute(follow, "aria-pressed", String(following));
  }

  /** @param {Entry} entry @param {number} top */
  function row(entry, top) {
    const { type = "", severity = "", wall = null } = entry;
    const chosen = state.focus?.offset === entry.offset;
    const line = h("div.line", { role: "option", id: `line-${entry.offset}`, "aria-selected": String(chosen), "data-severity": entry.fault === undefined ? severity : "error", title: moment(wall), onclick: () => choose(entry) },
      h("span.quiet.when", {}, wall === null ? "" : clock(wall)), h("span.type", {}, entry.fault === undefined ? type : "fault"), h("span.said", {}, summary(entry)));
    line.style.top = `${top}px`;
    return line;
  }

  /** @param {Entry} entry */
  function choose(entry) {
    setFollow(false);
    state.focus = { offset: entry.offset, x: placeOf(entry.offset) };
    state.emit("focus");
    attribute(list, "aria-activedescendant", `line-${entry.offset}`);
    showRaw(entry);
  }

  /** @param {Entry} entry */
  function showRaw(entry) {
    raw.hidden = false;
    const close = h("button.icon", { type: "button", "aria-label": "Close the line", onclick: () => ((raw.hidden = true), (state.focus = null), state.emit("focus")) }, icon("close"));
    fill(raw, h("header", {}, h("span.quiet", {}, `byte ${count(entry.offset)}`), h("span.spring"), close),
      h("pre", { tabindex: "0" }, entry.fault ?? pretty(entry.record)));
    nextFrame(draw);
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const all = listed();
    const now = all.findIndex((entry) => entry.offset === state.focus?.offset);
    const next = all[Math.min(all.length - 1, Math.max(0, now + by))];
    if (!next) return;
    choose(next);
    toOffset(next.offset);
  }

  function scrolled() {
    const all = listed();
    const top = list.scrollTop / ROW;
    const bottom = all.length - (list.scrollTop + list.clientHeight) / ROW;
    const [old, young] = newestFirst ? [bottom, top] : [top, bottom];
    if (young > 2 && following) setFollow(false);
    if (old < NEAR_ROWS && lines && lines.begin > 0) lengthenBack(all.length);
    if (young < NEAR_ROWS && !following) lines?.later();
    draw();
  }

  /** Keeps the line in sight where it is while earlier ones come in above it. @param {number} had */
  function lengthenBack(had) {
    lines?.earlier().then(() => {
      if (!newestFirst) list.scrollTop += (listed().length - had) * ROW;
    });
  }

  /** @param {boolean} on */
  function setFollow(on) {
    following = on;
    attribute(follow, "aria-pressed", String(on));
    if (on) toNewest();
  }

  function toNewest() {
    if (!following) return nextFrame(draw);
    draw();
    if (newestFirst) list.scrollTop = 0;
  }

  function stickToNewest() {
    list.scrollTop = list.scrollHeight;
    placed = { top: list.scrollTop, height: list.scrollHeight };
  }

  /** @param {number} offset */
  function toOffset(offset) {
    const all = listed();
    const at = all.findIndex((entry) => entry.offset === offset);
    if (at < 0) return;
    draw();
    const top = at * ROW;
    if (top < list.scrollTop || top > list.scrollTop + list.clientHeight - ROW) list.scrollTop = top - list.clientHeight / 2;
    showRaw(all[at]);
  }

  return {
    /** Opens at this line. @param {number} offset */
    goTo(offset) {
      following = false;
      type.value = severity.value = q.value = "";
      state.focus = { offset, x: placeOf(offset) };
      state.emit("focus");
      opened = "";
      if (state.view.log) show();
      else state.set({ log: true });
    },
    /** Opens on the lines of one kind. @param {{type?: string, severity?: string}} filter */
    only(filter) {
      following = true;
      state.focus = null;
      fillTypes();
      type.value = filter.type ?? "";
      severity.value = filter.severity ?? "";
      opened = "";
      if (state.view.log) show();
      else state.set({ log: true });
    },
    focusSearch: () => q.focus(),
  };
}

/** @param {string} label @param {() => void} onchange */
function select(label, onchange) {
  return /** @type {HTMLSelectElement} */ (h("select", { "aria-label": label, onchange }));
}
