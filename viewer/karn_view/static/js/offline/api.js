// @ts-check
/** Stands for the viewer's HTTP paths in a file that replays a run offline. */

import { parse } from "../exact.js";
import { firstNotBelow } from "../series.js";
import { packed, placeOf } from "./packed.js";
import { curve } from "./curve.js";
import { where } from "./where.js";

/** @typedef {import("./packed.js").Packed} Packed */

const LF = 10;
const PAGE = 100;
/** A request searches so long, and tells how far it came. */
const SCAN_MS = 100;

/** As a viewer would refuse. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function runs() {
  return [(await packed).head.info];
}

/** @param {string} _run */
export async function config(_run) {
  return (await packed).head.info.config;
}

/** @param {string} _run @param {string[]} names */
export async function metrics(_run, names) {
  return (await packed).head.metrics.filter(({ name }) => names.includes(name));
}

export async function admitted() {
  return true;
}

/** @param {string} _run @param {number} [_bins] */
export async function timeline(_run, _bins) {
  return (await packed).head.timeline;
}

/** The dashboard of the last packed moment that is not after `at`. @param {string} _run @param {number} at */
export async function dashboard(_run, at) {
  const { dashboards } = (await packed).head;
  const before = dashboards.filter((one, i) => i === 0 || one.at <= at);
  return Object.assign({}, ...before.map(({ changed }) => changed));
}

/** @param {string} _run @param {string[]} names @param {{x: string, points: number, from?: number, to?: number}} query */
export async function series(_run, names, query) {
  const run = await packed;
  const { revision, generation } = run.head.info;
  return { revision, generation, series: names.filter((name) => run.series.has(name)).map((name) => curve(run, name, query)) };
}

/** @typedef {{types: Set<string>, severities: Set<string>, q: string, fields: import("./where.js").Where[]}} Wanted */
/** The last search: what it is for, the rows that fit, and how many were looked at. @type {{key: string, wanted: Wanted, rows: number[], seen: number}} */
let kept = { key: "", wanted: { types: new Set(), severities: new Set(), q: "", fields: [] }, rows: [], seen: 0 };

/** @param {string} _run @param {{first?: number, near?: number, x?: number, until?: number, limit?: number, type?: string, severity?: string, q?: string, where?: string[]}} query */
export async function lines(_run, { first, near = Infinity, x, until = Infinity, limit = PAGE, type = "", severity = "", q = "", where: conditions = [] }) {
  const run = await packed;
  const key = JSON.stringify([type, severity, q, conditions]);
  if (kept.key !== key) kept = { key, wanted: { types: wordsOf(type), severities: wordsOf(severity), q: q.toLowerCase(), fields: conditions.map(condition) }, rows: [], seen: 0 };
  searchOn(run);
  const offsets = kept.rows.map((row) => run.offsets[row]);
  const count = firstNotBelow(offsets, until);
  const from = firstNotBelow(run.offsets, near);
  const row = x === undefined ? from : run.x.findIndex((value, i) => i >= from && value >= x);
  const place = row < 0 ? count : Math.min(count, firstNotBelow(kept.rows, row));
  const begin = first ?? Math.max(0, place - Math.floor(limit / 2));
  const total = firstNotBelow(run.offsets, until);
  return { lines: kept.rows.slice(begin, Math.min(count, begin + limit)).map((row, i) => ({ nth: begin + i, ...lineOf(run, row) })), count, searched: Math.min(kept.seen, total), total, near: place };
}

/** @returns {Promise<Blob>} */
export async function exported() {
  throw new Refused(404, "This is a copy: numbers and files come from karn-view and from karn-view export.");
}

/** @param {string} text */
function condition(text) {
  const understood = where(text);
  if (typeof understood === "string") throw new Refused(400, understood);
  return understood;
}

/** @param {string} list */
function wordsOf(list) {
  return new Set(list.split(",").filter(Boolean));
}

/** Searches for a moment, so that a large run does not hold up the page; who asks again has the rest. @param {Packed} run */
function searchOn(run) {
  const until = performance.now() + SCAN_MS;
  for (; kept.seen < run.head.rows && performance.now() < until; kept.seen++) {
    if (run.head.lines && fits(run, kept.seen, kept.wanted)) kept.rows.push(kept.seen);
  }
}

/** @param {Packed} run @param {number} row @param {Wanted} wanted */
function fits(run, row, { types, severities, q, fields }) {
  if (row > 0 && run.offsets[row] === run.offsets[row - 1]) return false;
  if (types.size && !types.has(run.head.types[run.types[row]])) return false;
  if (severities.size && !severities.has(run.head.severities[run.severities[row]])) return false;
  if (!q && !fields.length) return true;
  const text = textAt(run, run.offsets[row]);
  return (!q || text.toLowerCase().includes(q)) && (!fields.length || haveFields(text, fields));
}

/** @param {string} text @param {import("./where.js").Where[]} fields */
function haveFields(text, fields) {
  const record = recordOf(text);
  return record !== null && fields.every((fits) => fits(record));
}

/** @param {Packed} run @param {number} row */
function lineOf(run, row) {
  const offset = run.offsets[row];
  const type = run.head.types[run.types[row]];
  const severity = run.head.severities[run.severities[row]];
  return { offset, type, severity, wall: known(run.walls[row]), x: known(run.x[row]), ...content(textAt(run, offset), type) };
}

/** @param {Packed} run @param {number} offset */
function textAt(run, offset) {
  const start = placeOf(run.head, offset);
  const end = run.text.indexOf(LF, start);
  return new TextDecoder().decode(run.text.subarray(start, end < 0 ? undefined : end));
}

/** @param {string} text @param {string} type */
function content(text, type) {
  if (type === "fault") return { fault: text.slice(0, 1000) || "a line too long to be read" };
  return { record: recordOf(text) ?? { text } };
}

/** @param {string} text @returns {Record<string, any> | null}  null for a line that is no object */
function recordOf(text) {
  try {
    const value = parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** @param {number} value */
function known(value) {
  return Number.isFinite(value) ? value : null;
}
