// @ts-check
/** A stretch of the run's lines, grown at both ends as somebody scrolls, so that a log of any length opens at once. */

import * as api from "../api.js";
import { firstNotBelow } from "../series.js";

/** @typedef {{offset: number, type?: string, severity?: string, wall?: number | null, x?: number | null, record?: any, fault?: string}} Entry */
/** @typedef {{type: string, severity: string, q: string}} Filter */

const PAGE = 500;
/** More than this is let go at the far end. */
const MOST = 20_000;

export class Lines {
  /** Ascending by offset, nothing missing between the first and the last but what the filter leaves out. @type {Entry[]} */
  entries = [];
  /** Offset of the line at which this stretch begins. */
  begin = 0;
  /** Offset up to which lines have been read. */
  end = 0;
  /** @type {Promise<void> | null} */
  #busy = null;
  /** Answers to an earlier question are thrown away. */
  #question = 0;
  /** Lines stepped back over by the next look for earlier ones; doubled while a filter finds nothing. */
  #stride = PAGE;

  /**
   * @param {string} run
   * @param {Filter} filter
   * @param {() => {generation: string, bins: {offset: number, records: number}[]}} where  offsets at which lines are known to begin, ascending
   * @param {() => void} changed
   */
  constructor(run, filter, where, changed) {
    this.run = run;
    this.filter = filter;
    this.where = where;
    this.changed = changed;
  }

  /** Begins again around the line at `offset`. @param {number} offset */
  async open(offset) {
    this.#question += 1;
    this.#busy = null;
    this.entries = [];
    this.#stride = PAGE;
    this.begin = this.end = this.#anchorBelow(offset);
    await this.later(offset);
    await this.earlier();
    this.changed();
  }

  /** Reads on. @param {number} [until] reads pages until this offset is in */
  later(until = 0) {
    return this.#alone(async (current) => {
      do {
        const page = await this.#page(this.end, PAGE);
        if (!current()) return;
        this.entries.push(...page.events);
        this.end = Number(page.cursor.split(":")[1]);
        if (page.end) break;
      } while (this.end <= until);
      if (this.entries.length > MOST) this.#forgetFirst(this.entries.length - MOST);
    });
  }

  /** Looks further back until a screenful has come or the file begins. */
  earlier() {
    return this.#alone(async (current) => {
      const wanted = this.entries.length + 100;
      while (this.begin > 0 && this.entries.length < wanted) {
        const from = this.#anchorBelow(this.begin - 1, this.#stride);
        const found = await this.#between(from, this.begin);
        if (!current()) return;
        this.entries.unshift(...found);
        this.begin = from;
        this.#stride = found.length ? PAGE : this.#stride * 2;
      }
    });
  }

  /** @param {number} count */
  #forgetFirst(count) {
    this.entries.splice(0, count);
    this.begin = this.entries[0].offset;
  }

  /** @param {number} from @param {number} to */
  async #between(from, to) {
    /** @type {Entry[]} */
    const found = [];
    for (let at = from; at < to; ) {
      const page = await this.#page(at, PAGE);
      found.push(...page.events.filter((event) => event.offset < to));
      at = Number(page.cursor.split(":")[1]);
      if (page.end) break;
    }
    return found;
  }

  /** @param {number} offset @param {number} limit */
  #page(offset, limit) {
    return api.events(this.run, { after: `${this.where().generation}:${offset}`, limit, ...this.filter });
  }

  /** A known beginning of a line at or before `offset`, about so many lines before it. @param {number} offset @param {number} [stride] */
  #anchorBelow(offset, stride = 0) {
    const { bins } = this.where();
    let i = firstNotBelow(bins.map((bin) => bin.offset), offset + 1) - 1;
    for (let passed = 0; i > 0 && passed < stride; i--) passed += bins[i].records;
    return i > 0 ? bins[i].offset : 0;
  }

  /** One reading at a time; an error of the link leaves what is here as it is. @param {(current: () => boolean) => Promise<void>} read */
  async #alone(read) {
    if (this.#busy) return this.#busy;
    const question = this.#question;
    this.#busy = read(() => question === this.#question).catch((error) => {
      if (!(error instanceof api.Refused)) throw error;
    });
    await this.#busy;
    if (question !== this.#question) return;
    this.#busy = null;
    this.changed();
  }
}
