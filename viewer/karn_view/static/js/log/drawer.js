// @ts-check
/** The event log: every line of the run in a drawer, filtered, followed, and each of them in full. */

import { attribute, fill, h, part, rearrange, text } from "../dom.js";
import { pretty } from "../exact.js";
import { clock, count, moment, number } from "../format.js";
import { atMostEvery, nextFrame, settle } from "../frame.js";
import { icon } from "../icons.js";
import { pieceButton } from "../pieces.js";
import { Lines, understood } from "./lines.js";
import { Scroll } from "./scroll.js";
import { summary } from "./summary.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("./lines.js").Entry} Entry */

const ROW = 22;
const TYPING_MS = 250;
/** A growing run is counted again at most this often. */
const COUNT_MS = 250;
/** Each with whatever is worse. */
const SEVERITIES = new Map([["any severity", ""], ["info and worse", "info,warning,error,critical"], ["warnings and worse", "warning,error,critical"], ["errors", "error,critical"]]);
/** Charts are zoomed to so much of their width around a line. */
const NEAR_SHARE = 0.05;

/**
 * @param {State} state
 * @param {(offset: number) => number | null} placeOf  where a line stands on x
 */
export function drawer(state, placeOf) {
  const node = part("log");
  const q = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "text, or loss>3, slot_id=r0c1", title: "Text in the line, and fields: loss>3  data.slot_id=r0c1  message~nan", "aria-label": "Search lines", spellcheck: "false", oninput: settle(TYPING_MS, () => reopen()) }));
  const type = select("Type", () => reopen());
  const severity = select("Severity", () => reopen());
  fill(severity, ...[...SEVERITIES].map(([name, value]) => h("option", { value }, name)));
  const follow = h("button.toggle", { type: "button", title: "Stay at the newest line", onclick: () => setFollow(!following) }, "follow");
  const order = h("button.toggle", { type: "button", title: "Newest first or last", onclick: turn }, "newest first");
  const shut = h("button.icon", { type: "button", title: "Close (e)", "aria-label": "Close the log", onclick: () => state.set({ log: false }) }, icon("close"));
  const rows = h("div.rows");
  const list = h("div.lines", { tabindex: "0", role: "listbox", "aria-label": "Lines", onscroll: scrolled, onkeydown: moved }, rows);
  const status = h("p.quiet.log-status", { role: "status" });
  const raw = h("section.raw", { "aria-label": "The line in full", hidden: true });
  node.append(h("header", {}, h("h2", {}, "Event log"), pieceButton(state, "The lines are"), status, h("span.spring"), shut), h("div.log-controls", {}, q, type, severity, follow, order), list, raw);

  const scroll = new Scroll(list, rows, ROW);
  /** @type {Lines | null} */
  let lines = null;
  let following = true;
  let newestFirst = false;
  let opened = "";
  /** Lines on screen by offset: each stays the same node, so that a press on it becomes a click. @type {Map<number, HTMLElement>} */
  const kept = new Map();
  /** The number of the chosen line. */
  let chosen = -1;

  state.on(["view", "run", "snapshot", "marks"], show);
  const recount = atMostEvery(COUNT_MS, () => lines?.refresh());
  state.on(["points", "runs"], () => node.hidden || state.view.at !== null || recount());
  state.on(["moment"], () => node.hidden || recount());
  state.on(["focus"], () => node.hidden || nextFrame(draw));
  new ResizeObserver(() => nextFrame(draw)).observe(list);

  function show() {
    node.hidden = !state.view.log || !state.run;
    document.body.classList.toggle("show-log", !node.hidden);
    if (node.hidden || !state.run?.cursor) return;
    fillTypes();
    if (opened !== `${state.view.run} ${state.run.info.generation}`) reopen();
  }

  function fillTypes() {
    const names = Object.keys(state.run?.dashboard?.event_types ?? {});
    const key = names.join();
    if (type.dataset.key === key && type.options.length) return;
    type.dataset.key = key;
    const before = type.value;
    fill(type, h("option", { value: "" }, "any type"), h("option", { value: "fault" }, "faults"), ...names.map((name) => h("option", { value: name }, name)));
    type.value = before;
  }

  async function reopen() {
    const run = state.run;
    if (!run) return;
    opened = `${state.view.run} ${run.info.generation}`;
    lines?.end();
    kept.clear();
    chosen = -1;
    const mine = (lines = new Lines(run.id, { type: type.value, severity: severity.value, ...understood(q.value) }, () => state.view.at, () => nextFrame(draw)));
    const focus = state.focus?.offset;
    await mine.refresh();
    if (focus === undefined || mine !== lines) return nextFrame(draw);
    const nth = await mine.numberOf(focus);
    if (mine !== lines) return;
    chosen = nth;
    draw();
    scroll.to(shownAt(nth) - scroll.seen / 2);
    draw();
  }

  /** Where a line stands on screen, by its number; and the other way round. @param {number} nth */
  function shownAt(nth) {
    return newestFirst ? (lines?.count ?? 0) - 1 - nth : nth;
  }

  function draw() {
    if (node.hidden || !lines) return;
    const grown = lines.count - scroll.rows;
    scroll.size(lines.count);
    if (following) scroll.to(newestFirst ? 0 : Infinity);
    else if (newestFirst && grown > 0) scroll.to(scroll.top + grown);
    const first = Math.max(0, Math.floor(scroll.top) - 2);
    const last = Math.min(lines.count, Math.ceil(scroll.top + scroll.seen) + 2);
    const entries = [];
    for (let at = first; at < last; at++) entries.push(lines.at(shownAt(at)));
    const shown = entries.map((entry, i) => row(entry, first + i));
    kept.clear();
    entries.forEach((entry, i) => entry && kept.set(entry.offset, shown[i]));
    rearrange(rows, shown);
    describe(lines);
    attribute(follow, "aria-pressed", String(following));
    attribute(order, "aria-pressed", String(newestFirst));
    showRaw();
  }

  /** @param {Lines} found */
  function describe({ count: fit, searched, total, refused, filter }) {
    const filtered = filter.type || filter.severity || filter.q || filter.where.length;
    const searching = searched < total ? `, ${Math.round((searched / total) * 100)} % searched` : "";
    text(status, refused || (filtered ? `${count(fit)} of ${count(total)} lines${searching}` : `${count(fit)} lines`));
    status.classList.toggle("refused", refused !== "");
  }

  /** @param {Entry | undefined} entry @param {number} at */
  function row(entry, at) {
    const line = entry ? (kept.get(entry.offset) ?? filled(entry)) : h("div.line", { role: "option" }, h("span.quiet.said", {}, "…"));
    line.style.top = `${scroll.placeOf(at)}px`;
    attribute(line, "aria-selected", String(entry !== undefined && state.focus?.offset === entry.offset));
    attribute(line, "aria-setsize", String(lines?.count ?? 0));
    attribute(line, "aria-posinset", String(at + 1));
    return line;
  }

  /** @param {Entry} entry */
  function filled(entry) {
    const { type = "", severity = "", wall = null } = entry;
    return h("div.line", { role: "option", id: `line-${entry.offset}`, "data-severity": entry.fault === undefined ? severity : "error", title: moment(wall), onclick: () => choose(entry) },
      h("span.quiet.when", {}, wall === null ? "" : clock(wall)), h("span.type", {}, entry.fault === undefined ? type : "fault"), h("span.said", {}, summary(entry)));
  }

  /** @param {Entry} entry */
  function choose(entry) {
    setFollow(false);
    chosen = entry.nth;
    state.focus = { offset: entry.offset, x: placeOf(entry.offset) };
    state.emit("focus");
    attribute(list, "aria-activedescendant", `line-${entry.offset}`);
  }

  function showRaw() {
    const entry = chosen < 0 ? undefined : lines?.at(chosen);
    raw.hidden = !entry || state.focus?.offset !== entry.offset;
    if (raw.hidden || !entry || raw.dataset.offset === String(entry.offset)) return;
    raw.dataset.offset = String(entry.offset);
    const x = state.focus?.x ?? null;
    fill(raw, h("header", {}, h("span.quiet", {}, `byte ${count(entry.offset)}`), h("span.spring"),
      x !== null && h("button", { type: "button", title: "Zoom the charts to this line", onclick: () => toCharts(x) }, `${state.run?.info.axis?.name ?? "x"} ${number(x)} on the charts`),
      h("button", { type: "button", onclick: () => navigator.clipboard?.writeText(entry.fault ?? pretty(entry.record)) }, "copy"),
      h("button.icon", { type: "button", "aria-label": "Close the line", onclick: forget }, icon("close"))),
      h("pre", { tabindex: "0" }, entry.fault ?? pretty(entry.record)));
    keepInSight();
  }

  /** The line in full takes room: the chosen one must not go under it. */
  function keepInSight() {
    const at = shownAt(chosen);
    if (at >= scroll.top && at <= scroll.top + scroll.seen - 1) return;
    scroll.to(at - scroll.seen / 2);
    nextFrame(draw);
  }

  function forget() {
    chosen = -1;
    state.focus = null;
    state.emit("focus");
  }

  /** The stretch of the charts around a line; where the drawer covers them it makes way. @param {number} x */
  function toCharts(x) {
    const [first, last] = state.run?.steps ?? [x, x];
    const around = NEAR_SHARE * (last - first) || 1;
    const covered = node.offsetWidth >= innerWidth;
    state.set({ x: "step", zoom: [x - around, x + around], ...(covered ? { log: false } : {}) });
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity }[event.key];
    if (!by || !lines) return;
    event.preventDefault();
    event.stopPropagation();
    const from = chosen < 0 ? Math.floor(scroll.top) - 1 : shownAt(chosen);
    const to = Math.min(lines.count - 1, Math.max(0, from + by));
    if (to < scroll.top || to > scroll.top + scroll.seen - 1) scroll.to(to - (by > 0 ? scroll.seen - 1 : 0));
    const entry = lines.at(shownAt(to));
    if (entry) choose(entry);
    else setFollow(false);
  }

  function scrolled() {
    if (!scroll.moved()) return;
    const distance = newestFirst ? scroll.top : scroll.rows - scroll.seen - scroll.top;
    if (following && distance > 2) setFollow(false);
    nextFrame(draw);
  }

  /** @param {boolean} on */
  function setFollow(on) {
    following = on;
    attribute(follow, "aria-pressed", String(on));
    if (on) nextFrame(draw);
  }

  function turn() {
    newestFirst = !newestFirst;
    if (!following) scroll.to((lines?.count ?? 0) - scroll.top - scroll.seen);
    nextFrame(draw);
  }

  /** @param {{type?: string, severity?: string}} filter @param {{offset: number, x: number | null} | null} focus */
  function openWith(filter, focus) {
    fillTypes();
    type.value = filter.type ?? "";
    severity.value = filter.severity ?? "";
    q.value = "";
    following = focus === null;
    state.focus = focus;
    opened = "";
    if (state.view.log) show();
    else state.set({ log: true });
    state.emit("focus");
  }

  return {
    /** Opens at this line. @param {number} offset */
    goTo: (offset) => openWith({}, { offset, x: placeOf(offset) }),
    /** Opens on the lines of one kind. @param {{type?: string, severity?: string}} filter */
    only: (filter) => openWith(filter, null),
    focusSearch: () => q.focus(),
  };
}

/** @param {string} label @param {() => void} onchange */
function select(label, onchange) {
  return /** @type {HTMLSelectElement} */ (h("select", { "aria-label": label, onchange }));
}
