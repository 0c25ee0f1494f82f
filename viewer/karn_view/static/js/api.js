// @ts-check
/** The HTTP paths of the viewer. Every address is relative to the page. */

import { parse } from "./exact.js";

/** @typedef {import("./series.js").Packed} Packed */
/** @typedef {import("./state.js").Timeline} Timeline */
/** @typedef {import("./state.js").RunInfo} RunInfo */

/** A request that the viewer refused, or that never reached it (status 0). */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @returns {never} */
function unreached() {
  throw new Refused(0, "karn-view does not answer");
}

/** @param {string} path @param {URLSearchParams} [query] @param {Record<string, string>} [headers] @returns {Promise<Response>} */
async function get(path, query, headers) {
  const url = new URL(path, document.baseURI);
  if (query) url.search = query.toString();
  const answer = await fetch(url, { headers, cache: "no-store" }).then(whole).catch(unreached);
  if (!answer.ok) throw new Refused(answer.status, await reasonOf(answer));
  return answer;
}

/** An answer with all that follows its head, which may end on the way. @param {Response} answer @returns {Promise<Response>} */
async function whole(answer) {
  return new Response(await answer.arrayBuffer(), answer);
}

/** The sentence that an answer gives for its refusal. @param {Response} answer @returns {Promise<string>} */
async function reasonOf(answer) {
  const said = await answer.json().catch(() => ({}));
  return said.error ?? `${answer.status} ${answer.statusText}`;
}

/** @param {string} run @param {string} [rest] */
function path(run, rest = "") {
  return `api/runs/${encodeURIComponent(run)}${rest}`;
}

/** @returns {Promise<RunInfo[]>} */
export async function runs() {
  return (await (await get("api/runs")).json()).runs;
}

/** What a run was set to. @param {string} run @returns {Promise<Record<string, unknown>>} */
export async function config(run) {
  return parse(await (await get(path(run))).text()).config;
}

/** What some metrics came to. @param {string} run @param {string[]} names @returns {Promise<import("./state.js").Figure[]>} */
export async function metrics(run, names) {
  return (await (await get(path(run, "/metrics"), new URLSearchParams(names.map((name) => ["name", name])))).json()).metrics;
}

/** Whether the viewer lets this page in. @returns {Promise<boolean>} */
export async function admitted() {
  return get("api/health").then(() => true, (error) => error.status !== 401 && error.status !== 403);
}

/** @param {string} run @param {number} bins @returns {Promise<Timeline>} */
export async function timeline(run, bins) {
  return (await get(path(run, "/timeline"), new URLSearchParams({ bins: String(bins) }))).json();
}

/** The Karn dashboard as it stood before `at`. @param {string} run @param {number} at @returns {Promise<Record<string, any>>} */
export async function dashboard(run, at) {
  return (await get(path(run, "/dashboard"), new URLSearchParams({ at: String(at) }))).json();
}

/**
 * Lines by their number among those that fit, integers exact.
 * @param {string} run
 * @param {{first?: number, near?: number, x?: number, until?: number, limit?: number, type?: string, severity?: string, q?: string, where?: string[]}} query
 * @returns {Promise<{lines: import("./log/lines.js").Entry[], count: number, searched: number, total: number, near: number}>}
 */
export async function lines(run, { where = [], ...query }) {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") fields.set(name, String(value));
  for (const one of where) fields.append("where", one);
  return parse(await (await get(path(run, "/lines"), fields)).text());
}

/**
 * Thinned columns of several metrics in one answer.
 * @param {string} run
 * @param {string[]} names
 * @param {{x: string, points: number, from?: number, to?: number}} query
 * @returns {Promise<{revision: number, generation: string, series: Packed[]}>}
 */
export async function series(run, names, query) {
  const fields = new URLSearchParams();
  for (const name of names) fields.append("name", name);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) fields.set(name, String(value));
  const answer = await get(path(run, "/series"), fields, { Accept: "application/octet-stream" });
  return unpack(await answer.arrayBuffer());
}

/**
 * The binary form: header length, JSON header padded to 8 bytes, then each series' columns of little-endian float64.
 * @param {ArrayBuffer} buffer
 */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let place = 4 + length;
  const next = (/** @type {number} */ n) => {
    const column = new Float64Array(buffer, place, n);
    place += 8 * n;
    return column;
  };
  for (const series of header.series) {
    for (const column of series.columns) series[column] = next(series.n);
    const n = series.superseded ?? 0;
    series.old = { x: next(n), y: next(n) };
  }
  return header;
}

/**
 * A run, or some of its metrics over a window, as a file.
 * @param {string} run
 * @param {Record<string, string | number>} query
 * @param {string[]} names
 * @returns {Promise<Blob>}
 */
export async function exported(run, query, names) {
  const url = new URL(path(run, "/export"), document.baseURI);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  for (const name of names) url.searchParams.append("name", name);
  const answer = await fetch(url, { cache: "no-store" }).catch(unreached);
  if (answer.ok) return answer.blob();
  throw new Refused(answer.status, await reasonOf(answer));
}
