// @ts-check
/** Round places for the ticks of a logarithmic axis. Pure. */

/** From many ticks a decade to few; the first set that is not too many is taken. */
const MANTISSAS = [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]];
const MOST = 6;
const FEWEST = 3;

/**
 * A handful of round numbers between two positive ones.
 * @param {number} low
 * @param {number} high
 * @returns {number[]} ascending
 */
export function logTicks(low, high) {
  const sets = MANTISSAS.map((mantissas) => within(mantissas, low, high));
  const few = sets.find((ticks) => ticks.length <= MOST) ?? sparse(sets[sets.length - 1]);
  return few.length >= FEWEST ? few : even(low, high);
}

/** @param {number[]} mantissas @param {number} low @param {number} high */
function within(mantissas, low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const mantissa of mantissas) ticks.push(Number(`${mantissa}e${power}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** Every so many decades. @param {number[]} ticks */
function sparse(ticks) {
  const step = Math.ceil(ticks.length / MOST);
  return ticks.filter((_, i) => i % step === 0);
}

/** Evenly spaced round numbers, for a range too narrow to see that it is logarithmic. @param {number} low @param {number} high */
function even(low, high) {
  const rough = (high - low) / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * (rough / unit >= 5 ? 5 : rough / unit >= 2 ? 2 : 1);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}
