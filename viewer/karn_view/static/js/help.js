// @ts-check
/** The overlay with all keys. */

import { h } from "./dom.js";

/** @param {import("./keys.js").Key[]} keys */
export function help(keys) {
  const rows = keys.filter((key) => key.shown).map((key) => h("div", {}, h("dt", {}, h("kbd", {}, key.shown)), h("dd", {}, key.does)));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog.help", { "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, "Keys"), h("dl", {}, ...rows),
    h("p.quiet", {}, "On a chart: drag to zoom, double click for all, wheel with Ctrl or after a click, or two fingers, to zoom about a point, click to see the line behind a point, take its name to move it, an edge or the corner for another size. Keys for a chart mean the one under the pointer or in focus. Enter leaves a search field, Esc clears it too. The address keeps the view: copy it to show someone what you see."),
    h("form", { method: "dialog" }, h("button", { type: "submit", autofocus: true }, "Close"))));
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return () => (dialog.open ? dialog.close() : dialog.showModal());
}
