// @ts-check
/** Where things of a chart stand in its picture. Pure but for the screen's scale. */

/** @typedef {import("../charts/card.js").Drawing} Drawing */

/** The rectangle of the lines, in pixels of the page. @param {Drawing["plot"]} plot */
export function box(plot) {
  const { left, top, width, height } = plot.bbox;
  return { left: left / devicePixelRatio, top: top / devicePixelRatio, width: width / devicePixelRatio, height: height / devicePixelRatio };
}

/** Tenths of a pixel are enough, and values far beyond the edge are kept within what readers of SVG take. @param {number} value */
export function place(value) {
  return Math.round(Math.min(1e6, Math.max(-1e6, value)) * 10) / 10;
}
