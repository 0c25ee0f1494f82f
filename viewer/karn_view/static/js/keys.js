// @ts-check
/** The keyboard: one table of keys, what they do, and in which words. */

/**
 * @typedef {object} Key
 * @property {string} key  as `KeyboardEvent.key`, or `mod+` or, with an arrow, `shift+` that
 * @property {string} shown
 * @property {string} does
 * @property {() => void} run
 */

/** @param {Key[]} keys */
export function listen(keys) {
  const table = new Map(keys.map((key) => [key.key, key]));
  addEventListener("keydown", (event) => {
    const mod = event.ctrlKey || event.metaKey;
    const shift = event.shiftKey && event.key.startsWith("Arrow");
    const key = table.get((mod ? "mod+" : "") + (shift ? "shift+" : "") + event.key);
    if (!key || event.altKey || (!mod && (typing(event.target) || taken(event)))) return;
    event.preventDefault();
    key.run();
  });
}

/** Whether the key is meant for a field, or for the dialog that is open: a click there may leave the focus nowhere. @param {EventTarget | null} target */
function typing(target) {
  return document.querySelector("dialog:modal") !== null || (target instanceof HTMLElement && target.matches("input:not([type=range]), textarea, select"));
}

/** Space and Enter belong to the button they are pressed on. @param {KeyboardEvent} event */
function taken(event) {
  return (event.key === " " || event.key === "Enter") && event.target instanceof HTMLElement && event.target.matches("button, summary");
}
