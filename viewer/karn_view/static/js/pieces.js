// @ts-check
/** Which piece of a training in several files is looked at: said beside what is of that piece only, with the step to the next one. */

import { h, text } from "./dom.js";
import { choose } from "./runs.js";

/** @typedef {import("./state.js").State} State */

/** The place of a run among the pieces of its training, "" when it is whole. @param {State} state @param {string} run */
export function pieceOf(state, run) {
  const pieces = state.trainingOf(run);
  return pieces.length > 1 ? `piece ${pieces.indexOf(run) + 1} of ${pieces.length}` : "";
}

/** Looks at the next piece of the training, after the last at the first. @param {State} state */
export function nextPiece(state) {
  const pieces = state.trainingOf(state.view.run);
  if (pieces.length > 1) choose(state, pieces[(pieces.indexOf(state.view.run) + 1) % pieces.length]);
}

/** A button that says the piece and goes to the next one. @param {State} state */
export function pieceButton(state) {
  const node = h("button.piece.quiet", { type: "button", title: "State and panels are of this piece alone. To the next piece (.)", onclick: () => nextPiece(state) });
  state.on(["runs", "run", "view"], draw);
  draw();
  return node;

  function draw() {
    const words = pieceOf(state, state.view.run);
    node.hidden = words === "";
    text(node, words);
  }
}
