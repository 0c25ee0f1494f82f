// @ts-check
/** The shown runs as a table: last and best of every charted metric, and the settings that differ; below it those that do not. */

import { attribute, fill, h, part } from "./dom.js";
import { brief } from "./exact.js";
import { exact, MISSING, number, signed } from "./format.js";
import { nextFrame } from "./frame.js";
import { goal } from "./goal.js";
import { lamp } from "./lamp.js";
import { runColour } from "./palette.js";
import { choose } from "./runs.js";
import { differing, named } from "./settings.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */

/** More metrics than these are found with the filter. */
const COLUMNS_MOST = 40;

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {(run: Run) => unknown} value  what it is sorted by
 * @property {(run: Run) => HTMLElement} cell
 * @property {"min" | "max" | null} goal
 */

/**
 * @param {State} state
 * @param {{matched: import("./charts/lines.js").Chart[]}} shown  the charts now
 */
export function table(state, shown) {
  const node = part("table");
  const head = h("tr");
  const body = h("tbody");
  const same = h("dl.figures");
  const sameTitle = h("h2.quiet");
  node.append(h("div.scroll", { tabindex: "0" }, h("table", {}, h("thead", {}, head), body)), sameTitle, same);
  let sorted = { name: "", down: false };
  let drawn = "";

  state.on(["view", "run", "runs", "charts", "figures", "settings"], () => nextFrame(draw));

  function draw() {
    node.hidden = !state.view.table || !state.run;
    if (node.hidden) return;
    const whole = state.trainings;
    const columns = [...figures(state, shown.matched), ...differing(whole).map(setting)];
    const runs = inOrder(whole, columns);
    const key = JSON.stringify([sorted, state.view.diff, runs.map((run) => [run.id, run.info.state, columns.map(({ value, name }) => [name, value(run)])]), named(runs)]);
    if (key === drawn) return;
    drawn = key;
    fill(head, h("th", { scope: "col" }, "run"), ...columns.map(heading));
    fill(body, ...runs.map((run) => row(run, columns)));
    drawSame(runs);
  }

  /** @param {Run[]} runs @param {Column[]} columns */
  function inOrder(runs, columns) {
    const by = columns.find(({ name }) => name === sorted.name);
    if (!by) return runs;
    return [...runs].sort((a, b) => compared(by.value(a), by.value(b)) * (sorted.down ? -1 : 1));
  }

  /** @param {Column} column */
  function heading({ name, goal }) {
    const order = sorted.name === name ? (sorted.down ? "descending" : "ascending") : "none";
    const sort = h("button", { type: "button", title: `Sort by ${name}`, onclick: () => ((sorted = { name, down: order === "none" ? goal === "max" : !sorted.down }), draw()) }, name, { min: " ↓", max: " ↑" }[goal ?? ""] ?? "");
    return h("th", { scope: "col", "aria-sort": order }, sort);
  }

  /** @param {Run} run @param {Column[]} columns */
  function row(run, columns) {
    const swatch = h("i.swatch", { "aria-hidden": "true" });
    swatch.style.background = `var(--${runColour(state.newestOf(run.id))})`;
    const chosen = run.id === state.view.run;
    const name = h("th", { scope: "row" }, h("button", { type: "button", title: `${run.info.source}\nLook at this run`, onclick: () => swap(state, run.id) }, swatch, lamp(run.info.state), h("span.name", {}, run.info.name)));
    const cells = columns.map(({ cell }) => cell(run));
    const line = h("tr", {}, name, ...cells);
    attribute(line, "data-chosen", chosen && state.trainings.length > 1 ? "" : null);
    return line;
  }

  /** @param {Run[]} runs */
  function drawSame(runs) {
    const others = new Set(differing(runs));
    const alike = named(runs).filter((name) => !others.has(name));
    fill(sameTitle, runs.length > 1 ? `The same in all ${runs.length} runs` : "Settings", !alike.length && ": none told");
    fill(same, ...alike.map((name) => h("div", { title: name }, h("dt", {}, name), h("dd", { title: shownSetting(runs[0], name) }, shownSetting(runs[0], name)))));
  }
}

/** The chosen run becomes one that is laid over, and the other way round. @param {State} state @param {string} id */
function swap(state, id) {
  const others = state.shown.map((run) => run.id).filter((other) => !state.trainingOf(id).includes(other));
  choose(state, id);
  state.set({ compare: others });
}

/** A column for every charted metric. @param {State} state @param {import("./charts/lines.js").Chart[]} charts @returns {Column[]} */
function figures(state, charts) {
  return tabled(charts).map((name) => figure(state, name));
}

/** The metrics that have a column. @param {import("./charts/lines.js").Chart[]} charts */
export function tabled(charts) {
  const names = charts.flatMap(({ lines }) => lines.flatMap(({ metric, members }) => [metric, ...members.map((member) => member.metric)]));
  return [...new Set(names)].slice(0, COLUMNS_MOST);
}

/** @param {State} state @param {string} name @returns {Column} */
function figure(state, name) {
  const wanted = goal(name);
  const best = bestOf(state, name, wanted);
  const value = (/** @type {Run} */ run) => figureOf(state, run, name)?.last ?? null;
  return {
    name, goal: wanted, value,
    cell(run) {
      const metric = figureOf(state, run, name);
      const base = state.view.diff && state.run && run !== state.run ? value(state.run) : undefined;
      const last = value(run);
      const shown = typeof base === "number" && typeof last === "number" ? signed(last - base) : number(last ?? undefined);
      const reached = wanted && metric?.[wanted];
      const cell = h("td.num", { title: `${name}\nlast ${exact(last)}\nlowest ${exact(metric?.min)}\nhighest ${exact(metric?.max)}` }, h("b", {}, shown), reached !== null && h("span.quiet", {}, ` ${wanted === "min" ? "↓" : "↑"} ${number(reached ?? undefined)}`));
      if (best !== null && reached === best) cell.classList.add("best");
      return cell;
    },
  };
}

/** What a metric came to in a run, with all pieces of its training: the last of the newest that measured it. @param {State} state @param {Run} run @param {string} name */
function figureOf(state, run, name) {
  const pieces = state.trainingOf(run.id).flatMap((id) => state.runs.get(id)?.figures.get(name) ?? []);
  if (pieces.length < 2) return pieces[0];
  const most = (/** @type {"min" | "max"} */ of) => {
    const values = pieces.map((piece) => piece[of]).filter((value) => value !== null);
    return values.length ? Math[of](...values) : null;
  };
  return { ...pieces[pieces.length - 1], min: most("min"), max: most("max") };
}

/** The best that any of several runs reached. @param {State} state @param {string} name @param {"min" | "max" | null} wanted */
function bestOf(state, name, wanted) {
  const runs = state.trainings;
  if (!wanted || runs.length < 2) return null;
  const values = runs.map((run) => figureOf(state, run, name)?.[wanted]).filter((value) => typeof value === "number");
  return values.length ? Math[wanted](...values) : null;
}

/** @param {string} name @returns {Column} */
function setting(name) {
  return { name, goal: null, value: (run) => run.settings?.get(name) ?? null, cell: (run) => h("td", { title: name }, shownSetting(run, name)) };
}

/** @param {Run} run @param {string} name */
function shownSetting(run, name) {
  const value = run.settings?.get(name);
  return value === undefined ? MISSING : brief(value);
}

/** Numbers by size, everything else by its text, what is missing last. @param {unknown} a @param {unknown} b */
function compared(a, b) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}
