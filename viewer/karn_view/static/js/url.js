// @ts-check
/** The view in the address, so that a link shows what its sender saw. Pure but for `location`. */

import { freshView } from "./state.js";

/** @typedef {import("./state.js").View} View */

/** @param {View} view @returns {string} */
export function write(view) {
  const fresh = freshView();
  const fields = new URLSearchParams();
  if (view.run) fields.set("run", view.run);
  for (const id of view.compare) fields.append("with", id);
  if (view.x !== fresh.x) fields.set("x", view.x);
  if (view.smooth) fields.set("smooth", String(view.smooth));
  if (view.logy) fields.set("y", "log");
  if (view.apart) fields.set("charts", "apart");
  if (view.filter) fields.set("filter", view.filter);
  if (view.zoom) fields.set("zoom", view.zoom.join("~"));
  if (view.full) fields.set("full", view.full);
  if (view.log) fields.set("log", "1");
  if (view.outliers) fields.set("outliers", "1");
  if (view.more) fields.set("more", "1");
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
  view.smooth = within(Number(fields.get("smooth")), 0, 0.99);
  view.logy = fields.get("y") === "log";
  view.apart = fields.get("charts") === "apart";
  view.filter = fields.get("filter") ?? "";
  view.zoom = range(fields.get("zoom"));
  view.full = fields.get("full") ?? "";
  view.log = fields.get("log") === "1";
  view.outliers = fields.get("outliers") === "1";
  view.more = fields.get("more") === "1";
  const at = fields.get("at");
  if (at !== null && /^\d+$/.test(at)) view.at = Number(at);
  const theme = fields.get("theme");
  if (theme === "light" || theme === "dark") view.theme = theme;
  return view;
}

/** @param {number} value @param {number} low @param {number} high */
function within(value, low, high) {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : low;
}

/** @param {string | null} text @returns {[number, number] | null} */
function range(text) {
  const [from, to] = (text ?? "").split("~").map(Number);
  return Number.isFinite(from) && Number.isFinite(to) && from < to ? [from, to] : null;
}
