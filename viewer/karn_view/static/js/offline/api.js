// @ts-check
/** Stands for the viewer's HTTP paths in a file that replays a run offline. */

import { parse } from "../exact.js";
import { firstNotBelow } from "../series.js";
import { packed, placeOf } from "./packed.js";
import { curve } from "./curve.js";

/** @typedef {import("./packed.js").Packed} Packed */

const LF = 10;
const PAGE = 1000;

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

/** @param {string} _run */
export async function faults(_run) {
  return (await packed).head.faults;
}

/** @param {string} _run @param {string[]} names @param {{x: string, points: number, from?: number, to?: number}} query */
export async function series(_run, names, query) {
  const run = await packed;
  const { revision, generation } = run.head.info;
  return { revision, generation, series: names.filter((name) => run.series.has(name)).map((name) => curve(run, name, query)) };
}

/** @param {string} _run @param {{after?: string, limit?: number, type?: string, severity?: string, q?: string}} query */
export async function events(_run, { after = "0:0", limit = PAGE, type = "", severity = "", q = "" }) {
  const run = await packed;
  const wanted = { types: wordsOf(type), severities: wordsOf(severity), q: q.toLowerCase() };
  const found = [];
  let row = firstNotBelow(run.offsets, Number(after.split(":")[1]));
  for (; row < run.head.rows && found.length < limit; row++) {
    if (row > 0 && run.offsets[row] === run.offsets[row - 1]) continue;
    const line = lineOf(run, row, wanted);
    if (line) found.push(line);
  }
  const end = row >= run.head.rows;
  return { events: found, cursor: `${run.head.info.generation}:${end ? run.head.info.offset : run.offsets[row]}`, end };
}

/** @returns {Promise<Blob>} */
export async function exported() {
  throw new Refused(404, "This is a copy: numbers and files come from karn-view and from karn-view export.");
}

/** @param {string} list */
function wordsOf(list) {
  return new Set(list.split(",").filter(Boolean));
}

/** @param {Packed} run @param {number} row @param {{types: Set<string>, severities: Set<string>, q: string}} wanted */
function lineOf(run, row, { types, severities, q }) {
  const offset = run.offsets[row];
  const type = run.head.types[run.types[row]];
  const severity = run.head.severities[run.severities[row]];
  if ((types.size && !types.has(type)) || (severities.size && !severities.has(severity))) return null;
  const text = textAt(run, offset);
  if (q && !text.toLowerCase().includes(q)) return null;
  const place = { offset, type, severity, wall: known(run.walls[row]), x: known(run.x[row]) };
  return { ...place, ...content(text, type) };
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
  try {
    return { record: parse(text) };
  } catch {
    return { record: { text } };
  }
}

/** @param {number} value */
function known(value) {
  return Number.isFinite(value) ? value : null;
}
