// @ts-check
/** Which charts there are, and which lines each of them holds. Pure. */

import { curve, runColour } from "../palette.js";

/** @typedef {import("../state.js").Run} Run */
/** @typedef {import("../state.js").Metric} Metric */

/** Beyond this a chart is a thicket: the rest is counted, and shown on the whole screen. */
export const MOST_LINES = 8;

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
 * @property {Line[]} lines
 */

const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/**
 * Charts of the shown runs by importance; metrics of one chart key are laid over each other, across runs too.
 * @param {Run[]} runs
 * @returns {Chart[]}
 */
export function chartsOf(runs) {
  /** @type {Map<string, Chart>} */
  const charts = new Map();
  for (const [place, run] of runs.entries()) {
    for (const metric of run.metrics.values()) {
      if (metric.hidden) continue;
      const key = metric.chart || metric.name;
      const chart = charts.get(key) ?? { key, rank: metric.rank, unit: metric.unit ?? "", lines: [] };
      charts.set(key, chart);
      chart.rank = Math.min(chart.rank, metric.rank);
      chart.lines.push(runs.length > 1 ? compared(run, metric, place, chart) : alone(run, metric, chart));
    }
  }
  return [...charts.values()].sort((a, b) => a.rank - b.rank);
}

/** @param {Run} run @param {Metric} metric @param {Chart} chart @returns {Line} */
function alone(run, metric, chart) {
  return { run: run.id, metric: metric.name, label: labelOf(metric), colour: curve(chart.lines.length), dash: [] };
}

/** Across runs the colour is the run's; a run of the same colour before it turns this one dashed. @param {Run} run @param {Metric} metric @param {number} place @param {Chart} chart @returns {Line} */
function compared(run, metric, place, chart) {
  const colour = runColour(run.id);
  const alike = chart.lines.filter((line) => line.colour === colour).length;
  const label = metric.split ? `${run.info.name} ${metric.split}` : run.info.name;
  return { run: run.id, metric: metric.name, label, colour, dash: DASHES[alike % DASHES.length] };
}

/** @param {Metric} metric */
function labelOf(metric) {
  return metric.split || "";
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
