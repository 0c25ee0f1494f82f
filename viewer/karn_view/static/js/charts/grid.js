// @ts-check
/** All charts of the shown runs: ordered, filtered, drawn only where they are in sight. */

import { attribute, fill, h, part } from "../dom.js";
import { plural } from "../format.js";
import { atMostEvery, nextFrame } from "../frame.js";
import { say } from "../say.js";
import { arranged, familiesOf, folded, moved } from "./arrangement.js";
import { Card } from "./card.js";
import { draggable } from "./drag.js";
import { frameOf } from "./frame.js";
import { chartsOf, matching } from "./lines.js";
import { resized, sizeOf } from "./sizes.js";
import { stretchable } from "./stretch.js";

/** @typedef {import("../state.js").State} State */

/** Three rows of charts fill what the window leaves, within what an eye can read. */
const ROWS = 3;
const LOWEST_ROW = 146;
const HIGHEST_ROW = 300;
const GAP = 8;
/** A hundred runs tell their metrics one after another: the charts are made anew no more often than this. */
const REMAKE_MS = 250;
/** Longer than this charts do not hold up a frame, or than all else does while frames come late: what is left is drawn in the next. */
const BUDGET_MS = 8;
const SHARE = 0.5;
/** Curves of many runs come one after another: a chart that some have yet to come to is drawn no more often than this. */
const PARTS_MS = 200;
/** Charts this close to the window are drawn before they are scrolled to. */
const MARGIN = "200px";

/**
 * @param {State} state
 * @param {import("../curves.js").Curves} curves
 * @param {import("../palette.js").Palette} palette
 * @param {import("./tools.js").Deed[]} deeds
 * @param {(run: string, offset: number) => void} pick
 */
export function grid(state, curves, palette, deeds, pick) {
  const node = part("charts");
  const main = part("main");
  /** @type {Map<string, Card>} */
  const cards = new Map();
  /** @type {{charts: import("./lines.js").Chart[], hidden: import("./lines.js").Chart[], folded: import("./lines.js").Chart[], matched: import("./lines.js").Chart[]}} */
  const shown = { charts: [], hidden: [], folded: [], matched: [] };
  const fold = part("folded");
  fold.addEventListener("click", () => state.set({ unfold: !state.view.unfold }));
  /** What the charts were made from; the metrics have changed when it is empty. */
  let made = "";
  /** Charts in sight that are still to be drawn. @type {Set<Card>} */
  const due = new Set();
  /** When the last frame began that left charts to the next, in ms. @type {number | null} */
  let left_ms = null;
  /** What all charts share is computed once a draw. */
  let frame = frameOf(state);

  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const card = cards.get(/** @type {HTMLElement} */ (entry.target).dataset.chart ?? "");
      if (card) look(card, entry.isIntersecting);
    }
    nextFrame(drawDue);
  }, { root: main, rootMargin: MARGIN });

  /** Told rather than asked, as each look at a size after a change lays out the page. */
  const rooms = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const card = cards.get(/** @type {HTMLElement} */ (target.closest(".card"))?.dataset.chart ?? "");
      if (!card) continue;
      [card.width, card.height] = [Math.round(contentRect.width), Math.round(contentRect.height)];
      due.add(card);
    }
    nextFrame(drawDue);
  });

  const size = new ResizeObserver(() => {
    fitRows();
    fitSizes();
    nextFrame(draw);
  });
  size.observe(main);
  size.observe(part("karn"));

  draggable(node, (chart, target) => move(chart, target));
  stretchable(node, places, (chart) => sizeOf(state.view.sizes, chart), resize);
  const remake = atMostEvery(REMAKE_MS, () => {
    made = "";
    arrange();
  });
  state.on(["metrics", "run", "settings"], remake);
  state.on(["view"], arrange);
  state.on(["runs"], () => basis() === made || arrange());
  state.on(["points", "moment", "marks", "focus", "figures"], () => nextFrame(draw));
  state.on(["hover"], () => nextFrame(values));

  /** What decides which charts there are, beside the metrics. */
  function basis() {
    const { run, apart, group, first, full, hidden: set, over, filter, unfold } = state.view;
    return JSON.stringify([run, state.shown.map(({ id }) => [id, state.leadOf(id)]), apart, group, first, full, set, over, filter, unfold]);
  }

  /** Which cards there are, and in which order. */
  function arrange() {
    const from = basis();
    if (from !== made) make();
    made = from;
    fitSizes();
    nextFrame(draw);
  }

  function make() {
    const { charts, hidden } = arranged(chartsOf(state.shown, state.view, state), state.view);
    const away = folded(charts, state.view);
    const matched = matching(charts.filter((chart) => !away.includes(chart)), state.view.filter);
    drawFold(away, charts);
    Object.assign(shown, { charts, hidden, folded: away, matched });
    place(matched);
    fitRows();
    state.emit("charts");
  }

  /** @param {import("./lines.js").Chart[]} away @param {import("./lines.js").Chart[]} charts */
  function drawFold(away, charts) {
    const alike = charts.filter(({ family }) => family);
    fold.hidden = !alike.length || state.view.filter !== "";
    attribute(fold, "aria-expanded", String(state.view.unfold));
    fill(fold, away.length ? `▸ ${plural(away.length, "chart")} of many alike` : "▾ Fold what is of many alike", h("span.quiet", {}, familiesOf(away.length ? away : alike)));
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
    const card = new Card(chart, { state, curves, palette, deeds, pick, frame: () => frame });
    cards.set(chart.key, card);
    sight.observe(card.node);
    rooms.observe(card.body);
    return card;
  }

  /** @param {string} key @param {Card} card */
  function remove(key, card) {
    sight.unobserve(card.node);
    rooms.unobserve(card.body);
    due.delete(card);
    card.rest();
    card.node.remove();
    cards.delete(key);
  }

  /** @param {Card} card @param {boolean} visible */
  function look(card, visible) {
    card.visible = visible;
    if (visible) due.add(card);
    else if (!card.full) card.rest();
  }

  function draw() {
    for (const card of cards.values()) due.add(card);
    drawDue();
  }

  /** Those that have waited come before those that have just been drawn. */
  function drawDue() {
    const began = performance.now();
    const budget_ms = Math.max(BUDGET_MS, left_ms === null ? 0 : SHARE * (began - left_ms));
    frame = frameOf(state);
    for (const card of due) if (!card.visible && !card.full && !card.node.classList.contains("full")) due.delete(card);
    for (const card of due) card.unfold();
    for (const card of due) {
      if (card.lacking && began - card.drawn_ms < PARTS_MS) continue;
      due.delete(card);
      if (card.width) card.draw();
      card.drawn_ms = began;
      if (performance.now() - began > budget_ms) break;
    }
    left_ms = due.size ? began : null;
    if (due.size) nextFrame(drawDue);
  }

  function values() {
    for (const card of cards.values()) if (card.visible) card.drawValues();
  }

  /** Puts a chart in another's place. @param {string} chart @param {string} target */
  function move(chart, target) {
    if (chart !== target) state.set({ first: moved(shown.charts.map(({ key }) => key), state.view.first, chart, target) });
  }

  /** @param {string} chart @param {import("./sizes.js").Size} size */
  function resize(chart, size) {
    state.set({ sizes: resized(state.view.sizes, chart, seen(chart, size)) });
    const [width, height] = sizeOf(state.view.sizes, chart);
    say(`${chart}: ${plural(Math.min(places().columns, width), "place")} wide, ${plural(height, "place")} high`);
  }

  /** A size in as many columns as there are: a chart that is wider than they reach keeps what cannot be seen of it. @param {string} chart @param {import("./sizes.js").Size} size @returns {import("./sizes.js").Size} */
  function seen(chart, [width, height]) {
    const { columns } = places();
    const [before] = sizeOf(state.view.sizes, chart);
    return [before > columns && Math.max(1, width) >= columns ? before : Math.min(columns, width), height];
  }

  /** How many charts stand beside each other, and how large one is. */
  function places() {
    const style = getComputedStyle(node);
    const least = parseFloat(style.getPropertyValue("--least"));
    const columns = Math.max(1, Math.floor((node.clientWidth + GAP) / (least + GAP)));
    return { columns, width: (node.clientWidth + GAP) / columns - GAP, height: parseFloat(style.gridAutoRows), gap: GAP };
  }

  /** No chart is wider than the grid has room for. */
  function fitSizes() {
    const { columns } = places();
    node.style.setProperty("--columns", String(columns));
    for (const [key, card] of cards) {
      const [width, height] = sizeOf(state.view.sizes, key);
      card.take(Math.min(columns, width), height);
    }
  }

  function fitRows() {
    const room = main.clientHeight - (node.offsetTop - main.offsetTop) - GAP * (ROWS + 1);
    const row = Math.min(HIGHEST_ROW, Math.max(LOWEST_ROW, Math.floor(room / ROWS)));
    node.style.setProperty("--row", `${row}px`);
  }

  return {
    shown,
    redraw: () => nextFrame(draw),
    /** What all charts share now. */
    get frame() {
      return frame;
    },
    drawings: () => [...cards.values()].flatMap((card) => card.drawing ?? []),
    /** The chart under the pointer, in focus or on the whole screen, else the first. */
    get current() {
      const node = document.querySelector(".card.full") ?? document.querySelector(".card:hover") ?? document.activeElement?.closest(".card");
      return /** @type {HTMLElement | null} */ (node)?.dataset.chart ?? shown.matched[0]?.key ?? "";
    },
    /** Makes the current chart so many places wider and higher. @param {number} wider @param {number} higher */
    stretch(wider, higher) {
      const [width, height] = sizeOf(state.view.sizes, this.current);
      resize(this.current, [Math.min(places().columns, width) + wider, height + higher]);
    },
    /** Moves the current chart so many places on. @param {number} by */
    shift(by) {
      const keys = shown.matched.map(({ key }) => key);
      const target = keys[keys.indexOf(this.current) + by];
      if (!target) return;
      const chart = this.current;
      move(chart, target);
      say(`${chart}: place ${shown.matched.findIndex(({ key }) => key === chart) + 1} of ${keys.length}`);
    },
  };
}
