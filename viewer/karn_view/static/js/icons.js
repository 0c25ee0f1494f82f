// @ts-check
/** The few signs on buttons, as paths in a 16 × 16 box: no icon font, so none is ever missing. */

import { svg } from "./dom.js";

const PATHS = {
  back: "M3 3h1.5v10H3zM13 3v10L5.5 8z",
  on: "M11.5 3H13v10h-1.5zM3 3l7.5 5L3 13z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  close: "M4.3 3.2L8 6.9l3.7-3.7l1.1 1.1L9.1 8l3.7 3.7l-1.1 1.1L8 9.1l-3.7 3.7l-1.1-1.1L6.9 8L3.2 4.3z",
  enlarge: "M9 2.5h4.5V7H12V5.1L9.6 7.5L8.5 6.4L10.9 4H9zM7 13.5H2.5V9H4v1.9l2.4-2.4l1.1 1.1L5.1 12H7z",
  search: "M7 2a5 5 0 0 1 4 8l3 3l-1 1l-3-3a5 5 0 1 1-3-9zm0 1.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z",
  theme: "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12zm0 1.4v9.2a4.6 4.6 0 0 0 0-9.2z",
  away: "M7.25 1.5h1.5v6.7l2.2-2.2l1.1 1.1L8 11.1L3.95 7.1L5.05 6l2.2 2.2zM2.5 12.5h11V14h-11z",
  bell: "M8 1.5a4 4 0 0 1 4 4v3.2l1.5 2.3v1h-11v-1L4 8.7V5.5a4 4 0 0 1 4-4zm0 1.5a2.5 2.5 0 0 0-2.5 2.5v3.6l-.9 1.4h6.8l-.9-1.4V5.5A2.5 2.5 0 0 0 8 3zM6.5 13h3a1.5 1.5 0 0 1-3 0z",
  log: "M2 3h12v1.5H2zM2 7.2h12v1.5H2zM2 11.5h8V13H2z",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 16 16", class: "sign", "aria-hidden": "true" }, svg("path", { d: PATHS[name], fill: "currentColor", "fill-rule": "evenodd" }));
}
