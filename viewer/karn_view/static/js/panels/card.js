// @ts-check
/** What panels of a Karn run have in common: a titled card, and a body that is built anew only when its data changed. */

import { fill, h } from "../dom.js";

/**
 * A panel builds its node once and draws a dashboard into it; fields it does not know are not its business.
 * @typedef {{node: HTMLElement, draw: (dashboard: Record<string, any>) => void}} Panel
 */

/** @typedef {(offset: number) => void} Show  opens the line something came from */

/** @param {string} name @param {string} title @param {...import("../dom.js").Child} children */
export function card(name, title, ...children) {
  return h(`section.panel.${name}`, { "aria-label": title }, h("h2", {}, title), ...children);
}

/**
 * A panel whose body follows from one part of the dashboard.
 * @param {string} name
 * @param {string} title
 * @param {(dashboard: Record<string, any>) => any} read
 * @param {(data: any) => import("../dom.js").Child[]} build
 * @returns {Panel}
 */
export function derived(name, title, read, build) {
  const body = h("div.body", { tabindex: "0" });
  let drawn = "";
  return {
    node: card(name, title, body),
    draw(dashboard) {
      const data = read(dashboard) ?? null;
      const key = JSON.stringify(data);
      if (key === drawn) return;
      drawn = key;
      const children = data === null || data.length === 0 ? [h("p.quiet", {}, "Nothing of this has been measured yet.")] : build(data);
      fill(body, ...children);
    },
  };
}

/** A table from its column names and rows of cells. @param {string[]} columns @param {import("../dom.js").Child[][]} rows */
export function table(columns, rows) {
  const numeric = (/** @type {number} */ i) => rows[0]?.[i] instanceof Element && rows[0][i].classList.contains("num");
  const head = h("tr", {}, ...columns.map((name, i) => h(name ? "th" : "td", { scope: name ? "col" : null, class: numeric(i) && "num" }, name)));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell) => (cell instanceof HTMLTableCellElement ? cell : h("td", {}, cell)))))));
}

/** A stage as a coloured square and its word. @param {unknown} stage */
export function stageMark(stage) {
  return h("span.stage", { "data-stage": typeof stage === "string" ? stage : "" }, typeof stage === "string" ? stage.toLowerCase() : "—");
}

/** Text that leads to a line of the log, where the line is known. @param {Show} show @param {unknown} offset @param {...import("../dom.js").Child} children */
export function leading(show, offset, ...children) {
  if (typeof offset !== "number") return h("span", {}, ...children);
  return h("button.lead", { type: "button", title: "Show the line", onclick: () => show(offset) }, ...children);
}
