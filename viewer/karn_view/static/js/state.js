// @ts-check
/** The one state of the page, and the signals that say what changed. */

import { trainingsOf } from "./trainings.js";

/**
 * @typedef {object} RunInfo  What the viewer says of a run (docs/interface.md).
 * @property {string} id
 * @property {string} name
 * @property {string} source
 * @property {string} state
 * @property {string} reason
 * @property {string} format
 * @property {string} format_reason
 * @property {string} generation
 * @property {number} size_bytes
 * @property {number} offset
 * @property {string} cursor
 * @property {string} check
 * @property {number} records
 * @property {number} faults
 * @property {number | null} started_at
 * @property {number | null} first_record_at
 * @property {number | null} last_record_at
 * @property {number | null} arrived_at
 * @property {number | null} usual_gap_s
 * @property {{read_bytes?: number, size_bytes?: number, position?: number | null, total?: number | null, unit?: string | null, fraction?: number | null, eta_s?: number | null} | null} progress
 * @property {{name: string, reason: string, candidates: {name: string, reason: string}[]} | null} axis
 * @property {{keys: string[], reason: string}} [clock]
 * @property {{by: string, why: string} | null} followed
 * @property {boolean} [reading]  a large file that is still being read; progress tells how far that is
 * @property {boolean} [approximate]  a large file that is still being read; curves come from samples of it
 * @property {boolean} karn
 * @property {boolean} [partial]  only its ends were read: nobody follows it
 * @property {string} [trouble]  why it cannot be read, in the system's words
 * @property {string | null} [part_of]  the run whose process or user made this file beside its own
 * @property {string | null} [continues]  the run that this one goes on with
 * @property {string} [hang]  what is waited for while the file system hangs
 * @property {number | null} rate_per_s
 * @property {number} revision
 * @property {{name: string, last: number | null} | null} key_metric
 */

/**
 * @typedef {object} Metric
 * @property {string} name
 * @property {number} points
 * @property {string | null} unit
 * @property {string} chart
 * @property {string} section
 * @property {string} split
 * @property {number} rank
 * @property {boolean} hidden
 * @property {boolean} constant
 * @property {string} family  what its chart is filed away under, with many of its like
 */

/** @typedef {{name: string, last: number | string | null, min: number | null, max: number | null}} Figure  what a metric came to */

/**
 * @typedef {object} Run  A run as this page knows it.
 * @property {string} id
 * @property {RunInfo} info
 * @property {Map<string, Metric>} metrics
 * @property {[number, number] | null} steps  where its charted metrics begin and end
 * @property {Map<string, Figure>} figures  of metrics that somebody looked at
 * @property {Record<string, any> | null} dashboard  the newest one
 * @property {Record<string, any> | null} past  the one at the replay's moment
 * @property {string | null} cursor
 * @property {string | null} check
 * @property {Timeline | null} timeline
 * @property {Map<string, unknown> | null} settings  its configuration, flat
 */

/**
 * @typedef {object} Mark
 * @property {number} offset
 * @property {number | null} x
 * @property {number | null} wall
 * @property {string} kind
 * @property {string} label
 * @property {string} severity
 */

/**
 * @typedef {object} Timeline
 * @property {{offset: number, wall: number | null, x: number | null, records: number, alerts: number, faults: number}[]} bins
 * @property {Mark[]} marks
 * @property {number | null} first_wall
 * @property {number | null} last_wall
 * @property {number} end
 */

/** @typedef {{name: string, when: string, severity: string, runs: string, metrics: string[], of: "file" | "page"}} Rule */
/** @typedef {{name: string, words: string, on: boolean, of: "usual" | "file" | "page", limits: {name: string, value: number, usual: number, least: number, most: number, is_whole: boolean}[]}} BuiltIn  a rule of the viewer's own */
/** @typedef {{kind: string, last: string, last_at: number | null, failed: number}} Outlet */

/**
 * @typedef {object} Alerting  What the viewer knows of alerts beside the alerts themselves.
 * @property {Rule[]} rules
 * @property {BuiltIn[]} built_in
 * @property {Record<string, import("./alerts/silence.js").Silences>} silences  by run
 * @property {Outlet[]} outlets
 * @property {string} refused  why the last request about them was refused
 */

/**
 * @typedef {object} View  What the URL keeps.
 * @property {string} run
 * @property {string[]} compare
 * @property {string} x  "step", "wall", "relative", or "by:" and the name of a metric
 * @property {number} smooth  0 to 0.99
 * @property {boolean} logx
 * @property {boolean} logy
 * @property {boolean} apart  a chart for each metric, rather than splits and members laid over each other
 * @property {string} filter
 * @property {[number, number] | null} zoom
 * @property {string} full  the chart on the whole screen
 * @property {string[]} first  charts that stand before all others, in this order
 * @property {string[]} hidden  charts that are set aside
 * @property {Map<string, [number, number]>} sizes  how many places wide and high a chart is, where that is not one each
 * @property {[string, string][]} over  pairs: the second chart is laid over the first, on an axis of its own
 * @property {boolean} unfold  charts filed away under their families too
 * @property {string[][]} joined  runs that a person made one training
 * @property {boolean} diff  other runs as their difference to the chosen one
 * @property {string} group  the setting whose equal values make runs one curve, their mean
 * @property {boolean} table  figures and settings of the shown runs
 * @property {boolean} log  the drawer is open
 * @property {boolean} outliers  y reaches as far as any value, not just the bulk
 * @property {boolean} more  all panels of a Karn run, not just the strip
 * @property {number | null} at  replay: everything before this offset; null is live
 * @property {"" | "light" | "dark"} theme
 */

/** @returns {View} */
export function freshView() {
  return { run: "", compare: [], x: "step", smooth: 0, logx: false, logy: false, apart: false, filter: "", zoom: null, full: "", first: [], hidden: [], sizes: new Map(), over: [], unfold: false, joined: [], diff: false, group: "", table: false, log: false, outliers: false, more: false, at: null, theme: "" };
}

/**
 * Signals: `runs` list or any run's state · `run` another run is chosen · `metrics` names or figures · `points` new points ·
 * `dashboard` · `timeline` wants reading again · `marks` the timeline was read · `snapshot` · `settings` or `figures` were read · `charts` other ones are shown · `view` what is looked at, and how · `moment` replay moved · `link` · `hover` · `focus` one line is looked at · `alerting` rules, silences, outlets.
 * @typedef {"runs" | "run" | "metrics" | "points" | "dashboard" | "timeline" | "view" | "moment" | "link" | "hover" | "focus" | "marks" | "snapshot" | "settings" | "figures" | "charts" | "alerting"} Signal
 */

export class State {
  /** @type {Map<string, Run>} */
  runs = new Map();
  view = freshView();
  /** @type {{state: "connecting" | "open" | "lost" | "refused" | "offline", retry_at: number}} */
  link = { state: "connecting", retry_at: 0 };
  /** Viewer's clock minus ours, in seconds. */
  skew_s = 0;
  version = "";
  /** @type {Alerting} */
  alerting = { rules: [], built_in: [], silences: {}, outlets: [], refused: "" };
  /** Position under the pointer on the x axis. @type {number | null} */
  hover = null;
  /** The line looked at. @type {{run: string, offset: number, x: number | null} | null} */
  focus = null;
  /** Where a replay is, for runs that are replayed in step: on the axis, and in seconds since the start. @type {import("./timeline.js").Playhead | null} */
  playhead = null;
  /** @type {import("./trainings.js").Trainings} */
  #pieces = new Map();
  /** Set once the viewer has listed its runs. */
  known = false;
  /** @type {Map<Signal, Set<() => void>>} */
  #listeners = new Map();

  constructor() {
    this.on(["runs", "view"], () => (this.#pieces = trainingsOf([...this.runs.values()].map(({ info }) => info), this.view.joined)));
  }

  /** All pieces of the training that a run belongs to, the earliest first; the run alone when it is whole. @param {string} run */
  trainingOf(run) {
    return this.#pieces.get(run) ?? [run];
  }

  /** The run by which its training is known: the chosen one, else the newest piece. @param {string} run */
  leadOf(run) {
    return this.trainingOf(run).includes(this.view.run) ? this.view.run : this.newestOf(run);
  }

  /** The newest piece of the training that a run belongs to. @param {string} run */
  newestOf(run) {
    return this.trainingOf(run).at(-1) ?? run;
  }

  /** When the training of a run began, for times since then. @param {string} run */
  startOf(run) {
    return this.runs.get(this.trainingOf(run)[0])?.info.started_at ?? null;
  }

  /** How many seconds later than its training a run began: none unless it is a later piece. @param {string} run */
  laterOf(run) {
    return (this.runs.get(run)?.info.started_at ?? NaN) - (this.startOf(run) ?? NaN) || 0;
  }

  /** How far a run is shown as pieces are replayed one after the other: null is all of it. @param {string} run @returns {number | null} */
  untilOf(run) {
    const { at, run: chosen } = this.view;
    if (run === chosen) return at;
    const pieces = this.trainingOf(chosen);
    return at !== null && pieces.indexOf(run) > pieces.indexOf(chosen) ? 0 : null;
  }

  /** @param {Signal[]} signals @param {() => void} listener */
  on(signals, listener) {
    for (const signal of signals) {
      const listeners = this.#listeners.get(signal) ?? new Set();
      this.#listeners.set(signal, listeners.add(listener));
    }
  }

  /** @param {Signal} signal */
  emit(signal) {
    for (const listener of this.#listeners.get(signal) ?? []) listener();
  }

  /** The chosen run. @returns {Run | undefined} */
  get run() {
    return this.runs.get(this.view.run);
  }

  /** The chosen run, then those laid over it; each with all pieces of its training. @returns {Run[]} */
  get shown() {
    const ids = new Set([this.view.run, ...this.view.compare].flatMap((id) => [id, ...this.trainingOf(id)]));
    return [...ids].flatMap((id) => this.runs.get(id) ?? []);
  }

  /** The shown runs, one for each training. @returns {Run[]} */
  get trainings() {
    return this.shown.filter(({ id }) => this.leadOf(id) === id);
  }

  /** The dashboard of the moment on screen. */
  get dashboard() {
    return this.view.at === null ? this.run?.dashboard : this.run?.past;
  }

  /** The first of the runs laid over the chosen one that has panels too. @returns {Run | undefined} */
  get second() {
    const has = (/** @type {Run | undefined} */ run) => run?.info.karn && run.dashboard;
    const own = this.trainingOf(this.view.run);
    return has(this.run) ? this.shown.find((run) => !own.includes(run.id) && has(run)) : undefined;
  }

  /** The viewer's clock, seconds since 1970. */
  now() {
    return Date.now() / 1000 + this.skew_s;
  }

  /** Changes the view; the moment of a replay has a signal of its own, as it changes with every frame. @param {Partial<View>} change */
  set(change) {
    const run = this.view.run;
    const at = this.view.at;
    Object.assign(this.view, change);
    if (this.view.run !== run) this.emit("run");
    if (this.view.at !== at) this.emit("moment");
    if (Object.keys(change).some((name) => name !== "at")) this.emit("view");
  }

  /** The run of this description, made when it is new. @param {RunInfo} info @returns {Run} */
  learn(info) {
    const known = this.runs.get(info.id);
    if (known) {
      known.info = { ...known.info, ...info };
      return known;
    }
    /** @type {Run} */
    const run = { id: info.id, info, metrics: new Map(), steps: null, figures: new Map(), dashboard: null, past: null, cursor: null, check: null, timeline: null, settings: null };
    this.runs.set(info.id, run);
    return run;
  }
}
