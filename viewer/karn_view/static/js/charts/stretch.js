// @ts-check
/** Charts taken by an edge or a corner and made larger or smaller, in places of the grid: an outline shows what it will be. */

import { h, text } from "../dom.js";

/** @typedef {import("./sizes.js").Size} Size */
/** @typedef {{pointer: number, card: HTMLElement, edge: string, size: Size}} Taken */

/** The handles of a chart; the keyboard has keys for the same. */
export function handles() {
  return ["right", "bottom", "corner"].map((edge) => h("i.handle", { "data-edge": edge, "aria-hidden": "true", title: "Drag for another size, double click for the usual one" }));
}

/**
 * @param {HTMLElement} grid
 * @param {() => {columns: number, width: number, height: number, gap: number}} places  how many stand beside each other, and how large one is
 * @param {(chart: string) => Size} sizeOf
 * @param {(chart: string, size: Size) => void} resize
 */
export function stretchable(grid, places, sizeOf, resize) {
  const outline = h("div.outline");
  /** @type {Taken | null} */
  let taken = null;

  grid.addEventListener("pointerdown", (event) => {
    const handle = handleOf(event);
    const card = /** @type {HTMLElement | null | undefined} */ (handle?.closest(".card"));
    if (!handle || !card || event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    taken = { pointer: event.pointerId, card, edge: handle.dataset.edge ?? "", size: sizeOf(chartOf(card)) };
    document.body.append(outline);
    aim(event);
  });
  grid.addEventListener("pointermove", (event) => event.pointerId === taken?.pointer && aim(event));
  grid.addEventListener("pointerup", (event) => {
    if (event.pointerId !== taken?.pointer) return;
    const { card, size } = taken;
    drop();
    resize(chartOf(card), size);
  });
  grid.addEventListener("pointercancel", drop);
  grid.addEventListener("lostpointercapture", drop);
  grid.addEventListener("dblclick", (event) => {
    const card = handleOf(event)?.closest(".card");
    if (card) resize(chartOf(card), [1, 1]);
  });

  /** The size that the pointer means; what an edge does not change stays. @param {PointerEvent} event */
  function aim(event) {
    if (!taken) return;
    const { columns, width, height, gap } = places();
    const { left, top } = taken.card.getBoundingClientRect();
    const [wide, high] = sizeOf(chartOf(taken.card));
    const across = Math.min(columns, Math.max(1, Math.round((event.clientX - left + gap) / (width + gap))));
    const down = Math.max(1, Math.round((event.clientY - top + gap) / (height + gap)));
    taken.size = [taken.edge === "bottom" || columns === 1 ? wide : across, taken.edge === "right" ? high : down];
    const shown = Math.min(columns, taken.size[0]);
    outline.style.left = `${left}px`;
    outline.style.top = `${top}px`;
    outline.style.width = `${shown * (width + gap) - gap}px`;
    outline.style.height = `${taken.size[1] * (height + gap) - gap}px`;
    text(outline, `${shown} × ${taken.size[1]}`);
  }

  function drop() {
    taken = null;
    outline.remove();
  }
}

/** @param {Event} event @returns {HTMLElement | null} */
function handleOf(event) {
  return event.target instanceof Element ? event.target.closest(".handle") : null;
}

/** @param {Element} card */
function chartOf(card) {
  return /** @type {HTMLElement} */ (card).dataset.chart ?? "";
}
