// @ts-check
/** Colours: of the page as they are now, of curves, and of runs. */

/** Far apart in hue and in lightness for colour-blind eyes too; the names are custom properties of style.css. */
const CURVES = 8;

/** Reads the colours of the theme as the browser resolved them: a canvas cannot read `var(--ink)`. */
export class Palette {
  /** @type {Map<string, string>} */
  #known = new Map();
  #probe = document.createElement("i");

  constructor() {
    this.#probe.hidden = true;
    document.body.append(this.#probe);
  }

  /** @param {string} name  a custom property without its dashes */
  get(name) {
    let colour = this.#known.get(name);
    if (!colour) {
      this.#probe.style.color = `var(--${name})`;
      colour = getComputedStyle(this.#probe).color;
      this.#known.set(name, colour);
    }
    return colour;
  }

  /** The theme has changed. */
  forget() {
    this.#known.clear();
  }
}

/** The custom property of the n-th curve of a chart. @param {number} n */
export function curve(n) {
  return `curve-${n % CURVES}`;
}

/** Run id → the number of its colour. @type {Map<string, number>} */
const worn = new Map();

/**
 * Gives every run its colour, the oldest first: the one its id asks for, or else the least worn.
 * A run keeps its colour however many come after it, and up to eight never share one.
 * @param {{id: string, started_at: number | null}[]} runs
 */
export function wear(runs) {
  const fresh = runs.filter(({ id }) => !worn.has(id));
  fresh.sort((a, b) => (a.started_at ?? Infinity) - (b.started_at ?? Infinity) || (a.id < b.id ? -1 : 1));
  const times = new Array(CURVES).fill(0);
  for (const colour of worn.values()) times[colour] += 1;
  for (const { id } of fresh) {
    const asked = wish(id);
    const least = Math.min(...times);
    const colour = times[asked] === least ? asked : times.indexOf(least);
    times[colour] += 1;
    worn.set(id, colour);
  }
}

/** The custom property of a run, the same everywhere. @param {string} id */
export function runColour(id) {
  return curve(worn.get(id) ?? wish(id));
}

/** The colour that an id asks for. @param {string} id */
function wish(id) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % CURVES;
}

/** The same colour with an opacity. @param {string} colour  as resolved by the browser @param {number} opacity */
export function faint(colour, opacity) {
  return colour.replace(/^rgba?\(([^,)]+),([^,)]+),([^,)]+).*$/, `rgba($1,$2,$3,${opacity})`);
}
