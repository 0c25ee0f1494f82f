// @ts-check
/** Composes the page: feed → state → panels. */

import { desk } from "./alerts/desk.js";
import { alertsDialog } from "./alerts/dialog.js";
import { alerts } from "./alerts/strip.js";
import { admitted } from "./api.js";
import { controls } from "./charts/controls.js";
import { byMetric } from "./charts/frame.js";
import { grid } from "./charts/grid.js";
import { deeds } from "./charts/tools.js";
import { commands } from "./commands.js";
import { Curves } from "./curves.js";
import { Feed } from "./feed.js";
import { figures } from "./figures.js";
import { settle } from "./frame.js";
import { header, other } from "./header.js";
import { help } from "./help.js";
import { hello, intake } from "./intake.js";
import { listen } from "./keys.js";
import { drawer } from "./log/drawer.js";
import { notice } from "./notice.js";
import { Palette } from "./palette.js";
import { strip } from "./panels/strip.js";
import { nextPiece } from "./pieces.js";
import { choose, compare, joinOrPart, newest, runs } from "./runs.js";
import { remember, remembered } from "./remembered.js";
import { nearest } from "./series.js";
import { settings } from "./settings.js";
import { State } from "./state.js";
import { table, tabled } from "./table.js";
import { takeaway } from "./takeaway/dialog.js";
import { transport } from "./transport.js";
import * as url from "./url.js";

/** Smoothing goes round through these with one key. */
const SMOOTHINGS = [0, 0.6, 0.9, 0.97];
const AXES = ["step", "wall", "relative"];
/** Browsers refuse an address that changes with every frame. */
const ADDRESS_MS = 150;

const state = new State();
state.view = url.read(location.hash || remembered());
remember(state);
const palette = new Palette();
const curves = new Curves(state);
const feed = new Feed({
  hello: () => hello(state),
  receive: intake(state, curves),
  link(how, retry_at) {
    state.link = { state: how, retry_at };
    state.emit("link");
    if (how === "lost") checkAdmission();
  },
});

const showLine = (/** @type {number} */ offset) => log.goTo(state.view.run, offset);
const toggleLog = () => state.set({ log: !state.view.log });
const toggleHelp = () => openHelp();
const toggleCommands = () => openCommands();
header(state, { alerts: () => openAlerts(), takeaway: () => openTakeaway(), log: toggleLog, help: toggleHelp, commands: toggleCommands, faults: () => log.only({ type: "fault" }), runs: () => list.toggle() }, () => feed.hurry());
const silence = (/** @type {import("./alerts/silence.js").Alert & {run?: string}} */ alert, /** @type {object} */ said) => feed.send({ type: "silence", run: alert.run ?? state.view.run, alert: alert.id, ...said });
const showLineOf = (/** @type {string} */ run, /** @type {number} */ offset) => {
  if (!state.trainingOf(state.view.run).includes(run)) choose(state, run);
  log.goTo(run, offset);
};
const openAlerts = alertsDialog(state, { show: showLineOf, send: (message) => feed.send(message), silence });
alerts(state, { show: showLineOf, all: openAlerts, silence });
desk(state, showLineOf);
notice(state);
const list = runs(state);
strip(state, showLine, showLineOf);
const chartDeeds = deeds(layOver);
const charts = grid(state, curves, palette, chartDeeds, showLineOf);
const openTakeaway = takeaway(state, charts, palette);
settings(state);
const bar = controls(state, charts);
table(state, charts.shown);
figures(state, () => tabled(charts.shown.matched));
const log = drawer(state, placeOf);
const replay = transport(state, palette);

/** Where a line stands on x: where the nearest point at or before it stands. @param {string} run @param {number} offset */
function placeOf(run, offset) {
  let best = null;
  let gap = Infinity;
  for (const name of state.runs.get(run)?.metrics.keys() ?? []) {
    const series = curves.held(run, name);
    const i = series ? nearest(series.offset, offset) : -1;
    if (!series || i < 0 || Math.abs(series.offset[i] - offset) >= gap) continue;
    gap = Math.abs(series.offset[i] - offset);
    best = series.x[i];
  }
  return best;
}

/** @type {import("./keys.js").Key[]} */
const keys = [
  { key: "?", shown: "?", does: "this help", run: toggleHelp },
  { key: "mod+k", shown: "Ctrl K", does: "everything by name", run: toggleCommands },
  { key: "/", shown: "/", does: "filter the charts", run: bar.focusFilter },
  { key: "j", shown: "j  k", does: "next run, run before", run: () => list.step(1) },
  { key: "k", shown: "", does: "run before", run: () => list.step(-1) },
  { key: "c", shown: "c", does: "lay the next run over this one, or none", run: compareNext },
  { key: "u", shown: "u", does: "join the runs laid over each other as one training, or take it apart", run: () => joinOrPart(state) },
  { key: ".", shown: ".", does: "next piece of a training in several files: its state, its panels", run: () => nextPiece(state) },
  { key: " ", shown: "space", does: "play or pause the replay", run: replay.toggle },
  { key: "ArrowLeft", shown: "←  →", does: "one step back or on, by what the bar below says", run: () => replay.step(-1) },
  { key: "ArrowRight", shown: "", does: "one step on", run: () => replay.step(1) },
  { key: "n", shown: "n  p", does: "next alert, alert before", run: () => replay.jump(1) },
  { key: "p", shown: "", does: "alert before", run: () => replay.jump(-1) },
  { key: "<", shown: "<  >", does: "slower, faster", run: () => replay.faster(-1) },
  { key: ">", shown: "", does: "faster", run: () => replay.faster(1) },
  { key: "l", shown: "l", does: "live", run: replay.goLive },
  { key: "x", shown: "x", does: "next x axis", run: () => state.set({ x: after(AXES, state.view.x), zoom: null }) },
  { key: "s", shown: "s", does: "more smoothing, then none", run: () => state.set({ smooth: after(SMOOTHINGS, state.view.smooth) }) },
  { key: "g", shown: "g", does: "logarithmic x", run: () => state.set({ logx: !state.view.logx }) },
  { key: "y", shown: "y", does: "logarithmic y", run: () => state.set({ logy: !state.view.logy }) },
  { key: "i", shown: "i", does: "a chart for each metric", run: () => state.set({ apart: !state.view.apart }) },
  { key: "q", shown: "q", does: "charts of many alike too, or folded away", run: () => (charts.shown.folded.length || state.view.unfold) && state.set({ unfold: !state.view.unfold }) },
  { key: "o", shown: "o", does: "outliers too, or the bulk of y only", run: () => state.set({ outliers: !state.view.outliers }) },
  { key: "0", shown: "0", does: "show all of x", run: () => state.set({ zoom: null }) },
  ...chartDeeds.map(({ key, does, run }) => ({ key, shown: key, does: `chart: ${does}`, run: () => charts.current && run(state, charts.current) })),
  { key: "[", shown: "[  ]", does: "chart: one place back or on", run: () => charts.shift(-1) },
  { key: "]", shown: "", does: "chart: one place on", run: () => charts.shift(1) },
  { key: "shift+ArrowRight", shown: "⇧ ← →", does: "chart: wider, narrower", run: () => charts.stretch(1, 0) },
  { key: "shift+ArrowLeft", shown: "", does: "chart: narrower", run: () => charts.stretch(-1, 0) },
  { key: "shift+ArrowDown", shown: "⇧ ↑ ↓", does: "chart: higher, lower", run: () => charts.stretch(0, 1) },
  { key: "shift+ArrowUp", shown: "", does: "chart: lower", run: () => charts.stretch(0, -1) },
  { key: "r", shown: "r", does: "charts: all at their own place and size", run: () => state.set({ first: [], sizes: new Map() }) },
  { key: "v", shown: "v", does: "figures and settings as a table", run: () => state.set({ table: !state.view.table }) },
  { key: "-", shown: "-", does: "difference to the chosen run", run: () => state.view.compare.length && state.set({ diff: !state.view.diff }) },
  { key: "m", shown: "m", does: "all panels of the network", run: () => state.run?.info.karn && state.set({ more: !state.view.more }) },
  { key: "a", shown: "a", does: "alerts and rules", run: openAlerts },
  { key: "d", shown: "d", does: "take away: link, picture, numbers, one file", run: () => openTakeaway() },
  { key: "e", shown: "e", does: "event log", run: toggleLog },
  { key: "t", shown: "t", does: "light or dark", run: () => state.set({ theme: other(state) }) },
  { key: "Escape", shown: "Esc", does: "back", run: back },
];
const openHelp = help(keys);
const openCommands = commands(() => [
  ...keys.map(({ shown, does, run }) => ({ name: does, kind: shown, run })).filter(({ kind }) => kind),
  ...[...state.runs.values()].map(({ id, info }) => ({ name: info.name, kind: "run", run: () => choose(state, id) })),
  ...charts.shown.charts.map(({ key }) => ({ name: key, kind: "chart", run: () => state.set({ full: key }) })),
  ...[...(state.run?.metrics.keys() ?? [])].map((name) => ({ name, kind: "along x", run: () => state.set({ x: byMetric(name), zoom: null }) })),
]);
listen(keys);

state.on(["view", "moment"], settle(ADDRESS_MS, () => {
  const address = `#${url.write(state.view)}`;
  if (address !== location.hash) history.replaceState(null, "", address);
}));
state.on(["view"], () => {
  const { theme } = state.view;
  if ((document.documentElement.dataset.theme ?? "") === theme) return;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  recolour();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
addEventListener("hashchange", () => state.set(url.read(location.hash)));

let subscribed = "";
state.on(["runs", "view"], () => {
  if (state.known && !state.run && state.runs.size) choose(state, firstRun());
  const wanted = state.shown.map((run) => run.id).sort().join(" ");
  if (wanted === subscribed) return;
  subscribed = wanted;
  feed.resubscribe();
});

state.emit("view");
feed.open();

/** The run somebody most likely came for: one that lives, else one with figures and times, of these the newest; a whole one in any case. */
function firstRun() {
  const worth = (/** @type {import("./state.js").RunInfo} */ info) => 8 * Number(!info.part_of) + 4 * Number(info.state === "live") + 2 * Number(info.key_metric !== null) + Number(info.last_record_at !== null);
  const runs = [...state.runs.values()].map(({ info }) => info);
  return runs.sort((a, b) => worth(b) - worth(a) || newest(a, b))[0].id;
}

/** A WebSocket that was turned away looks like a lost one; only HTTP says why. */
async function checkAdmission() {
  if ((await admitted()) || state.link.state === "open") return;
  state.link = { ...state.link, state: "refused" };
  state.emit("link");
}

function compareNext() {
  if (state.view.compare.length) return state.set({ compare: [] });
  const own = state.trainingOf(state.view.run);
  const next = list.after().find((id) => !own.includes(id));
  if (next) compare(state, next);
}

/** Asks which chart to lay over another. @param {string} under */
function layOver(under) {
  const others = [...charts.shown.charts, ...charts.shown.hidden].filter(({ key }) => key !== under);
  openCommands(others.map(({ key }) => ({ name: key, kind: `over ${under}`, run: () => state.set({ over: [...state.view.over, [under, key]] }) })));
}

function back() {
  if (state.view.full) state.set({ full: "" });
  else if (document.body.classList.contains("show-runs")) list.toggle();
  else if (state.view.log) state.set({ log: false });
  else state.set({ zoom: null });
}

function recolour() {
  palette.forget();
  charts.redraw();
  state.emit("moment");
}

/** @template T @param {T[]} list @param {T} now */
function after(list, now) {
  return list[(list.indexOf(now) + 1) % list.length];
}
