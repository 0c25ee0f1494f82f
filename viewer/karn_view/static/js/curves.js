// @ts-check
/** The curves this page holds: fetched when somebody looks, kept up by the feed, fetched again when they no longer hold. */

import * as api from "./api.js";
import { Series } from "./series.js";
import { metricOf } from "./charts/frame.js";
import { atMostEvery, settle } from "./frame.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */

/** Points asked for a curve: about two a pixel of a card. */
const POINTS = 1000;
const NAMES_A_REQUEST = 40;
/** As many as a browser sends to one host at once. What is wanted meanwhile goes together into the next ones. */
const REQUESTS = 6;
/** Charts that scroll into sight one after another are asked for together. */
const FETCH_MS = 60;
/** Along a metric new points have no place until the viewer is asked: no more often than this. */
const METRIC_MS = 1000;
/** What was refused for a while, as when the link is lost or the viewer has just begun to read, is asked for again after this. */
const AGAIN_MS = 1000;
/** A zoom is fetched in full detail once the hand rests. */
const REST_MS = 150;

/** The viewer refuses all curves of a request when it does not know one of them, as after a file was replaced, or cannot: the others are asked for without it. */
const UNKNOWN = new Set([400, 404]);
/** Stands for a metric that the viewer does not know, so that it is not asked for at every draw. */
const EMPTY = { name: "", points: 0, exact: true, n: 0, ...blank(), non_finite: [] };

export class Curves {
  /** Run id → metric name → its curve on the present x. @type {Map<string, Map<string, Series>>} */
  #whole = new Map();
  /** The same, within the present zoom only. @type {Map<string, Map<string, Series>>} */
  #detail = new Map();
  /** Wanted and not asked for yet, as run id → names. @type {Map<string, Set<string>>} */
  #wanted = new Map();
  /** Those whose answer is under way. @type {Set<string>} */
  #asked = new Set();
  #requests = 0;
  /** @type {Map<string, number>} */
  #revisions = new Map();
  /** Answers of before this number are thrown away. */
  #era = 0;
  #fetch = atMostEvery(FETCH_MS, () => this.#fetchAll());
  #fetchSlowly = atMostEvery(METRIC_MS, () => this.#fetchAll());
  #zoomed = settle(REST_MS, () => this.#fetchDetail());

  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.x = state.view.x;
    this.zoom = "";
    state.on(["view"], () => this.#viewed());
  }

  /** The curve to draw, or undefined until it has come. @param {string} run @param {string} name @returns {Series | undefined} */
  get(run, name) {
    const whole = this.#whole.get(run)?.get(name);
    if (!whole || whole.stale) this.#want(run, name);
    return this.#detail.get(run)?.get(name) ?? whole;
  }

  /** The curve if it is here; asks for nothing. @param {string} run @param {string} name */
  held(run, name) {
    return this.#whole.get(run)?.get(name);
  }

  /** @param {Run} run @param {string} name @param {import("./series.js").Tail} tail */
  append(run, name, tail) {
    for (const curves of [this.#whole, this.#detail]) {
      const series = curves.get(run.id)?.get(name);
      if (series && (metricOf(this.x) !== null || series.banded || !series.append(tail, (point) => this.#position(run, point)))) series.stale = true;
    }
  }

  /** Marks the curves that no longer hold what the viewer has: they are shown until others have come. @param {Run} run @param {number} revision */
  agree(run, revision) {
    const revised = this.#revisions.get(run.id) !== revision;
    this.#revisions.set(run.id, revision);
    if (revised) this.#detail.delete(run.id);
    for (const [name, series] of this.#whole.get(run.id) ?? []) {
      if (revised || (run.metrics.get(name)?.points ?? 0) > series.count) series.stale = true;
    }
    this.state.emit("points");
  }

  /** @param {string} run */
  forget(run) {
    this.#era += 1;
    this.#whole.delete(run);
    this.#detail.delete(run);
    this.#wanted.delete(run);
    this.state.emit("points");
  }

  /** @param {Run} run @param {{x: number, wall: number | null}} point */
  #position(run, point) {
    if (this.x === "step") return point.x;
    const wall = point.wall ?? NaN;
    return this.x === "wall" ? wall : wall - (run.info.started_at ?? 0);
  }

  #viewed() {
    const { x, zoom } = this.state.view;
    if (x !== this.x) {
      this.x = x;
      this.#era += 1;
      this.#whole.clear();
      this.#detail.clear();
      this.#wanted.clear();
    }
    const key = zoom ? zoom.join("~") : "";
    if (key === this.zoom) return;
    this.zoom = key;
    this.#detail.clear();
    if (zoom) this.#zoomed();
  }

  /** @param {string} run @param {string} name */
  #want(run, name) {
    const names = this.#wanted.get(run) ?? new Set();
    if (names.has(name) || this.#asked.has(keyOf(run, name))) return;
    this.#wanted.set(run, names.add(name));
    if (metricOf(this.x) === null) this.#fetch();
    else this.#fetchSlowly();
  }

  /** Of each run in turn what was wanted last, as that is in sight. */
  #fetchAll() {
    for (const [run, names] of this.#wanted) {
      if (this.#requests >= REQUESTS) return;
      this.#wanted.delete(run);
      const asked = [...names].reverse();
      const later = asked.splice(NAMES_A_REQUEST).reverse();
      if (later.length) this.#wanted.set(run, new Set(later));
      this.#ask(run, asked);
    }
  }

  /** @param {string} run @param {string[]} names */
  async #ask(run, names) {
    for (const name of names) this.#asked.add(keyOf(run, name));
    this.#requests += 1;
    await this.#load(run, names, this.#whole, {}).finally(() => (this.#requests -= 1));
    if (this.#wanted.size) this.#fetch();
  }

  /** Curves that were thinned are fetched again for the zoomed stretch alone. */
  #fetchDetail() {
    const zoom = this.state.view.zoom;
    if (!zoom) return;
    for (const [run, curves] of this.#whole) {
      const thinned = [...curves.values()].filter((series) => !series.exact).map((series) => series.name);
      for (let i = 0; i < thinned.length; i += NAMES_A_REQUEST) {
        this.#load(run, thinned.slice(i, i + NAMES_A_REQUEST), this.#detail, { from: zoom[0], to: zoom[1] });
      }
    }
  }

  /** @param {string} run @param {string[]} names @param {Map<string, Map<string, Series>>} into @param {{from?: number, to?: number}} window */
  async #load(run, names, into, window) {
    const era = this.#era;
    const zoom = this.zoom;
    const answer = await api.series(run, names, { x: this.x, points: POINTS, ...window }).catch(refusal);
    if (answer instanceof api.Refused && names.length > 1 && UNKNOWN.has(answer.status)) {
      const half = names.length >> 1;
      await Promise.all([names.slice(0, half), names.slice(half)].map((some) => this.#load(run, some, into, window)));
      return;
    }
    for (const name of names) this.#asked.delete(keyOf(run, name));
    if (era !== this.#era || (into === this.#detail && zoom !== this.zoom)) return this.state.emit("points");
    if (answer instanceof api.Refused && !this.#isHopeless(answer.status, run, names)) {
      setTimeout(() => this.state.emit("points"), AGAIN_MS);
      return;
    }
    const curves = into.get(run) ?? new Map();
    into.set(run, curves);
    for (const name of names) curves.set(name, new Series(EMPTY));
    for (const packed of answer instanceof api.Refused ? [] : answer.series) {
      const series = new Series(packed);
      series.stale = (this.state.runs.get(run)?.metrics.get(packed.name)?.points ?? 0) > series.count;
      curves.set(packed.name, series);
    }
    this.state.emit("points");
  }

  /** Whether asking again would bring the same refusal; if not, what is held is shown until then. @param {number} status @param {string} run @param {string[]} names */
  #isHopeless(status, run, names) {
    const metrics = this.state.runs.get(run)?.metrics;
    return status === 400 || (status === 404 && !names.some((name) => metrics?.has(name)));
  }
}

/** @param {string} run @param {string} name */
function keyOf(run, name) {
  return `${run} ${name}`;
}

function blank() {
  const none = new Float64Array();
  return { x: none, y: none, min: none, max: none, offset: none, wall: none };
}

/** @param {unknown} error */
function refusal(error) {
  if (error instanceof api.Refused) return error;
  throw error;
}
