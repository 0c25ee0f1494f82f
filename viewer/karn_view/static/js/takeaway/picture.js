// @ts-check
/** A chart as a picture: SVG as it stands on screen, with its name and legend; PNG is that picture in pixels. */

import { svg } from "../dom.js";
import { number } from "../format.js";
import { over, under } from "./marks.js";
import { box, pathOf, place } from "./places.js";

/** @typedef {import("../charts/card.js").Drawing} Drawing */

const PAD = 16;
const TITLE_PX = 34;
const LEGEND_PX = 18;
const FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
/** PNG is drawn finer than the screen, for print. */
const FINER = 2;

/** @param {Drawing} drawing @param {import("../palette.js").Palette} palette @param {string} title @returns {string} */
export function svgOf(drawing, palette, title) {
  const { plot, scene } = drawing;
  const { left, top, width, height } = box(plot);
  const full = { width: plot.width + 2 * PAD, height: plot.height + TITLE_PX + LEGEND_PX * scene.drawn.length + PAD };
  const ink = (/** @type {string} */ name) => palette.get(name);
  const root = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width: full.width, height: full.height, viewBox: `0 0 ${full.width} ${full.height}`, "font-family": FONT, "font-size": 11 },
    svg("rect", { width: "100%", height: "100%", fill: ink("surface") }),
    svg("text", { x: PAD, y: 22, "font-size": 14, "font-weight": 600, fill: ink("ink") }, title),
    svg("g", { transform: `translate(${PAD} ${TITLE_PX})` },
      ...axes(drawing, palette),
      svg("clipPath", { id: "plot" }, svg("rect", { x: left, y: top, width, height })),
      svg("g", { "clip-path": "url(#plot)" }, ...under(drawing, palette)),
      svg("g", { "clip-path": "url(#plot)", fill: "none", "stroke-width": 1.5, "stroke-linejoin": "round" },
        ...scene.drawn.map((one) => svg("path", { class: "line", ...shapeOf(plot, one), stroke: ink(one.line.colour) }))),
      ...over(drawing, palette)),
    ...scene.drawn.map((one, i) => legend(one, TITLE_PX + plot.height + LEGEND_PX * i + 8, palette)));
  return new XMLSerializer().serializeToString(root);
}

/** @param {string} picture  an SVG @returns {Promise<Blob>} */
export async function pngOf(picture) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * FINER;
  canvas.height = image.height * FINER;
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("too large for a PNG"))), "image/png"));
}

/** Ticks where uPlot put them: it keeps places and words of both axes in `_splits` and `_values`. @param {Drawing} drawing @param {import("../palette.js").Palette} palette */
function axes({ plot }, palette) {
  const { left, top, width, height } = box(plot);
  const [across, up, right] = /** @type {any[]} */ (plot.axes);
  const told = (/** @type {any} */ axis) => (axis._splits ?? []).map((/** @type {number} */ value, /** @type {number} */ i) => ({ value, words: axis._values?.[i] ?? "" }));
  const colour = palette.get("ink-3");
  return [
    ...told(up).map(({ value, words }) => ({ y: top + plot.valToPos(value, "left"), words })).filter(({ y }) => y >= top && y <= top + height + 1).flatMap(({ y, words }) => [
      svg("path", { d: `M${left} ${place(y)}H${left + width}`, stroke: palette.get("grid") }),
      svg("text", { x: left - 6, y: place(y + 4), "text-anchor": "end", fill: colour }, words)]),
    ...(right.show ? told(right) : []).map(({ value, words }) => ({ y: top + plot.valToPos(value, "right"), words })).filter(({ y }) => y >= top && y <= top + height + 1).map(({ y, words }) =>
      svg("text", { x: left + width + 6, y: place(y + 4), fill: colour }, words)),
    ...told(across).map(({ value, words }) => ({ x: left + plot.valToPos(value, "x"), words })).filter(({ x }) => x >= left && x <= left + width + 1).map(({ x, words }) =>
      svg("text", { x: place(x), y: top + height + 16, "text-anchor": "middle", fill: colour }, words)),
  ];
}

/** A line, or the points of a cloud. @param {Drawing["plot"]} plot @param {import("../charts/scene.js").Drawn} drawn */
function shapeOf(plot, { line, series, shown, from, n, cloud }) {
  const d = pathOf(plot, line.side, series.x, shown, from, n);
  if (cloud) return { d: d.replace(/[ML]([^ML]+)/g, "M$1h0"), "stroke-width": 3, "stroke-linecap": "round" };
  return { d, "stroke-dasharray": line.dash.join(" ") || null };
}

/** @param {import("../charts/scene.js").Drawn} drawn @param {number} y @param {import("../palette.js").Palette} palette */
function legend({ line, series, shown, n }, y, palette) {
  return svg("g", { transform: `translate(${PAD} ${y})` },
    svg("path", { d: "M0 4H18", stroke: palette.get(line.colour), "stroke-width": 2, "stroke-dasharray": line.dash.join(" ") || null }),
    svg("text", { x: 24, y: 8, fill: palette.get("ink-2") }, line.label || series.name),
    svg("text", { x: 230, y: 8, fill: palette.get("ink"), "font-weight": 600 }, number(n ? shown[n - 1] : null)));
}
