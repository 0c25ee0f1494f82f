// @ts-check
/** What all charts share: the stretch of x, whether it is logarithmic, the marks on it. Pure. */

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../state.js").Run} Run */

const METRIC = "by:";
/** A logarithmic x that would begin at zero begins here, or at this share of its end if that is less. */
const FIRST = 1;
const SHARE = 1e-3;

/** The metric that x goes by, or null. @param {string} x */
export function metricOf(x) {
  return x.startsWith(METRIC) ? x.slice(METRIC.length) : null;
}

/** @param {string} metric */
export function byMetric(metric) {
  return METRIC + metric;
}

/** @param {State} state @returns {import("./scene.js").Frame} */
export function frameOf(state) {
  const { zoom, x, logx: wanted } = state.view;
  const window = zoom ?? padded(domain(state));
  const logx = wanted && x !== "wall" && window[1] > 0;
  const frame = { window: logx ? aboveZero(window) : window, logx, marks: marksOf(state) };
  return { ...frame, key: JSON.stringify(frame) };
}

/** @param {[number, number]} window @returns {[number, number]} */
function aboveZero([from, to]) {
  return [from > 0 ? from : Math.min(FIRST, to * SHARE), to];
}

/** The stretch of x that the whole of every shown run covers. @param {State} state @returns {[number, number]} */
function domain(state) {
  const spans = state.shown.map((run) => spanOf(run, state.view.x, state.startOf(run.id) ?? NaN));
  return [least(spans.map(([low]) => low)), -least(spans.map(([, high]) => -high))];
}

/** @param {Run} run @param {string} x @param {number} start  of its training @returns {[number, number]} */
function spanOf(run, x, start) {
  const metric = metricOf(x);
  if (metric !== null) return [run.figures.get(metric)?.min ?? NaN, run.figures.get(metric)?.max ?? NaN];
  return x === "step" ? run.steps ?? [NaN, NaN] : walls(run, x === "relative" ? start : 0);
}

/** The least of those that were measured. @param {number[]} values */
function least(values) {
  return values.reduce((low, value) => (value < low ? value : low), Infinity);
}

/** @param {Run} run @param {number} start @returns {[number, number]} */
function walls(run, start) {
  return [(run.info.started_at ?? NaN) - start, (run.info.last_record_at ?? NaN) - start];
}

/** @param {[number, number]} window @returns {[number, number]} */
function padded([from, to]) {
  if (!(from <= to)) return [0, 1];
  return from === to ? [from - 0.5, to + 0.5] : [from, to];
}

/** Resumes, new runs and alerts of the chosen run on the present x; along a metric nobody knows where they stand. @param {State} state */
function marksOf(state) {
  const past = state.trainingOf(state.view.run).flatMap((id) => {
    const until = state.untilOf(id) ?? Infinity;
    return state.runs.get(id)?.timeline?.marks.filter(({ offset }) => offset < until) ?? [];
  });
  const start = state.startOf(state.view.run) ?? NaN;
  return [...past, ...begun(state)].flatMap((mark) => {
    const x = placeOf(mark, state.view.x, start);
    return x !== null && Number.isFinite(x) ? [{ ...mark, x }] : [];
  });
}

/** Where pieces of the chosen training begin that are not its first. @param {State} state @returns {import("../state.js").Mark[]} */
function begun(state) {
  return state.trainingOf(state.view.run).slice(1).flatMap((id) => {
    const run = state.runs.get(id);
    const x = run?.steps?.[0];
    return run && x !== undefined ? [{ offset: 0, x, wall: run.info.started_at, kind: "resume", label: run.info.name, severity: "info" }] : [];
  });
}

/** @param {import("../state.js").Mark} mark @param {string} x @param {number} start */
function placeOf(mark, x, start) {
  if (x === "step") return mark.x;
  if (x === "wall") return mark.wall;
  return x === "relative" ? (mark.wall ?? NaN) - start : null;
}
