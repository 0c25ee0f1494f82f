// @ts-check
/** The run that is packed into this file: its head, its columns, its lines. */

/**
 * @typedef {object} Head
 * @property {string} version
 * @property {import("../state.js").RunInfo} info
 * @property {(import("../state.js").Metric & import("../state.js").Figure & {first_step: number | null, last_step: number | null})[]} metrics
 * @property {import("../state.js").Timeline} timeline
 * @property {string[]} types
 * @property {string[]} severities
 * @property {number} rows
 * @property {{name: string, current: number, old: number}[]} series
 * @property {{at: number, changed: Record<string, any>}[]} dashboards
 * @property {[number, number][]} gaps  bytes of the file that are not here: where, how many
 * @property {boolean} lines
 */

/** @typedef {{rows: Float64Array, values: Float64Array}} Branch */

/**
 * @typedef {object} Packed
 * @property {Head} head
 * @property {Float64Array} offsets
 * @property {Float64Array} walls
 * @property {Float64Array} x
 * @property {Float64Array} types
 * @property {Float64Array} severities
 * @property {Map<string, {current: Branch, old: Branch}>} series
 * @property {Uint8Array} text
 */

/** @type {Promise<Packed>} */
export const packed = unpack();

async function unpack() {
  const node = document.getElementById("packed");
  const bytes = Uint8Array.from(atob(node?.textContent ?? ""), (letter) => letter.charCodeAt(0));
  node?.remove();
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return read(await new Response(plain).arrayBuffer());
}

/** @param {ArrayBuffer} buffer @returns {Packed} */
export function read(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  /** @type {Head} */
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  let place = 8 + length;
  const next = (/** @type {number} */ n) => {
    const column = new Float64Array(buffer, place, n);
    place += 8 * n;
    return column;
  };
  const [offsets, walls, x, types, severities] = Array.from({ length: 5 }, () => next(head.rows));
  const series = new Map(head.series.map(({ name, current, old }) => [name, {
    current: { rows: next(current), values: next(current) },
    old: { rows: next(old), values: next(old) },
  }]));
  return { head, offsets, walls, x, types, severities, series, text: new Uint8Array(buffer, place) };
}

/** Where a byte of the file is in what is here. @param {Head} head @param {number} offset */
export function placeOf(head, offset) {
  return offset - head.gaps.reduce((sum, [at, length]) => sum + (at < offset ? Math.min(length, offset - at) : 0), 0);
}
