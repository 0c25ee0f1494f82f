// @ts-check
/** Which charts there are, and which lines each of them holds. Pure. */

import { brief } from "../exact.js";
import { MISSING } from "../format.js";
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
 * @property {string} split  what tells it from the other metrics of its chart
 * @property {string} colour  custom property
 * @property {number[]} dash
 * @property {"left" | "right"} side  the axis it goes by
 * @property {"" | "mean" | "joined"} made  of its members: their mean, or one after the other
 * @property {Member[]} members  none when it is one curve of a run
 */

/** @typedef {Pick<Line, "run" | "metric" | "made" | "members">} Member */

/** @typedef {{trainingOf: (run: string) => string[], leadOf: (run: string) => string, newestOf: (run: string) => string}} Trainings  of which pieces a run is made, as `State` tells */
/** Every run is whole. @type {Trainings} */
const WHOLE = { trainingOf: (run) => [run], leadOf: (run) => run, newestOf: (run) => run };

/**
 * @typedef {object} Chart
 * @property {string} key
 * @property {number} rank
 * @property {string} unit
 * @property {string} family  what it is filed away under, "" for what stands for itself
 * @property {string} shared  what all its labels began with
 * @property {Line[]} lines
 */

/** Stands for the setting that all runs share: one mean of all. */
export const EVERY = "*";

const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/**
 * Charts of the shown runs by importance; metrics of one chart key are laid over each other, across runs too.
 * @param {Run[]} runs
 * @param {{apart?: boolean, group?: string}} [how]  a chart for each metric; the setting whose equal values make one line of several runs
 * @param {Trainings} [trainings]
 * @returns {Chart[]}
 */
export function chartsOf(runs, { apart = false, group = "" } = {}, trainings = WHOLE) {
  const several = new Set(runs.map(({ id }) => trainings.leadOf(id))).size > 1;
  /** @type {Map<string, Chart>} */
  const charts = new Map();
  for (const run of runs) {
    for (const metric of run.metrics.values()) {
      if (metric.hidden) continue;
      const key = apart ? metric.name : metric.chart || metric.name;
      const chart = charts.get(key) ?? { key, rank: metric.rank, unit: metric.unit ?? "", family: metric.family ?? "", shared: "", lines: [] };
      charts.set(key, chart);
      chart.rank = Math.min(chart.rank, metric.rank);
      chart.lines.push({ run: run.id, metric: metric.name, split: metric.split, label: labelOf(run, metric, several), colour: "", dash: [], side: "left", made: "", members: [] });
    }
  }
  const grouped = group && several ? new Map(runs.map((run) => [run.id, valueOf(run, group)])) : null;
  for (const chart of charts.values()) {
    chart.lines = whole(chart.lines, trainings);
    if (grouped) chart.lines = means(chart.lines, grouped);
    dress(chart, several && !grouped, trainings);
  }
  return [...charts.values()].sort((a, b) => a.rank - b.rank);
}

/** What a run was set to, as one reads it. @param {Run} run @param {string} setting */
function valueOf(run, setting) {
  return setting === EVERY ? "mean" : brief(run.settings?.get(setting) ?? MISSING);
}

/** One line for each metric of a training, whichever of its pieces measured it. @param {Line[]} lines @param {Trainings} trainings */
function whole(lines, trainings) {
  /** @type {Map<string, Line>} */
  const found = new Map();
  for (const line of lines) {
    const lead = trainings.leadOf(line.run);
    const key = `${lead}\n${line.metric}`;
    const training = found.get(key) ?? { ...line, run: lead, made: "joined", members: [] };
    found.set(key, line.run === lead ? { ...training, label: line.label } : training);
    training.members.push(line);
  }
  return [...found.values()].map((line) => {
    const pieces = trainings.trainingOf(line.run);
    if (pieces.length === 1) return /** @type {Line} */ (line.members[0]);
    return { ...line, members: line.members.sort((a, b) => pieces.indexOf(a.run) - pieces.indexOf(b.run)) };
  });
}

/** One line for each group and split. @param {Line[]} lines @param {Map<string, string>} groups  of each run */
function means(lines, groups) {
  /** @type {Map<string, Line>} */
  const found = new Map();
  for (const line of lines) {
    const label = [groups.get(line.run), line.split].filter(Boolean).join(" ");
    const mean = found.get(label) ?? { ...line, label, made: "mean", members: [] };
    mean.members.push(line);
    found.set(label, mean);
  }
  return [...found.values()].map((mean) => ({ ...mean, label: `${mean.label} (${mean.members.length})` }));
}

/**
 * Orders and colours the lines of a chart. Across runs the colour is the run's, within a run the split's number's (env 2 is
 * the same in every chart); lines of one colour are told apart by their dashes.
 * @param {Chart} chart
 * @param {boolean} compared
 * @param {Trainings} trainings
 */
function dress(chart, compared, trainings) {
  const { lines } = chart;
  if (!compared) lines.sort((a, b) => judged(b) - judged(a) || a.label.localeCompare(b.label, undefined, { numeric: true }));
  const worn = new Map();
  for (const [place, line] of lines.entries()) {
    line.colour = compared ? runColour(trainings.newestOf(line.run)) : curve(Number(/\d+$/.exec(line.label)?.[0] ?? place));
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
