// @ts-check
/** Which charts there are, and which lines each of them holds. Pure. */

import { curve, runColour } from "../palette.js";

/** @typedef {import("../state.js").Run} Run */
/** @typedef {import("../state.js").Metric} Metric */

/** Beyond this a chart is a thicket: the rest is counted, and shown on the whole screen. */
export const MOST_LINES = 24;

/**
 * @typedef {object} Line
 * @property {string} run
 * @property {string} metric
 * @property {string} label  what tells it from its neighbours
 * @property {string} colour  custom property
 * @property {number[]} dash
 */

/**
 * @typedef {object} Chart
 * @property {string} key
 * @property {number} rank
 * @property {string} unit
 * @property {string} shared  what all its labels began with
 * @property {Line[]} lines
 */

const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/**
 * Charts of the shown runs by importance; metrics of one chart key are laid over each other, across runs too.
 * @param {Run[]} runs
 * @param {boolean} [apart]  a chart for each metric
 * @returns {Chart[]}
 */
export function chartsOf(runs, apart = false) {
  /** @type {Map<string, Chart>} */
  const charts = new Map();
  for (const run of runs) {
    for (const metric of run.metrics.values()) {
      if (metric.hidden) continue;
      const key = apart ? metric.name : metric.chart || metric.name;
      const chart = charts.get(key) ?? { key, rank: metric.rank, unit: metric.unit ?? "", shared: "", lines: [] };
      charts.set(key, chart);
      chart.rank = Math.min(chart.rank, metric.rank);
      chart.lines.push({ run: run.id, metric: metric.name, label: labelOf(run, metric, runs.length > 1), colour: "", dash: [] });
    }
  }
  for (const chart of charts.values()) dress(chart, runs.length > 1);
  return [...charts.values()].sort((a, b) => a.rank - b.rank);
}

/**
 * Orders and colours the lines of a chart. Across runs the colour is the run's, within a run the split's number's (env 2 is
 * the same in every chart); lines of one colour are told apart by their dashes.
 * @param {Chart} chart
 * @param {boolean} compared
 */
function dress(chart, compared) {
  const { lines } = chart;
  if (!compared) lines.sort((a, b) => judged(b) - judged(a) || a.label.localeCompare(b.label, undefined, { numeric: true }));
  const worn = new Map();
  for (const [place, line] of lines.entries()) {
    line.colour = compared ? runColour(line.run) : curve(Number(/\d+$/.exec(line.label)?.[0] ?? place));
    line.dash = DASHES[(worn.get(line.colour) ?? 0) % DASHES.length];
    worn.set(line.colour, (worn.get(line.colour) ?? 0) + 1);
  }
  if (new Set(lines.map((line) => line.label)).size > 1) shareWords(chart);
}

/** Whether a line is measured on held-out data: what a run is judged by comes first. @param {Line} line */
function judged(line) {
  return Number(/^(val|eval|test)/.test(line.label));
}

/** Words that every label begins with are said once, behind the chart's name. @param {Chart} chart */
function shareWords(chart) {
  const labels = chart.lines.map((line) => line.label.split(" "));
  while (labels.every((words) => words.length > 1 && words[0] === labels[0][0])) {
    chart.shared = `${chart.shared} ${labels[0][0]}`;
    for (const words of labels) words.shift();
  }
  for (const [i, line] of chart.lines.entries()) line.label = labels[i].join(" ");
}

/** What tells a line from its neighbours; which run it is of is told by its colour. @param {Run} run @param {Metric} metric @param {boolean} compared */
function labelOf(run, metric, compared) {
  return metric.split || (compared ? run.info.name : "");
}

/**
 * The charts whose name, or a line's name, matches; a pattern that is not one yet matches as plain text.
 * @param {Chart[]} charts
 * @param {string} pattern
 */
export function matching(charts, pattern) {
  if (!pattern) return charts;
  const test = tester(pattern);
  return charts.filter((chart) => test(chart.key) || chart.lines.some((line) => test(line.metric)));
}

/** @param {string} pattern @returns {(name: string) => boolean} */
function tester(pattern) {
  try {
    const expression = new RegExp(pattern, "i");
    return (name) => expression.test(name);
  } catch {
    return (name) => name.toLowerCase().includes(pattern.toLowerCase());
  }
}
