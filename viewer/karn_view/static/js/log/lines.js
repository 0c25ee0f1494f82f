// @ts-check
/** The lines of a run that fit a filter, by number: a few pages around what is looked at, out of any number of lines. */

import * as api from "../api.js";

/** @typedef {{run: string, offset: number, nth: number, type?: string, severity?: string, wall?: number | null, x?: number | null, record?: any, fault?: string}} Entry */
/** @typedef {{type: string, severity: string, q: string, where: string[]}} Filter */

const PAGE = 100;
const PAGES_KEPT = 60;
/** A search that is not through is asked how far it is. */
const AGAIN_MS = 200;

export class Lines {
  /** How many fit so far. */
  count = 0;
  searched = 0;
  total = 0;
  /** Why there is nothing, in words. */
  refused = "";
  /** @type {Map<number, Entry[]>} */
  #pages = new Map();
  /** Pages whose answer is under way. @type {Set<number>} */
  #asked = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** What the count holds for. */
  #counted = "";
  #ended = false;

  /**
   * @param {import("../state.js").Run} run
   * @param {Filter} filter
   * @param {() => number | null} until  the replay's moment, null is all
   * @param {() => void} changed
   */
  constructor(run, filter, until, changed) {
    this.run = run;
    this.filter = filter;
    this.until = until;
    this.changed = changed;
  }

  /** No answer counts any more. */
  end() {
    this.#ended = true;
    clearTimeout(this.#again);
  }

  /** The line of this number if it is here; asks for its page if not. @param {number} nth @returns {Entry | undefined} */
  at(nth) {
    const page = Math.floor(nth / PAGE);
    const held = this.#pages.get(page);
    if (!held || nth % PAGE >= held.length) this.#load(page);
    return held?.[nth % PAGE];
  }

  /** Counts again if more lines have come or the moment moved. */
  async refresh() {
    const { offset, records } = this.run.info;
    const now = `${this.until()} ${offset} ${records}`;
    if (now === this.#counted) return;
    const answer = await this.#ask({ first: Math.max(0, this.count - 1), limit: PAGE });
    if (answer) this.#keep(answer.lines);
    if (answer) this.#counted = this.searched < this.total ? "" : now;
  }

  /** The number of the line that begins at this byte, or of the next that fits. @param {number} offset */
  async numberOf(offset) {
    const answer = await this.#ask({ near: offset, limit: 1 });
    return answer?.near ?? 0;
  }

  /** @param {number} page */
  async #load(page) {
    if (this.#asked.has(page) || page * PAGE >= this.count) return;
    this.#asked.add(page);
    const answer = await this.#ask({ first: page * PAGE, limit: PAGE });
    this.#asked.delete(page);
    if (!answer) return;
    this.#pages.delete(page);
    this.#keep(answer.lines);
    this.changed();
  }

  /** Lines that join on to those that are here, so that new ones are on screen as soon as they are counted. @param {Entry[]} lines */
  #keep(lines) {
    for (const line of lines) {
      const page = Math.floor(line.nth / PAGE);
      const held = this.#pages.get(page) ?? [];
      if (line.nth % PAGE > held.length) continue;
      held[line.nth % PAGE] = { ...line, run: this.run.id };
      this.#pages.set(page, held);
    }
    for (const [old] of this.#pages) {
      if (this.#pages.size <= PAGES_KEPT) break;
      this.#pages.delete(old);
    }
  }

  /** @param {{first?: number, near?: number, limit: number}} which */
  async #ask(which) {
    const answer = await api.lines(this.run.id, { ...this.filter, ...which, until: this.until() ?? undefined }).catch((error) => {
      if (!(error instanceof api.Refused)) throw error;
      this.refused = error.status || !this.total ? error.message : ""; // what is here stays while the link is lost
      this.changed();
    });
    if (!answer || this.#ended) return undefined;
    this.refused = "";
    const news = answer.count !== this.count || answer.searched !== this.searched || answer.total !== this.total;
    Object.assign(this, { count: answer.count, searched: answer.searched, total: answer.total });
    if (this.searched < this.total) this.#askAgain();
    if (news) this.changed();
    return answer;
  }

  #askAgain() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.refresh(), AGAIN_MS);
  }
}

/** What somebody typed, as conditions on fields and the text that remains. @param {string} typed */
export function understood(typed) {
  const where = [];
  const rest = [];
  for (const word of typed.match(/"[^"]*"|\S+/g) ?? []) {
    if (/^[\w./@:[\]-]+?(>=|<=|!=|=|>|<|~)[^=<>]+$/.test(word)) where.push(word.replace(/"/g, ""));
    else rest.push(word);
  }
  return { where, q: rest.length === 1 ? rest[0].replace(/^"(.*)"$/, "$1") : rest.join(" ") };
}
