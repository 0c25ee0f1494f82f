// @ts-check
/** Everything by name: runs, charts and commands in one list, found as one types. */

import { attribute, fill, h } from "./dom.js";

/** @typedef {{name: string, kind: string, run: () => void}} Command */

const MOST = 12;

/** @param {() => Command[]} all  asked for anew each time the list opens */
export function commands(all) {
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "text", placeholder: "run, chart or command", role: "combobox", "aria-label": "Everything by name", "aria-controls": "found", "aria-expanded": "true", autocomplete: "off", spellcheck: "false", oninput: search, onkeydown: move }));
  const list = h("ul.found", { id: "found", role: "listbox", "aria-label": "Found" });
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog.commands", { "aria-label": "Everything by name" }, input, list));
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  /** @type {Command[]} */
  let known = [];
  /** @type {Command[]} */
  let found = [];
  let at = 0;

  function search() {
    const words = input.value.toLowerCase().split(/\s+/);
    found = known.filter(({ name, kind }) => words.every((word) => `${kind} ${name}`.toLowerCase().includes(word))).slice(0, MOST);
    at = 0;
    draw();
  }

  function draw() {
    fill(list, ...found.map((command, i) => h("li", { role: "option", id: `found-${i}`, "aria-selected": String(i === at), onclick: () => choose(command) }, h("span", {}, command.name), h("span.quiet", {}, command.kind))));
    if (!found.length) fill(list, h("li.quiet", { role: "option", "aria-disabled": "true" }, "Nothing of that name."));
    attribute(input, "aria-activedescendant", found.length ? `found-${at}` : null);
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && found[at]) choose(found[at]);
    else if (by && found.length) at = (at + by + found.length) % found.length;
    else return;
    event.preventDefault();
    draw();
  }

  /** @param {Command} command */
  function choose(command) {
    dialog.close();
    command.run();
  }

  /** @param {Command[]} [only]  these rather than everything */
  return (only) => {
    if (dialog.open) return dialog.close();
    known = only ?? all();
    input.value = "";
    search();
    dialog.showModal();
    input.focus();
  };
}
