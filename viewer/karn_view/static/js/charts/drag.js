// @ts-check
/** Charts taken by their name and put in another's place. */

/**
 * @param {HTMLElement} grid
 * @param {(chart: string, target: string) => void} move
 */
export function draggable(grid, move) {
  let taken = "";
  /** @type {HTMLElement | null} */
  let over = null;

  grid.addEventListener("dragstart", (event) => {
    taken = cardOf(event)?.dataset.chart ?? "";
    event.dataTransfer?.setData("text/plain", taken);
  });
  grid.addEventListener("dragover", (event) => {
    if (!taken) return;
    event.preventDefault();
    aim(cardOf(event));
  });
  grid.addEventListener("drop", (event) => {
    event.preventDefault();
    const target = cardOf(event)?.dataset.chart;
    if (taken && target) move(taken, target);
  });
  grid.addEventListener("dragend", () => {
    taken = "";
    aim(null);
  });

  /** @param {HTMLElement | null} card */
  function aim(card) {
    over?.classList.remove("aimed");
    over = card;
    over?.classList.add("aimed");
  }
}

/** @param {DragEvent} event @returns {HTMLElement | null} */
function cardOf(event) {
  return event.target instanceof Element ? event.target.closest(".card") : null;
}
