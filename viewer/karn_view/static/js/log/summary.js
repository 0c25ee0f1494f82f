// @ts-check
/** One line of the file as one line of the log. Pure. */

import { brief } from "../exact.js";

/** @typedef {import("./lines.js").Entry} Entry */

const MOST_FIELDS = 12;
const LONGEST = 240;
/** Said elsewhere in the row, or of no use to an eye. */
const ENVELOPE = new Set(["event_id", "event_type", "timestamp", "severity", "seq", "message", "group_id", "data", "seed_id", "slot_id", "epoch"]);
const TIMES = ["timestamp", "time", "ts", "wall_time", "created", "asctime"];

/** @param {Entry} entry @returns {{time: number | null, type: string, severity: string, text: string}} */
export function summary(entry) {
  if (entry.fault !== undefined) return { time: null, type: "fault", severity: "error", text: entry.fault };
  const { record } = entry;
  if (record === null || typeof record !== "object") return { time: null, type: "text", severity: "", text: String(entry.text ?? record ?? "") };
  const type = record.event_type ?? record.event ?? record.type ?? "";
  const severity = String(record.severity ?? record.level ?? "").toLowerCase();
  return { time: timeOf(record), type: brief(type), severity, text: words(record).slice(0, LONGEST) };
}

/** @param {Record<string, any>} record @returns {number | null} seconds since 1970 */
function timeOf(record) {
  const value = TIMES.map((name) => record[name]).find((time) => time !== undefined && time !== null);
  const seconds = typeof value === "number" ? (value > 1e11 ? value / 1000 : value) : Date.parse(value) / 1000;
  return seconds > 1e8 ? seconds : null;
}

/** @param {Record<string, any>} record */
function words(record) {
  const where = ["epoch", "slot_id", "seed_id"].filter((name) => record[name] !== null && record[name] !== undefined && "event_type" in record);
  const said = typeof record.message === "string" && record.message ? record.message.replace(/\s+/g, " ") + "  " : "";
  const own = Object.entries(record).filter(([name]) => !ENVELOPE.has(name) || !("event_type" in record));
  const inner = record.data && typeof record.data === "object" ? Object.entries(record.data) : [];
  const fields = [...where.map((name) => [name, record[name]]), ...inner, ...own].filter(([, value]) => value !== null && value !== "").slice(0, MOST_FIELDS);
  return said + fields.map(([name, value]) => `${name}=${shortly(value)}`).join("  ");
}

/** @param {any} value */
function shortly(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return brief(value).slice(0, 60);
}
