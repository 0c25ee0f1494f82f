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
/** A zoom is fetched in full detail once the hand rests, for what is on screen. */
const REST_MS = 150;

/** The viewer refuses all curves of a request when it does not know one of them, as after a file was replaced, or cannot: the others are asked for without it. */
const UNKNOWN = new Set([400, 404]);
/** Stands for a metric that the viewer does not know, so that it is not asked for at every draw. */
const EMPTY = { name: "", points: 0, exact: true, n: 0, ...blank(), non_finite: [] };

/** Curves over one stretch of x: those that are here, and those that are to come. */
class Layer {
  /** Run id → metric name → its curve on the present x. @type {Map<string, Map<string, Series>>} */
  held = new Map();
  /** Wanted and not asked for yet, as run id → names. @type {Map<string, Set<string>>} */
  wanted = new Map();
  /** Those whose answer is under way. @type {Set<string>} */
  asked = new Set();

  /** @param {string} run @param {string} name */
  get(run, name) {
    return this.held.get(run)?.get(name);
  }

  /** @param {string} run @param {string} name */
  want(run, name) {
    if (!this.asked.has(keyOf(run, name))) this.wanted.set(run, (this.wanted.get(run) ?? new Set()).add(name));
  }

  /** Names to ask for now: of each run in turn what was wanted last, as that is in sight. @returns {[string, string[]] | null} */
  take() {
    for (const [run, names] of this.wanted) {
      this.wanted.delete(run);
      const taken = [...names].reverse();
      const later = taken.splice(NAMES_A_REQUEST).reverse();
      if (later.length) this.wanted.set(run, new Set(later));
      return [run, taken];
    }
    return null;
  }

  /** @param {string} run */
  forget(run) {
    this.held.delete(run);
    this.wanted.delete(run);
  }

  clear() {
    this.held.clear();
    this.wanted.clear();
  }
}

export class Curves {
  #whole = new Layer();
  /** Within the present zoom only: of those on screen whose whole is thinned, once the hand rests. */
  #detail = new Layer();
  #rests = false;
  #requests = 0;
  /** @type {Map<string, number>} */
  #revisions = new Map();
  /** Answers of before this number are thrown away. */
  #era = 0;
  #fetch = atMostEvery(FETCH_MS, () => this.#fetchAll());
  #fetchSlowly = atMostEvery(METRIC_MS, () => this.#fetchAll());
  #zoomed = settle(REST_MS, () => {
    this.#rests = this.zoom !== "";
    this.state.emit("points");
  });

  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.x = state.view.x;
    this.zoom = "";
    state.on(["view"], () => this.#viewed());
  }

  /** The curve to draw, or undefined until it has come. @param {string} run @param {string} name @returns {Series | undefined} */
  get(run, name) {
    const whole = this.#whole.get(run, name);
    const detail = this.#detail.get(run, name);
    if (!whole || whole.stale) this.#want(this.#whole, run, name);
    if (this.#rests && whole && !whole.exact && !detail) this.#want(this.#detail, run, name);
    return detail ?? whole;
  }

  /** The curve if it is here; asks for nothing. @param {string} run @param {string} name */
  held(run, name) {
    return this.#whole.get(run, name);
  }

  /** @param {Run} run @param {string} name @param {import("./series.js").Tail} tail */
  append(run, name, tail) {
    for (const layer of [this.#whole, this.#detail]) {
      const series = layer.get(run.id, name);
      if (series && (metricOf(this.x) !== null || series.banded || !series.append(tail, (point) => this.#position(run, point)))) series.stale = true;
    }
  }

  /** Marks the curves that no longer hold what the viewer has: they are shown until others have come. @param {Run} run @param {number} revision */
  agree(run, revision) {
    const revised = this.#revisions.get(run.id) !== revision;
    this.#revisions.set(run.id, revision);
    if (revised) this.#detail.forget(run.id);
    for (const [name, series] of this.#whole.held.get(run.id) ?? []) {
      if (revised || (run.metrics.get(name)?.points ?? 0) > series.count) series.stale = true;
    }
    this.state.emit("points");
  }

  /** @param {string} run */
  forget(run) {
    this.#era += 1;
    this.#whole.forget(run);
    this.#detail.forget(run);
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
    }
    const key = zoom ? zoom.join("~") : "";
    if (key === this.zoom) return;
    this.zoom = key;
    this.#detail.clear();
    this.#rests = false;
    if (zoom) this.#zoomed();
  }

  /** @param {Layer} layer @param {string} run @param {string} name */
  #want(layer, run, name) {
    layer.want(run, name);
    if (!layer.wanted.size) return;
    if (metricOf(this.x) === null) this.#fetch();
    else this.#fetchSlowly();
  }

  /** Whole curves before details. */
  #fetchAll() {
    for (const layer of [this.#whole, this.#detail]) {
      for (let next; this.#requests < REQUESTS && (next = layer.take()); ) this.#ask(layer, ...next);
    }
  }

  /** @param {Layer} layer @param {string} run @param {string[]} names */
  async #ask(layer, run, names) {
    const zoom = layer === this.#detail ? this.state.view.zoom : null;
    for (const name of names) layer.asked.add(keyOf(run, name));
    this.#requests += 1;
    await this.#load(run, names, layer, zoom ? { from: zoom[0], to: zoom[1] } : {}).finally(() => (this.#requests -= 1));
    if (this.#whole.wanted.size || this.#detail.wanted.size) this.#fetch();
  }

  /** @param {string} run @param {string[]} names @param {Layer} into @param {{from?: number, to?: number}} window */
  async #load(run, names, into, window) {
    const era = this.#era;
    const zoom = this.zoom;
    const answer = await api.series(run, names, { x: this.x, points: POINTS, ...window }).catch(refusal);
    if (answer instanceof api.Refused && names.length > 1 && UNKNOWN.has(answer.status)) {
      const half = names.length >> 1;
      await Promise.all([names.slice(0, half), names.slice(half)].map((some) => this.#load(run, some, into, window)));
      return;
    }
    for (const name of names) into.asked.delete(keyOf(run, name));
    if (era !== this.#era || (into === this.#detail && zoom !== this.zoom)) return this.state.emit("points");
    if (answer instanceof api.Refused && !this.#isHopeless(answer.status, run, names)) {
      setTimeout(() => this.state.emit("points"), AGAIN_MS);
      return;
    }
    const curves = into.held.get(run) ?? new Map();
    into.held.set(run, curves);
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
