// @ts-check
/** The lines of all pieces of a training as one list of rows; where a later piece goes on, a row says so. */

/** @typedef {import("./lines.js").Lines} Lines */
/** @typedef {import("./lines.js").Entry} Entry */
/** @typedef {{border: import("../state.js").Run}} Border  the lines below are of this piece, those above of the one before */

export class Joined {
  /** @param {Lines[]} pieces  the earliest first, at least one */
  constructor(pieces) {
    this.pieces = pieces;
  }

  /** How many lines fit so far. */
  get count() {
    return this.#sum(({ count }) => count);
  }

  get searched() {
    return this.#sum(({ searched }) => searched);
  }

  get total() {
    return this.#sum(({ total }) => total);
  }

  /** Why there is nothing, in words. */
  get refused() {
    return this.pieces.find(({ refused }) => refused)?.refused ?? "";
  }

  /** Lines and borders. */
  get rows() {
    return this.#sum(rowsOf);
  }

  /** No answer counts any more. */
  end() {
    for (const piece of this.pieces) piece.end();
  }

  /** Counts again where more lines have come, or the moment moved. */
  async refresh() {
    await Promise.all(this.pieces.map((piece) => piece.refresh()));
  }

  /** What stands in a row, if it is here; asks for it if not. @param {number} row @returns {Entry | Border | undefined} */
  at(row) {
    let nth = row;
    for (const [i, piece] of this.pieces.entries()) {
      const rows = rowsOf(piece, i);
      if (nth >= rows) nth -= rows;
      else if (nth < rows - piece.count) return { border: piece.run };
      else return piece.at(nth - (rows - piece.count));
    }
    return undefined;
  }

  /** The row of a line. @param {{run: string, nth: number}} line */
  rowOf({ run, nth }) {
    const i = this.#placeOf(run);
    return this.#before(i) + rowsOf(this.pieces[i], i) - this.pieces[i].count + nth;
  }

  /** The line that begins at this byte of a piece, or the next that fits, as its piece and number. @param {string} run @param {number} offset */
  async near(run, offset) {
    return { run, nth: await this.pieces[this.#placeOf(run)].numberOf(offset) };
  }

  /** @param {string} run */
  #placeOf(run) {
    return Math.max(0, this.pieces.findIndex((piece) => piece.run.id === run));
  }

  /** Rows of the pieces before one. @param {number} place */
  #before(place) {
    return this.pieces.slice(0, place).reduce((sum, piece, i) => sum + rowsOf(piece, i), 0);
  }

  /** @param {(piece: Lines, i: number) => number} of */
  #sum(of) {
    return this.pieces.reduce((sum, piece, i) => sum + of(piece, i), 0);
  }
}

/** The lines of a piece that fit, and the border before them, which the first has none of. @param {Lines} piece @param {number} place */
function rowsOf({ count }, place) {
  return count + Number(place > 0 && count > 0);
}
