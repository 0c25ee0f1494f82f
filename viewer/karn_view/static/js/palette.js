// @ts-check
/** Colours: of the page as they are now, of curves, and of a run for ever. */

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

/** The custom property of a run: the same everywhere and for ever, as it comes from its id. @param {string} id */
export function runColour(id) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return curve((hash ^ (hash >>> 15)) >>> 0);
}

/** The same colour with an opacity. @param {string} colour  as resolved by the browser @param {number} opacity */
export function faint(colour, opacity) {
  return colour.replace(/^rgba?\(([^,)]+),([^,)]+),([^,)]+).*$/, `rgba($1,$2,$3,${opacity})`);
}
