// @ts-check
/** The event log: every line of the run, with all pieces of its training, in a drawer, filtered, followed, and each of them in full. */

import { attribute, fill, h, part, rearrange, text } from "../dom.js";
import { pretty } from "../exact.js";
import { clock, count, moment, number } from "../format.js";
import { atMostEvery, nextFrame, settle } from "../frame.js";
import { icon } from "../icons.js";
import { Joined } from "./joined.js";
import { Lines, understood } from "./lines.js";
import { Scroll } from "./scroll.js";
import { summary } from "./summary.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("./lines.js").Entry} Entry */
/** @typedef {import("./joined.js").Border} Border */

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
 * @param {(run: string, offset: number) => number | null} placeOf  where a line stands on x
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
  node.append(h("header", {}, h("h2", {}, "Event log"), status, h("span.spring"), shut), h("div.log-controls", {}, q, type, severity, follow, order), list, raw);

  const scroll = new Scroll(list, rows, ROW);
  /** @type {Joined | null} */
  let lines = null;
  let following = true;
  let newestFirst = false;
  let opened = "";
  /** Lines on screen by their key: each stays the same node, so that a press on it becomes a click. @type {Map<string, HTMLElement>} */
  const kept = new Map();
  /** The chosen line. @type {{run: string, nth: number} | null} */
  let chosen = null;

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
    if (opened !== keyOfPieces()) reopen();
  }

  /** All pieces of the training, the earliest first. */
  function pieces() {
    return state.trainingOf(state.view.run).flatMap((id) => state.runs.get(id) ?? []);
  }

  function keyOfPieces() {
    return pieces().map(({ id, info }) => `${id} ${info.generation}`).join();
  }

  function fillTypes() {
    const names = [...new Set(pieces().flatMap(({ dashboard }) => Object.keys(dashboard?.event_types ?? {})))];
    const key = names.join();
    if (type.dataset.key === key && type.options.length) return;
    type.dataset.key = key;
    const before = type.value;
    fill(type, h("option", { value: "" }, "any type"), h("option", { value: "fault" }, "faults"), ...names.map((name) => h("option", { value: name }, name)));
    type.value = before;
  }

  async function reopen() {
    if (!state.run) return;
    opened = keyOfPieces();
    lines?.end();
    kept.clear();
    chosen = null;
    const filter = { type: type.value, severity: severity.value, ...understood(q.value) };
    const mine = (lines = new Joined(pieces().map((run) => new Lines(run, filter, () => state.untilOf(run.id), () => nextFrame(draw)))));
    const focus = state.focus;
    await mine.refresh();
    if (!focus || mine !== lines) return nextFrame(draw);
    const found = await mine.near(focus.run, focus.offset);
    if (mine !== lines) return;
    chosen = found;
    draw();
    scroll.to(shownAt(mine.rowOf(found)) - scroll.seen / 2);
    draw();
  }

  /** Where a row stands on screen; and the other way round. @param {number} row */
  function shownAt(row) {
    return newestFirst ? (lines?.rows ?? 0) - 1 - row : row;
  }

  function draw() {
    if (node.hidden || !lines) return;
    const grown = lines.rows - scroll.rows;
    scroll.size(lines.rows);
    if (following) scroll.to(newestFirst ? 0 : Infinity);
    else if (newestFirst && grown > 0) scroll.to(scroll.top + grown);
    const first = Math.max(0, Math.floor(scroll.top) - 2);
    const last = Math.min(lines.rows, Math.ceil(scroll.top + scroll.seen) + 2);
    const entries = [];
    for (let at = first; at < last; at++) entries.push(lines.at(shownAt(at)));
    const shown = entries.map((entry, i) => row(entry, first + i));
    kept.clear();
    entries.forEach((entry, i) => entry && kept.set(keyOf(entry), shown[i]));
    rearrange(rows, shown);
    describe(lines);
    attribute(follow, "aria-pressed", String(following));
    attribute(order, "aria-pressed", String(newestFirst));
    showRaw();
  }

  /** @param {Joined} found */
  function describe({ count: fit, searched, total, refused, pieces: [{ filter }] }) {
    const filtered = filter.type || filter.severity || filter.q || filter.where.length;
    const searching = searched < total ? `, ${Math.round((searched / total) * 100)} % searched` : "";
    text(status, refused || (filtered ? `${count(fit)} of ${count(total)} lines${searching}` : `${count(fit)} lines`));
    status.classList.toggle("refused", refused !== "");
  }

  /** @param {Entry | Border | undefined} entry @param {number} at */
  function row(entry, at) {
    const line = entry ? (kept.get(keyOf(entry)) ?? ("border" in entry ? border(entry) : filled(entry))) : h("div.line", { role: "option" }, h("span.quiet.said", {}, "…"));
    line.style.top = `${scroll.placeOf(at)}px`;
    attribute(line, "aria-selected", String(entry !== undefined && isLookedAt(entry)));
    attribute(line, "aria-setsize", String(lines?.rows ?? 0));
    attribute(line, "aria-posinset", String(at + 1));
    return line;
  }

  /** @param {Border} border */
  function border({ border: { info } }) {
    return h("div.line.border", { role: "option", "aria-disabled": "true", title: info.source }, h("span.quiet.when", {}, clock(info.started_at)), h("span.said", {}, `resumed in ${info.name}`));
  }

  /** @param {Entry | Border} entry */
  function isLookedAt(entry) {
    return "offset" in entry && state.focus?.offset === entry.offset && state.focus.run === entry.run;
  }

  /** @param {Entry} entry */
  function filled(entry) {
    const { type = "", severity = "", wall = null } = entry;
    return h("div.line", { role: "option", id: `line-${keyOf(entry)}`, "data-severity": entry.fault === undefined ? severity : "error", title: moment(wall), onclick: () => choose(entry) },
      h("span.quiet.when", {}, wall === null ? "" : clock(wall)), h("span.type", {}, entry.fault === undefined ? type : "fault"), h("span.said", {}, summary(entry)));
  }

  /** @param {Entry} entry */
  function choose(entry) {
    setFollow(false);
    chosen = entry;
    state.focus = { run: entry.run, offset: entry.offset, x: placeOf(entry.run, entry.offset) };
    state.emit("focus");
    attribute(list, "aria-activedescendant", `line-${keyOf(entry)}`);
  }

  function showRaw() {
    const entry = chosen && lines?.at(lines.rowOf(chosen));
    raw.hidden = !entry || !isLookedAt(entry);
    if (raw.hidden || !entry || "border" in entry || raw.dataset.line === keyOf(entry)) return;
    raw.dataset.line = keyOf(entry);
    const x = state.focus?.x ?? null;
    const info = state.runs.get(entry.run)?.info;
    const of = pieces().length > 1 ? ` of ${info?.name}` : "";
    fill(raw, h("header", {}, h("span.quiet.where", {}, `byte ${count(entry.offset)}${of}`), h("span.spring"),
      x !== null && h("button", { type: "button", title: "Zoom the charts to this line", onclick: () => toCharts(entry.run, x) }, `${info?.axis?.name ?? "x"} ${number(x)} on the charts`),
      h("button", { type: "button", onclick: () => navigator.clipboard?.writeText(entry.fault ?? pretty(entry.record)) }, "copy"),
      h("button.icon", { type: "button", "aria-label": "Close the line", onclick: forget }, icon("close"))),
      h("pre", { tabindex: "0" }, entry.fault ?? pretty(entry.record)));
    keepInSight();
  }

  /** The line in full takes room: the chosen one must not go under it. */
  function keepInSight() {
    if (!chosen || !lines) return;
    const at = shownAt(lines.rowOf(chosen));
    if (at >= scroll.top && at <= scroll.top + scroll.seen - 1) return;
    scroll.to(at - scroll.seen / 2);
    nextFrame(draw);
  }

  function forget() {
    chosen = null;
    state.focus = null;
    state.emit("focus");
  }

  /** The stretch of the charts around a line; where the drawer covers them it makes way. @param {string} run @param {number} x */
  function toCharts(run, x) {
    const [first, last] = state.runs.get(run)?.steps ?? [x, x];
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
    const from = chosen ? shownAt(lines.rowOf(chosen)) : Math.floor(scroll.top) - 1;
    const isBorder = (/** @type {number} */ to) => "border" in (lines?.at(shownAt(to)) ?? {});
    const within = (/** @type {number} */ to) => Math.min((lines?.rows ?? 0) - 1, Math.max(0, to));
    const aim = within(from + by);
    const to = isBorder(aim) ? within(aim + Math.sign(by)) : aim;
    if (to < scroll.top || to > scroll.top + scroll.seen - 1) scroll.to(to - (by > 0 ? scroll.seen - 1 : 0));
    const entry = lines.at(shownAt(to));
    if (entry && "offset" in entry) choose(entry);
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
    if (!following) scroll.to((lines?.rows ?? 0) - scroll.top - scroll.seen);
    nextFrame(draw);
  }

  /** @param {{type?: string, severity?: string}} filter @param {import("../state.js").State["focus"]} focus */
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
    /** Opens at this line of a piece. @param {string} run @param {number} offset */
    goTo: (run, offset) => openWith({}, { run, offset, x: placeOf(run, offset) }),
    /** Opens on the lines of one kind. @param {{type?: string, severity?: string}} filter */
    only: (filter) => openWith(filter, null),
    focusSearch: () => q.focus(),
  };
}

/** @param {Entry | Border} entry */
function keyOf(entry) {
  return "border" in entry ? entry.border.id : `${entry.run}-${entry.offset}`;
}

/** @param {string} label @param {() => void} onchange */
function select(label, onchange) {
  return /** @type {HTMLSelectElement} */ (h("select", { "aria-label": label, onchange }));
}
