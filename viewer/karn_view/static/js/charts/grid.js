// @ts-check
/** All charts of the shown runs: ordered, filtered, drawn only where they are in sight. */

import { fill, h, part } from "../dom.js";
import { nextFrame } from "../frame.js";
import { Card } from "./card.js";
import { chartsOf, matching } from "./lines.js";

/** @typedef {import("../state.js").State} State */

/** Three rows of charts fill what the window leaves, within what an eye can read. */
const ROWS = 3;
const LOWEST_ROW = 146;
const HIGHEST_ROW = 300;
const GAP = 8;
/** Charts this close to the window are drawn before they are scrolled to. */
const MARGIN = "200px";

/**
 * @param {State} state
 * @param {import("../curves.js").Curves} curves
 * @param {import("../palette.js").Palette} palette
 * @param {(offset: number, x: number) => void} pick
 */
export function grid(state, curves, palette, pick) {
  const node = part("charts");
  const main = part("main");
  /** @type {Map<string, Card>} */
  const cards = new Map();
  /** @type {{charts: import("./lines.js").Chart[], matched: number}} */
  const shown = { charts: [], matched: 0 };
  let layout = "";

  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const card = cards.get(/** @type {HTMLElement} */ (entry.target).dataset.chart ?? "");
      if (card) look(card, entry.isIntersecting);
    }
    nextFrame(draw);
  }, { root: main, rootMargin: MARGIN });

  const size = new ResizeObserver(() => {
    fitRows();
    nextFrame(draw);
  });
  size.observe(main);
  size.observe(part("karn"));

  state.on(["metrics", "view", "run"], arrange);
  state.on(["points", "moment", "marks", "focus"], () => nextFrame(draw));
  state.on(["hover"], () => nextFrame(values));

  /** Which cards there are, and in which order. */
  function arrange() {
    const all = chartsOf(state.shown, state.view.apart);
    const matched = matching(all, state.view.filter);
    Object.assign(shown, { charts: all, matched: matched.length });
    const wanted = JSON.stringify(matched);
    if (wanted !== layout) {
      layout = wanted;
      place(matched);
      fitRows();
    }
    nextFrame(draw);
  }

  /** @param {import("./lines.js").Chart[]} charts */
  function place(charts) {
    const keep = new Set(charts.map((chart) => chart.key));
    for (const [key, card] of cards) if (!keep.has(key)) remove(key, card);
    for (const chart of charts) cardOf(chart).chart = chart;
    const order = charts.map((chart) => cardOf(chart).node);
    if (order.some((child, i) => node.children[i] !== child)) fill(node, ...order);
    if (!charts.length && state.view.filter) fill(node, h("p.none", {}, `No metric matches /${state.view.filter}/.`));
  }

  /** @param {import("./lines.js").Chart} chart */
  function cardOf(chart) {
    const known = cards.get(chart.key);
    if (known) return known;
    const card = new Card(chart, { state, curves, palette, frame, pick });
    cards.set(chart.key, card);
    sight.observe(card.node);
    return card;
  }

  /** @param {string} key @param {Card} card */
  function remove(key, card) {
    sight.unobserve(card.node);
    card.rest();
    card.node.remove();
    cards.delete(key);
  }

  /** @param {Card} card @param {boolean} visible */
  function look(card, visible) {
    card.visible = visible;
    if (!visible && state.view.full !== card.chart.key) card.rest();
  }

  function draw() {
    for (const card of cards.values()) if (card.visible || card.full || state.view.full === card.chart.key) card.draw();
  }

  function values() {
    for (const card of cards.values()) if (card.visible) card.drawValues();
  }

  function frame() {
    return { window: state.view.zoom ?? padded(domain(state)), marks: marksOf(state) };
  }

  function fitRows() {
    const room = main.clientHeight - (node.offsetTop - main.offsetTop) - GAP * (ROWS + 1);
    const row = Math.min(HIGHEST_ROW, Math.max(LOWEST_ROW, Math.floor(room / ROWS)));
    node.style.setProperty("--row", `${row}px`);
  }

  return { shown, redraw: () => nextFrame(draw), drawings: () => [...cards.values()].flatMap((card) => card.drawing ?? []) };
}

/** The stretch of x that the whole of every shown run covers. @param {State} state @returns {[number, number]} */
function domain(state) {
  let from = Infinity;
  let to = -Infinity;
  for (const run of state.shown) {
    const { x } = state.view;
    const [low, high] = x === "step" ? steps(run) : x.startsWith("by:") ? span(run, x.slice(3)) : walls(run, x === "relative");
    from = Math.min(from, low);
    to = Math.max(to, high);
  }
  return [from, to];
}

/** @param {import("../state.js").Run} run @returns {[number, number]} */
function steps(run) {
  let low = Infinity;
  let high = -Infinity;
  for (const { first_step, last_step, hidden } of run.metrics.values()) {
    if (hidden || first_step === null || last_step === null) continue;
    low = Math.min(low, first_step);
    high = Math.max(high, last_step);
  }
  return [low, high];
}

/** @param {import("../state.js").Run} run @param {string} name @returns {[number, number]} */
function span(run, name) {
  const metric = run.metrics.get(name);
  return [metric?.min ?? Infinity, metric?.max ?? -Infinity];
}

/** @param {import("../state.js").Run} run @param {boolean} relative @returns {[number, number]} */
function walls(run, relative) {
  const start = run.info.started_at ?? NaN;
  const end = run.info.last_record_at ?? NaN;
  return relative ? [0, end - start] : [start, end];
}

/** @param {[number, number]} window @returns {[number, number]} */
function padded([from, to]) {
  if (!(from <= to)) return [0, 1];
  return from === to ? [from - 0.5, to + 0.5] : [from, to];
}

/** Resumes of the chosen run, and the moment of a replay, on the present x. @param {State} state */
function marksOf(state) {
  const run = state.run;
  const marks = run?.timeline?.marks.filter((mark) => mark.kind === "resume" || mark.kind === "run") ?? [];
  if (state.view.x.startsWith("by:")) return [];
  return marks.flatMap((mark) => {
    const x = state.view.x === "step" ? mark.x : state.view.x === "wall" ? mark.wall : (mark.wall ?? NaN) - (run?.info.started_at ?? NaN);
    return x !== null && Number.isFinite(x) ? [{ x, kind: mark.kind }] : [];
  });
}
