// @ts-check
/** Sentences for those who hear the page: what a key did that is otherwise only seen. */

import { part, text } from "./dom.js";

/** @param {string} sentence */
export function say(sentence) {
  text(part("said"), sentence);
}
