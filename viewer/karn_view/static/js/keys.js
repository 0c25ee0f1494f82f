// @ts-check
/** The keyboard: one table of keys, what they do, and in which words. */

/**
 * @typedef {object} Key
 * @property {string} key  as `KeyboardEvent.key`, or `mod+` or, with an arrow, `shift+` that
 * @property {string} shown
 * @property {string} does
 * @property {() => void} run
 */

/** Whether it was a pointer, not the keyboard, that chose what has the focus. */
let pointed = false;
addEventListener("pointerdown", () => (pointed = true), true);
addEventListener("keydown", (event) => event.key === "Tab" && (pointed = false), true);
addEventListener("change", ({ target }) => pointed && target instanceof HTMLSelectElement && target.blur(), true);

/** @param {Key[]} keys */
export function listen(keys) {
  const table = new Map(keys.map((key) => [key.key, key]));
  addEventListener("keydown", (event) => {
    leave(event);
    const mod = event.ctrlKey || event.metaKey;
    const shift = event.shiftKey && event.key.startsWith("Arrow");
    const key = table.get((mod ? "mod+" : "") + (shift ? "shift+" : "") + event.key);
    if (!key || event.altKey || (!mod && (typing(event.target) || taken(event)))) return;
    event.preventDefault();
    key.run();
  });
}

/** Enter and Esc leave a search field; Esc clears it too, which the browser does. @param {KeyboardEvent} event */
function leave({ key, target }) {
  if ((key === "Enter" || key === "Escape") && target instanceof HTMLInputElement && target.type === "search") target.blur();
}

/**
 * Whether the key is meant for a field, or for the dialog that is open: a click there may leave the focus nowhere. A field
 * of a dialog that has just been closed keeps the focus until the next frame.
 * @param {EventTarget | null} target
 */
function typing(target) {
  if (document.querySelector("dialog:modal")) return true;
  return target instanceof HTMLElement && target.matches("input:not([type=range]), textarea, select") && !target.closest("dialog:not([open])");
}

/** Space and Enter belong to the button, arrows to the slider that the keyboard went to. @param {KeyboardEvent} event */
function taken({ key, target }) {
  if (pointed || !(target instanceof HTMLElement)) return false;
  if (key === " " || key === "Enter") return target.matches("button, summary");
  return key.startsWith("Arrow") && target.matches("input[type=range]");
}
