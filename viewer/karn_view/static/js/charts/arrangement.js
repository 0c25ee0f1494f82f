// @ts-check
/** Where charts stand: some moved to the front, some set aside, some laid over another. Pure. */

import { curve } from "../palette.js";

/** @typedef {import("./lines.js").Chart} Chart */
/** @typedef {import("../state.js").View} View */

/**
 * Charts as a person arranged them; a name that is no chart of these runs is passed over.
 * @param {Chart[]} charts  by importance
 * @param {Pick<View, "first" | "hidden" | "over">} view
 * @returns {{charts: Chart[], hidden: Chart[]}}  those filed away under their families last
 */
export function arranged(charts, { first, hidden, over }) {
  const known = new Map(charts.map((chart) => [chart.key, chart]));
  const front = first.flatMap((key) => known.get(key) ?? []);
  const others = charts.filter((chart) => !front.includes(chart));
  const ordered = [...front, ...others.filter(({ family }) => !family), ...others.filter(({ family }) => family)];
  return {
    charts: ordered.filter(({ key }) => !hidden.includes(key)).map((chart) => laidOver(chart, over, known)),
    hidden: ordered.filter(({ key }) => hidden.includes(key)),
  };
}

/**
 * Of charts in their order those that are looked at only when asked for, last in any case.
 * @param {Chart[]} charts
 * @param {Pick<View, "first" | "full" | "unfold" | "filter">} view
 */
export function folded(charts, { first, full, unfold, filter }) {
  return unfold || filter ? [] : charts.filter(({ key, family }) => family && !first.includes(key) && key !== full);
}

/** Families and how many charts each has, in words. @param {Chart[]} charts */
export function familiesOf(charts) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { family } of charts) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  return [...sizes].map(([family, size]) => `${family} ${size}`).join(" · ");
}

/** The chart with the lines of those laid over it, which go by the right axis. @param {Chart} chart @param {View["over"]} over @param {Map<string, Chart>} known @returns {Chart} */
function laidOver(chart, over, known) {
  const others = over.flatMap(([under, other]) => (under === chart.key && other !== under && known.get(other)) || []);
  if (!others.length) return chart;
  const lines = [...chart.lines];
  const compared = new Set(lines.map(({ run }) => run)).size > 1;
  for (const other of others) {
    for (const line of other.lines) {
      const label = [other.key, line.label].filter(Boolean).join(" ");
      lines.push({ ...line, label, side: "right", ...(compared ? { dash: [3, 3] } : { colour: curve(lines.length) }) });
    }
  }
  return { ...chart, lines };
}

/**
 * The charts to stand in front so that one takes another's place; those between are kept before it.
 * @param {string[]} keys  all charts in their present order
 * @param {string[]} first  those in front by now
 * @param {string} key
 * @param {string} target  the chart whose place it takes
 */
export function moved(keys, first, key, target) {
  const place = keys.indexOf(target);
  const others = keys.filter((other) => other !== key);
  return [...others.slice(0, place), key, ...others.slice(place)].slice(0, Math.max(place + 1, first.length));
}

/** A list with a value, or without it if it was there. @template T @param {T[]} list @param {T} value @returns {T[]} */
export function toggled(list, value) {
  return list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
}
