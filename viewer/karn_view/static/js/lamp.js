// @ts-check
/** State as a shape and a colour: never a colour alone. */

import { svg } from "./dom.js";

/** One path in a 12 × 12 box for each state; what is not known is drawn as waiting. @type {Record<string, string>} */
const SHAPES = {
  live: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z",
  quiet: "M6 1.5a4.5 4.5 0 1 0 0 9zM6 1.5v0a4.5 4.5 0 0 1 0 9v-1.2a3.3 3.3 0 0 0 0-6.6z",
  waiting: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zm0 1.3a3.2 3.2 0 1 1 0 6.4a3.2 3.2 0 1 1 0-6.4z",
  finished: "M4.7 10.2L1.2 6.7l1.3-1.3l2.2 2.2l4.8-4.9l1.3 1.3z",
  failed: "M2.6 1.3L6 4.7l3.4-3.4l1.3 1.3L7.3 6l3.4 3.4l-1.3 1.3L6 7.3l-3.4 3.4l-1.3-1.3L4.7 6L1.3 2.6z",
  lost: "M6 1L11.2 10.5H.8zM5.4 4.4v3h1.2v-3zm0 3.8v1.2h1.2V8.2z",
};

/** @param {string} state */
export function lamp(state) {
  const shape = svg("path", { d: SHAPES[state] ?? SHAPES.waiting, fill: "currentColor", "fill-rule": "evenodd" });
  return svg("svg", { viewBox: "0 0 12 12", class: "lamp", "data-state": state, "aria-hidden": "true" }, shape);
}
