// @ts-check
/** At most one draw a frame: whoever is dirty is drawn once, together. */

/** @type {Set<() => void>} */
const dirty = new Set();
let asked = false;

/** Draws with the next frame; asking twice draws once. @param {() => void} draw */
export function nextFrame(draw) {
  dirty.add(draw);
  if (asked) return;
  asked = true;
  requestAnimationFrame(flush);
}

function flush() {
  asked = false;
  const draws = [...dirty];
  dirty.clear();
  for (const draw of draws) draw();
}

/**
 * Runs soon after a call, but never more often than that; the last call is not lost.
 * @param {number} pause_ms
 * @param {() => void} run
 */
export function atMostEvery(pause_ms, run) {
  let last = -Infinity;
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      last = performance.now();
      run();
    }, Math.max(0, last + pause_ms - performance.now()));
  };
}

/**
 * Runs once the calls have stopped for a while.
 * @param {number} quiet_ms
 * @param {() => void} run
 */
export function settle(quiet_ms, run) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, quiet_ms);
  };
}
