// @ts-check
/** What can be taken away: the view as a link, a chart as a picture, numbers as a table, the run as one file. */

import * as api from "../api.js";
import { attribute, fill, h, text } from "../dom.js";
import { icon } from "../icons.js";
import { metricOf } from "../charts/frame.js";
import { matching } from "../charts/lines.js";
import * as url from "../url.js";
import { pngOf, svgOf } from "./picture.js";

/** @typedef {import("../state.js").State} State */

/**
 * @param {State} state
 * @param {{shown: {charts: import("../charts/lines.js").Chart[]}, drawings: () => import("../charts/card.js").Drawing[]}} charts
 * @param {import("../palette.js").Palette} palette
 */
export function takeaway(state, charts, palette) {
  const chart = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Chart" }));
  const link = /** @type {HTMLInputElement} */ (h("input.mono", { type: "text", readonly: true, "aria-label": "Link to this view", onfocus: () => link.select() }));
  const copied = h("button", { type: "button", onclick: copy }, "copy");
  const which = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Which numbers", onchange: () => draw() }, h("option", { value: "shown" }, ""), h("option", { value: "all" }, "every metric, all of x")));
  const said = h("p.said.quiet", { role: "status" });
  const button = (/** @type {string} */ words, /** @type {string} */ label, /** @type {() => void} */ onclick) => h("button.toggle", { type: "button", "aria-label": label, onclick }, words);
  const shut = h("button.icon", { type: "button", "aria-label": "Close", title: "Close (Esc)", onclick: () => dialog.close() }, icon("close"));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog.takeaway", { "aria-labelledby": "takeaway-title" },
    h("header", {}, h("h2", { id: "takeaway-title" }, "Take away"), h("span.spring"), shut),
    h("h3", {}, "This very view"), h("p.row", {}, link, copied),
    h("h3", {}, "A chart in sight"), h("p.row", {}, chart, button("PNG", "Chart as PNG", () => picture("png")), button("SVG", "Chart as SVG", () => picture("svg"))),
    h("h3", {}, "Numbers"), h("p.row", {}, which, button("CSV", "Numbers as CSV", () => table("csv")), button("Parquet", "Numbers as Parquet", () => table("parquet"))),
    h("h3", {}, "The whole run"), h("p.row", {}, h("span.quiet", {}, "One HTML file that replays it without a viewer and without a network."), button("HTML", "Run as HTML", whole)),
    said));
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  function open() {
    if (dialog.open) return dialog.close();
    link.value = new URL(`#${url.write(state.view)}`, location.href).href;
    text(copied, "copy");
    text(said, "");
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.chart : "";
    fill(chart, ...charts.drawings().map(({ name }) => h("option", { value: name }, name)));
    chart.value = state.view.full || focused || chart.options[0]?.value || "";
    draw();
    dialog.showModal();
  }

  function draw() {
    const shown = matching(charts.shown.charts, state.view.filter).length;
    const window = state.view.zoom ? `${state.view.zoom.map((x) => Number(x.toPrecision(6))).join(" to ")}` : "all of x";
    text(which.options[0], `the ${shown} charts shown, ${window}`);
    attribute(link, "title", link.value);
  }

  async function copy() {
    link.select();
    const done = await navigator.clipboard?.writeText(link.value).then(() => true, () => false);
    text(copied, done || document.execCommand("copy") ? "copied" : "press Ctrl C");
  }

  /** @param {"png" | "svg"} kind */
  async function picture(kind) {
    const drawing = charts.drawings().find(({ name }) => name === chart.value);
    if (!drawing) return text(said, "This chart is not on screen any more.");
    const picture = svgOf(drawing, palette, `${chart.value} · ${state.trainings.map(({ info }) => info.name).join(", ")}`);
    const blob = kind === "svg" ? new Blob([picture], { type: "image/svg+xml" }) : await pngOf(picture);
    save(blob, `${chart.value.replace(/[^\w.-]+/g, "-")}.${kind}`);
  }

  /** @param {"csv" | "parquet"} format */
  function table(format) {
    const { x, zoom, filter } = state.view;
    const shown = which.value === "shown";
    const names = shown && filter ? matching(charts.shown.charts, filter).flatMap(({ lines }) => lines.filter(({ run }) => run === state.view.run).map(({ metric }) => metric)) : [];
    return fetched(format, { x: metricOf(x) === null ? x : "step", ...(shown && zoom ? { from: zoom[0], to: zoom[1] } : {}) }, names);
  }

  function whole() {
    return fetched("html", {}, []);
  }

  /** @param {string} format @param {Record<string, string | number>} query @param {string[]} names */
  async function fetched(format, query, names) {
    const run = state.run;
    if (!run) return;
    text(said, "being made …");
    try {
      save(await api.exported(run.id, { format, ...query }, names), `${run.info.name.replace(/[^\w.-]+/g, "-")}.${format}`);
    } catch (error) {
      text(said, error instanceof api.Refused ? error.message : String(error));
    }
  }

  /** @param {Blob} blob @param {string} name */
  function save(blob, name) {
    const address = URL.createObjectURL(blob);
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    text(said, `${name} is saved.`);
  }

  return open;
}
