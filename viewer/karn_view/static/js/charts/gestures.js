// @ts-check
/** Wheel and fingers on a chart: zoom about the pointer, pan, read a value. */

/** @typedef {import("../../vendor/uPlot.esm.js")} uPlot */

const WHEEL = 0.0015;

/**
 * @param {uPlot} u
 * @param {boolean} logx  x is logarithmic, and so is its zoom
 * @param {(window: [number, number]) => void} zoom
 * @param {() => boolean} plainWheel  whether the wheel zooms without a modifier
 */
export function gestures(u, logx, zoom, plainWheel) {
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();

  u.over.addEventListener("wheel", (event) => {
    if (!plainWheel() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    scale(Math.exp(event.deltaY * WHEEL), u.posToVal(event.offsetX, "x"));
  }, { passive: false });

  u.over.addEventListener("pointerdown", (event) => event.pointerType === "touch" && fingers.set(event.pointerId, event));
  u.over.addEventListener("pointermove", (event) => fingers.has(event.pointerId) && moved(event));
  for (const end of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) {
    u.over.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }

  /** @param {PointerEvent} event */
  function moved(event) {
    const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
    const before = fingers.get(event.pointerId);
    fingers.set(event.pointerId, event);
    if (other && before) pinch(other, before, event);
    else u.setCursor({ left: place(event), top: 1 });
  }

  /** @param {PointerEvent} still @param {PointerEvent} before @param {PointerEvent} now */
  function pinch(still, before, now) {
    const wide = Math.abs(place(now) - place(still));
    const was = Math.abs(place(before) - place(still));
    if (wide > 8 && was > 8) scale(was / wide, u.posToVal(place(still), "x"));
  }

  /** @param {PointerEvent} event */
  function place(event) {
    return event.clientX - u.over.getBoundingClientRect().left;
  }

  /** @param {number} factor @param {number} about */
  function scale(factor, about) {
    const { min, max } = u.scales.x;
    if (min === undefined || max === undefined) return;
    const [low, middle, high] = logx ? [min, about, max].map(Math.log) : [min, about, max];
    const window = [middle - (middle - low) * factor, middle + (high - middle) * factor];
    zoom(/** @type {[number, number]} */ (logx ? window.map(Math.exp) : window));
  }
}
