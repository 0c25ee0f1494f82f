// @ts-check
/** One line of the file as one line of the log. Pure. */

import { brief } from "../exact.js";
import { flat } from "../settings.js";

/** @typedef {import("./lines.js").Entry} Entry */

const MOST_FIELDS = 12;
const LONGEST = 240;
/** Said elsewhere in the row, or of no use to an eye. */
const ENVELOPE = new Set(["event_id", "event_type", "timestamp", "severity", "seq", "message", "group_id", "data", "seed_id", "slot_id", "epoch"]);

/** @param {Entry} entry @returns {string} */
export function summary({ record, fault }) {
  if (fault !== undefined) return fault;
  return words(record ?? {}).slice(0, LONGEST);
}

/** @param {Record<string, any>} record */
function words(record) {
  const where = ["epoch", "slot_id", "seed_id"].filter((name) => record[name] !== null && record[name] !== undefined && "event_type" in record);
  const said = typeof record.message === "string" && record.message ? record.message.replace(/\s+/g, " ") + "  " : "";
  const own = Object.entries(record).filter(([name]) => !ENVELOPE.has(name) || !("event_type" in record));
  const inner = record.data && typeof record.data === "object" ? Object.entries(record.data) : [];
  const fields = [...where.map((name) => [name, record[name]]), ...[...inner, ...own].flatMap(spread)].filter(([, value]) => value !== null && value !== "").slice(0, MOST_FIELDS);
  return said + fields.map(([name, value]) => `${name}=${shortly(value)}`).join("  ");
}

/** What is nested, each by its own name. @param {[string, any]} field @returns {[string, any][]} */
function spread([name, value]) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[name, value]];
  return [...flat(value, name === "metrics" ? "" : `${name}.`)];
}

/** @param {any} value */
function shortly(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return brief(value).slice(0, 60);
}
