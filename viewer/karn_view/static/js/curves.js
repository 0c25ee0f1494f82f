// @ts-check
/** The curves this page holds: fetched when somebody looks, kept up by the feed, fetched again when they no longer hold. */

import * as api from "./api.js";
import { Series } from "./series.js";
import { settle } from "./frame.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Run} Run */

/** Points asked for a curve: about two a pixel of a card. */
const POINTS = 1000;
const NAMES_A_REQUEST = 40;
/** A zoom is fetched in full detail once the hand rests. */
const REST_MS = 150;

/** Stands for a metric that the viewer does not know, so that it is not asked for at every draw. */
const EMPTY = { name: "", points: 0, exact: true, n: 0, ...blank(), non_finite: [] };

export class Curves {
  /** Run id → metric name → its curve on the present x. @type {Map<string, Map<string, Series>>} */
  #whole = new Map();
  /** The same, within the present zoom only. @type {Map<string, Map<string, Series>>} */
  #detail = new Map();
  /** Asked for and not here yet, as run id → names. @type {Map<string, Set<string>>} */
  #wanted = new Map();
  /** @type {Map<string, number>} */
  #revisions = new Map();
  /** Answers of before this number are thrown away. */
  #era = 0;
  #fetch = settle(0, () => this.#fetchAll());
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
    if (!whole) this.#want(run, name);
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
      if (series && !series.append(tail, (point) => this.#position(run, point))) this.#drop(run.id, name);
    }
  }

  /** Drops the curves of a run whose sent points have changed. @param {Run} run @param {number} revision */
  agree(run, revision) {
    if (this.#revisions.get(run.id) !== revision) this.forget(run.id);
    this.#revisions.set(run.id, revision);
    for (const [name, series] of this.#whole.get(run.id) ?? []) {
      if ((run.metrics.get(name)?.points ?? 0) > series.count) this.#drop(run.id, name);
    }
  }

  /** @param {string} run */
  forget(run) {
    this.#era += 1;
    this.#whole.delete(run);
    this.#detail.delete(run);
    this.#wanted.delete(run);
    this.state.emit("points");
  }

  /** Learns the names and figures of metrics that have just appeared. */
  discover = (/** @type {Run} */ run) => {
    api.metrics(run.id).then((metrics) => {
      run.metrics = new Map(metrics.map((metric) => [metric.name, metric]));
      this.state.emit("metrics");
    }, ignoreRefusal);
  };

  /** @param {string} run @param {string} name */
  #drop(run, name) {
    this.#whole.get(run)?.delete(name);
    this.#detail.get(run)?.delete(name);
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
    if (names.has(name)) return;
    this.#wanted.set(run, names.add(name));
    this.#fetch();
  }

  #fetchAll() {
    for (const [run, names] of this.#wanted) {
      const missing = [...names].filter((name) => !this.#whole.get(run)?.has(name));
      for (let i = 0; i < missing.length; i += NAMES_A_REQUEST) {
        this.#load(run, missing.slice(i, i + NAMES_A_REQUEST), this.#whole, {});
      }
    }
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
    const answer = await api.series(run, names, { x: this.x, points: POINTS, ...window }).catch(ignoreRefusal);
    for (const name of names) this.#wanted.get(run)?.delete(name);
    if (!answer || era !== this.#era || (into === this.#detail && zoom !== this.zoom)) return;
    const curves = into.get(run) ?? new Map();
    into.set(run, curves);
    for (const name of names) curves.set(name, new Series(EMPTY));
    for (const packed of answer.series) curves.set(packed.name, new Series(packed));
    this.state.emit("points");
  }
}

function blank() {
  const none = new Float64Array();
  return { x: none, y: none, min: none, max: none, offset: none, wall: none };
}

/** What the link lost is fetched again after the next snapshot. @param {unknown} error */
function ignoreRefusal(error) {
  if (!(error instanceof api.Refused)) throw error;
}
