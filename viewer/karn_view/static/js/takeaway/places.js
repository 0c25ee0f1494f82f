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

/**
 * Some points of a curve, a gap where one is not finite.
 * @param {Drawing["plot"]} plot
 * @param {string} side
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {number} from
 * @param {number} n
 */
export function pathOf(plot, side, x, y, from, n) {
  const { left, top } = box(plot);
  let path = "";
  let pen = "M";
  for (let i = from; i < n; i++) {
    const up = Number.isFinite(y[i]) ? plot.valToPos(y[i], side) : NaN;
    if (!Number.isFinite(up)) {
      pen = "M";
      continue;
    }
    if (i > from && x[i] < x[i - 1]) pen = "M";
    path += `${pen}${place(left + plot.valToPos(x[i], "x"))} ${place(top + up)}`;
    pen = "L";
  }
  return path;
}
