// @ts-check
/** A scrolled list of any length: browsers end a page at some 33 million pixels, lines do not. */

/** No list is made higher than this; a longer one is scrolled in proportion. */
const HIGHEST_PX = 4_000_000;

export class Scroll {
  /** The first row in sight, with its fraction. */
  top = 0;
  rows = 0;
  /** Where the browser's own scrolling was put last. */
  #placed = 0;

  /** @param {HTMLElement} view @param {HTMLElement} content @param {number} row_px */
  constructor(view, content, row_px) {
    this.view = view;
    this.content = content;
    this.row_px = row_px;
  }

  /** Rows that fit. */
  get seen() {
    return this.view.clientHeight / this.row_px;
  }

  get #last() {
    return Math.max(0, this.rows - this.seen);
  }

  /** How many rows there are now. @param {number} rows */
  size(rows) {
    this.rows = rows;
    this.content.style.height = `${Math.min(HIGHEST_PX, rows * this.row_px)}px`;
    this.to(this.top);
  }

  /** Puts a row at the top. @param {number} row */
  to(row) {
    this.top = Math.min(this.#last, Math.max(0, row));
    const range = this.view.scrollHeight - this.view.clientHeight;
    this.view.scrollTop = this.#last ? (this.top / this.#last) * range : 0;
    this.#placed = this.view.scrollTop;
  }

  /** The browser scrolled: whether a person did it. A short way is so many pixels, a long one that share of all. */
  moved() {
    const by = this.view.scrollTop - this.#placed;
    if (Math.abs(by) < 1) return false;
    const range = this.view.scrollHeight - this.view.clientHeight;
    const near = Math.abs(by) <= this.view.clientHeight && this.view.scrollTop > 0 && this.view.scrollTop < range;
    this.to(near ? this.top + by / this.row_px : range ? (this.view.scrollTop / range) * this.#last : 0);
    return true;
  }

  /** Where a row belongs within the content. @param {number} row */
  placeOf(row) {
    return this.view.scrollTop + (row - this.top) * this.row_px;
  }
}
