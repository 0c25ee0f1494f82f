// @ts-check
/** The list of runs: state, age, key figure and its curve; one is looked at, others are laid over it. Folded when there is only one. */

import * as api from "./api.js";
import { attribute, fill, h, part, text } from "./dom.js";
import { duration, number } from "./format.js";
import { nextFrame } from "./frame.js";
import { glimpses } from "./glimpses.js";
import { lamp } from "./lamp.js";
import { runColour } from "./palette.js";
import { spark } from "./spark.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */
/** @typedef {import("./state.js").RunInfo} RunInfo */

/** How often the runs that are not on screen are asked after, and how much longer for each of them. */
const OTHERS_MS = 5000;
const EACH_MS = 20;
/** Rows beyond the edge that are there before they are scrolled to. */
const SPARE_ROWS = 6;
/** So many letters of a name's end are always there. */
const END_SHOWN = 12;
/** So many runs are laid over each other at once, no more. */
const MOST_OVER = 100;

/** @type {Record<string, (a: RunInfo, b: RunInfo) => number>} */
const ORDERS = {
  newest,
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  state: (a, b) => a.state.localeCompare(b.state) || newest(a, b),
  lowest: (a, b) => figure(a) - figure(b),
  highest: (a, b) => figure(a, -1) - figure(b, -1),
};

/** @param {State} state */
export function runs(state) {
  const node = part("runs");
  const search = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "search runs", "aria-label": "Search runs", oninput: () => nextFrame(draw) }));
  const order = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Sort runs", title: "Sort runs; lowest and highest go by the key figure", onchange: () => nextFrame(draw) }, ...Object.keys(ORDERS).map((name) => h("option", {}, name))));
  const list = h("ul", { onscroll: () => nextFrame(draw) });
  const count = h("span.quiet", { role: "status" });
  const over = h("button.toggle", { type: "button", title: "Lay the listed runs over each other, or none", onclick: layAll });
  const join = h("button.toggle", { type: "button", onclick: () => joinOrPart(state) });
  const curves = glimpses(() => nextFrame(draw));
  /** A list that is built anew under the pointer swallows clicks: only when something in it changed. */
  let drawn = "";
  node.append(h("div.runs-head", {}, search, order), list, h("div.runs-foot", {}, count, h("span", {}, join, over)));
  state.on(["runs", "run", "view"], () => nextFrame(draw));
  new ResizeObserver(() => nextFrame(draw)).observe(list);
  setInterval(ages, 1000);
  refresh();

  /** The feed tells of the runs on screen; the others are asked after while their list is in sight. */
  async function refresh() {
    setTimeout(refresh, Math.max(OTHERS_MS, EACH_MS * state.runs.size));
    if (node.hidden || document.visibilityState !== "visible" || state.link.state !== "open") return;
    const infos = await api.runs().catch(() => []);
    for (const info of infos) if (!state.shown.some((run) => run.id === info.id)) state.learn(info);
    state.emit("runs");
  }

  /** Runs that are listed now, in their order. */
  function listed() {
    const words = search.value.toLowerCase().split(/\s+/);
    const found = [...state.runs.values()].filter(({ info }) => words.every((word) => `${info.name} ${info.state}`.toLowerCase().includes(word)));
    return together(found.sort((a, b) => ORDERS[order.value](a.info, b.info)), state);
  }

  function draw() {
    node.hidden = state.runs.size < 2;
    if (node.hidden) return;
    const runs = listed();
    drawFoot(runs);
    const height = parseFloat(getComputedStyle(node).getPropertyValue("--run-row"));
    const first = Math.max(0, Math.floor(list.scrollTop / height) - SPARE_ROWS);
    const inSight = runs.slice(first, first + Math.ceil(list.clientHeight / height) + 2 * SPARE_ROWS);
    curves.want(inSight);
    const key = JSON.stringify([first, runs.length, inSight.map(({ info }) => [info.id, info.name, info.state, info.key_metric?.last, curves.of(info.id).length, curves.of(info.id).at(-1)]), state.view.run, state.view.compare, inSight.map(({ id }) => state.trainingOf(id))]);
    if (key !== drawn) place(runs.length, inSight, first, height);
    drawn = key;
    ages();
  }

  /** @param {number} all @param {Run[]} inSight @param {number} first @param {number} height */
  function place(all, inSight, first, height) {
    const held = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : undefined;
    const rows = inSight.map((run, i) => {
      const item = row(state, run, curves.of(run.id));
      item.style.top = `${(first + i) * height}px`;
      attribute(item, "aria-setsize", String(all));
      attribute(item, "aria-posinset", String(first + i + 1));
      return item;
    });
    const room = h("li.room", { "aria-hidden": "true" });
    room.style.height = `${all * height}px`;
    fill(list, ...rows, room);
    if (held) /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${CSS.escape(held)}"]`))?.focus({ preventScroll: true });
  }

  /** @param {Run[]} runs */
  function drawFoot(runs) {
    const laid = state.view.compare.length;
    join.hidden = !laid && !isJoined(state);
    text(join, laid ? "join" : "take apart");
    attribute(join, "title", laid ? "These runs are pieces of one training: show them as one, in which the later wins (u)" : "Pieces joined by hand are runs of their own again (u)");
    text(count, laid ? `${laid + 1} laid over each other` : search.value ? `${runs.length} of ${state.runs.size} runs` : `${state.runs.size} runs`);
    text(over, laid ? "none" : "compare all");
    over.hidden = !laid && (runs.length < 2 || runs.length > MOST_OVER);
  }

  function layAll() {
    const others = listed().map((run) => run.id);
    if (state.view.compare.length) return state.set({ compare: [] });
    if (!others.includes(state.view.run)) choose(state, others[0]);
    state.set({ compare: others.filter((id) => state.newestOf(id) === id && id !== state.view.run) });
  }

  function ages() {
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll("[data-age-of]"))) {
      const info = state.runs.get(cell.dataset.ageOf ?? "")?.info;
      text(cell, duration(state.now() - (info?.last_record_at ?? info?.arrived_at ?? NaN)));
    }
  }

  return {
    /** Runs in the order of the list, from the one behind the chosen one round to it. */
    after() {
      const ids = listed().map((run) => run.id);
      const place = ids.indexOf(state.view.run) + 1;
      return [...ids.slice(place), ...ids.slice(0, place)];
    },
    /** Chooses the run so many places further down the list. @param {number} by */
    step(by) {
      const ids = listed().map((run) => run.id);
      const next = ids[ids.indexOf(state.view.run) + by];
      if (next) choose(state, next);
    },
    /** On a narrow screen the list is a sheet. */
    toggle: () => document.body.classList.toggle("show-runs"),
  };
}

/** Behind each run the files that its other processes wrote; behind the newest piece of a training the others. @param {Run[]} runs @param {State} state */
function together(runs, state) {
  const ids = new Set(runs.map((run) => run.id));
  const wholes = runs.filter((run) => !ids.has(wholeOf(state, run)));
  if (wholes.length === runs.length) return runs;
  const parts = runs.filter((run) => !wholes.includes(run));
  return wholes.flatMap((run) => [run, ...parts.filter((part) => wholeOf(state, part) === run.id)]);
}

/** The run behind which another one is listed, "" for one that stands by itself. @param {State} state @param {Run} run */
function wholeOf(state, { id }) {
  const last = state.newestOf(id);
  const whole = state.newestOf(state.runs.get(last)?.info.part_of ?? last);
  return whole === id ? "" : whole;
}

/** Whether a person made the chosen run one with others. @param {State} state */
function isJoined(state) {
  return state.view.joined.some((ids) => isOfChosen(state, ids));
}

/** @param {State} state @param {string[]} ids */
function isOfChosen(state, ids) {
  return ids.some((id) => state.trainingOf(state.view.run).includes(id));
}

/** The runs laid over each other become pieces of one training; without any, those of the chosen one runs of their own. @param {State} state */
export function joinOrPart(state) {
  const { run, compare, joined } = state.view;
  if (compare.length) {
    state.set({ compare: [], joined: [...joined, [run, ...compare]] });
    return choose(state, state.newestOf(run));
  }
  state.set({ joined: joined.filter((ids) => !isOfChosen(state, ids)) });
}

/** The one that grew last first. @param {RunInfo} a @param {RunInfo} b */
export function newest(a, b) {
  return (b.last_record_at ?? b.arrived_at ?? 0) - (a.last_record_at ?? a.arrived_at ?? 0);
}

/** The key figure; those without one come last. @param {RunInfo} info @param {1 | -1} [sign] */
function figure(info, sign = 1) {
  const last = info.key_metric?.last;
  return typeof last === "number" ? sign * last : Number.MAX_VALUE;
}

/** A run is looked at with the files that its other processes wrote laid over it. @param {State} state @param {string} id */
export function choose(state, id) {
  document.body.classList.remove("show-runs");
  const training = state.trainingOf(id);
  const parts = [...state.runs.values()].filter(({ info }) => info.part_of === id).map((run) => run.id);
  const others = state.view.compare.filter((other) => state.runs.get(other)?.info.part_of !== state.view.run);
  const compare = [...new Set([...others, ...parts])].filter((other) => !training.includes(other)).slice(0, MOST_OVER);
  state.set({ run: id, compare, at: null, zoom: training.includes(state.view.run) ? state.view.zoom : null });
}

/** Lays a run over the chosen one, or takes it away again. @param {State} state @param {string} id */
export function compare(state, id) {
  const { compare } = state.view;
  const training = state.trainingOf(id);
  const others = compare.filter((other) => !training.includes(other));
  state.set({ compare: others.length < compare.length ? others : [...compare, id] });
}

/** @param {State} state @param {Run} run @param {[number, number][]} points */
function row(state, run, points) {
  const { id, info } = run;
  const chosen = id === state.view.run;
  const training = state.trainingOf(id);
  const hue = runColour(state.newestOf(id));
  const own = training.includes(state.view.run);
  const over = own || state.view.compare.some((other) => training.includes(other));
  const colour = h("i.swatch");
  colour.style.background = `var(--${hue})`;
  const tick = h("button.tick", { type: "button", "data-key": `c ${id}`, title: "Lay over the chosen run (c)", "aria-label": `Compare ${info.name}`, "aria-pressed": String(over), disabled: own, onclick: () => compare(state, id) }, colour);
  const curve = spark(points);
  curve.style.color = `var(--${hue})`;
  const age = h("span.quiet.age", { "data-age-of": id });
  const key = info.key_metric ? h("span.key", { title: info.key_metric.name }, number(info.key_metric.last)) : null;
  const open = h("button.run", { type: "button", "data-key": id, title: `${info.name}\n${info.source}\n${info.state}: ${info.reason}`, "aria-current": chosen ? "true" : null, onclick: () => choose(state, id) },
    lamp(info.state), h("span.name", {}, ...inTwo(info.name)), key, h("span.quiet.said", {}, h("span", {}, info.state), curve, age));
  const item = h("li", {}, tick, open);
  attribute(item, "data-chosen", chosen ? "" : null);
  attribute(item, "data-part", wholeOf(state, run) ? "" : null);
  return item;
}

/**
 * A name that is shortened in its middle when there is no room: runs of a folder differ at the end.
 * @param {string} name
 */
function inTwo(name) {
  const end = name.slice(Math.max(name.lastIndexOf("/"), name.length - END_SHOWN, 0));
  return [h("span", {}, name.slice(0, name.length - end.length)), h("span", {}, end)];
}
