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
  front: "M3 2.5h10V4H3zM8 5l4.5 4.5l-1.1 1.1L8.8 8v5.5H7.2V8l-2.6 2.6l-1.1-1.1z",
  larger: "M2.5 3h11v10h-11zM4 4.5v7h8v-7zM5.5 7.5h3v2.5h-3z",
  over: "M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z",
  aside: "M8 3.5c3 0 5.3 1.9 6.5 4.5c-.5 1.1-1.2 2-2 2.700l-1.100-1.100c.5-.4.9-1 1.300-1.600C11.700 6.200 10 5 8 5c-.5 0-1 .1-1.400.2L5.400 4C6.200 3.700 7.100 3.500 8 3.500zM2.900 2l11.100 11.100l-1 1l-2.200-2.200c-.9.4-1.800.6-2.800.6c-3 0-5.300-1.900-6.500-4.500c.6-1.300 1.500-2.400 2.600-3.200L1.900 3zM5.200 6.200C4.400 6.700 3.800 7.300 3.300 8C4.300 9.800 6 11 8 11c.6 0 1.100-.1 1.600-.3z",
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
