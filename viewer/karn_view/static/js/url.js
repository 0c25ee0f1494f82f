// @ts-check
/** The view in the address, so that a link shows what its sender saw. Pure but for `location`. */

import { within } from "./charts/sizes.js";
import { freshView } from "./state.js";

/** @typedef {import("./state.js").View} View */

/** Lists of charts and things that are on or off, by the name that they have in the view too. */
const LISTS = /** @type {const} */ (["first", "hidden"]);
const SWITCHES = /** @type {const} */ (["unfold", "diff", "table", "log", "outliers", "more"]);
/** No name of a chart holds one: names are single lines. */
const PAIR = "\n";

/** @param {View} view @returns {string} */
export function write(view) {
  const fresh = freshView();
  const fields = new URLSearchParams();
  if (view.run) fields.set("run", view.run);
  for (const id of view.compare) fields.append("with", id);
  if (view.x !== fresh.x) fields.set("x", view.x);
  if (view.smooth) fields.set("smooth", String(view.smooth));
  if (view.logx) fields.set("along", "log");
  if (view.logy) fields.set("y", "log");
  if (view.apart) fields.set("charts", "apart");
  if (view.filter) fields.set("filter", view.filter);
  if (view.zoom) fields.set("zoom", view.zoom.join("~"));
  if (view.full) fields.set("full", view.full);
  for (const name of LISTS) for (const key of view[name]) fields.append(name, key);
  for (const [key, size] of view.sizes) fields.append("size", [size.join("x"), key].join(PAIR));
  for (const pair of view.over) fields.append("over", pair.join(PAIR));
  for (const ids of view.joined) fields.append("join", ids.join(" "));
  if (view.group) fields.set("group", view.group);
  for (const name of SWITCHES) if (view[name]) fields.set(name, "1");
  if (view.at !== null) fields.set("at", String(view.at));
  if (view.theme) fields.set("theme", view.theme);
  return fields.toString();
}

/** What cannot be understood is left as it is by default. @param {string} fragment @returns {View} */
export function read(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const view = freshView();
  view.run = fields.get("run") ?? "";
  view.compare = fields.getAll("with");
  const x = fields.get("x");
  if (x === "wall" || x === "relative" || x?.startsWith("by:")) view.x = x;
  view.smooth = bounded(Number(fields.get("smooth")), 0, 0.99);
  view.logx = fields.get("along") === "log";
  view.logy = fields.get("y") === "log";
  view.apart = fields.get("charts") === "apart";
  view.filter = fields.get("filter") ?? "";
  view.zoom = range(fields.get("zoom"));
  view.full = fields.get("full") ?? "";
  for (const name of LISTS) view[name] = fields.getAll(name);
  view.sizes = new Map(fields.getAll("size").flatMap(sizeOf));
  view.over = fields.getAll("over").flatMap(pairOf);
  view.joined = fields.getAll("join").map((ids) => ids.split(" ").filter(Boolean)).filter((ids) => ids.length > 1);
  view.group = fields.get("group") ?? "";
  for (const name of SWITCHES) view[name] = fields.get(name) === "1";
  const at = fields.get("at");
  if (at !== null && /^\d+$/.test(at)) view.at = Number(at);
  const theme = fields.get("theme");
  if (theme === "light" || theme === "dark") view.theme = theme;
  return view;
}

/** @param {number} value @param {number} low @param {number} high */
function bounded(value, low, high) {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : low;
}

/** @param {string | null} text @returns {[number, number] | null} */
function range(text) {
  const [from, to] = (text ?? "").split("~").map(Number);
  return Number.isFinite(from) && Number.isFinite(to) && from < to ? [from, to] : null;
}

/** @param {string} text @returns {[string, string][]} */
function pairOf(text) {
  const [under, over] = text.split(PAIR);
  return under && over ? [[under, over]] : [];
}

/** @param {string} text @returns {[string, [number, number]][]} */
function sizeOf(text) {
  const [, width, height, key] = /^(\d+)x(\d+)\n(.+)$/.exec(text) ?? [];
  return key ? [[key, within([Number(width), Number(height)])]] : [];
}
