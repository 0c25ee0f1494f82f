// @ts-check
/** How a person likes the page, kept in the browser for an address that says nothing of it. */

import { freshView } from "./state.js";
import * as url from "./url.js";

/** @typedef {import("./state.js").State} State */

const KEPT = "karn.view";

/** What was remembered, as the fragment of an address. */
export function remembered() {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

/** Remembers what is chosen from now on; what a link brought along is nobody's choice. @param {State} state */
export function remember(state) {
  let told = likedOf(state);
  state.on(["view"], () => {
    const liked = likedOf(state);
    if (liked === told) return;
    told = liked;
    try {
      localStorage.setItem(KEPT, liked);
    } catch {
      // A browser that keeps nothing begins anew the next time.
    }
  });
}

/** @param {State} state */
function likedOf({ view: { first, hidden, sizes, joined, theme } }) {
  return url.write({ ...freshView(), first, hidden, sizes, joined, theme });
}
