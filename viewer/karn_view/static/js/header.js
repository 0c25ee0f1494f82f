// @ts-check
/** The line that answers "is it alive?": run, state with reason and age, progress, rate, link. */

import { attribute, fill, h, part, text } from "./dom.js";
import { ago, count, duration, moment, number, plural, size } from "./format.js";
import { icon } from "./icons.js";
import { lamp } from "./lamp.js";
import { pieceButton } from "./pieces.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").RunInfo} RunInfo */

/** An age is worth a look beyond so many of the run's usual gaps. */
const LATE_GAPS = 6;
const LATE_AT_LEAST_S = 5;

/**
 * @param {State} state
 * @param {{alerts: () => void, takeaway: () => void, log: () => void, help: () => void, faults: () => void, commands: () => void, runs: () => void}} open
 * @param {() => void} hurry  reconnect now
 */
export function header(state, open, hurry) {
  const name = h("button.run-name", { type: "button", onclick: open.runs });
  const piece = pieceButton(state);
  const lampPlace = h("span.lamp-place");
  const word = h("strong.word");
  const age = h("span.age");
  const reason = h("span.reason");
  const status = h("div.status", { role: "status", "aria-live": "off" }, lampPlace, word, age, reason);
  const bar = h("i");
  const track = h("span.track", { role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const position = h("b");
  const left = h("span.quiet.left");
  const progress = h("div.progress", {}, position, track, left);
  const reading = h("span.reading.quiet");
  const rate = h("span.rate.quiet");
  const faults = h("button.faults", { type: "button", hidden: true, onclick: open.faults });
  const link = h("button.link", { type: "button", onclick: hurry });
  const theme = h("button.icon.wide", { type: "button", title: "Light or dark (t)", "aria-label": "Light or dark", onclick: () => state.set({ theme: other(state) }) }, icon("theme"));
  const commands = h("button.icon", { type: "button", title: "Everything by name (Ctrl K)", "aria-label": "Everything by name", onclick: open.commands }, icon("search"));
  const log = h("button.icon", { type: "button", title: "Event log (e)", "aria-label": "Event log", onclick: open.log }, icon("log"));
  const bell = h("button.icon", { type: "button", title: "Alerts and rules (a)", "aria-label": "Alerts and rules", onclick: open.alerts }, icon("bell"));
  const away = h("button.icon.wide", { type: "button", title: "Take away (d)", "aria-label": "Take away", onclick: open.takeaway }, icon("away"));
  const help = h("button.icon", { type: "button", title: "Keys (?)", "aria-label": "Keys and help", onclick: open.help }, "?");

  part("header").append(h("h1.brand", {}, "karn"), name, piece, status, progress, reading, rate, faults, h("span.spring"), link, commands, away, bell, log, theme, help);
  state.on(["runs", "run", "view", "dashboard", "moment"], draw);
  state.on(["link"], drawLink);
  setInterval(tick, 1000);

  function draw() {
    const info = state.run?.info;
    if (!info) return;
    document.title = `${info.name} · ${info.state} · karn`;
    text(name, info.name);
    attribute(name, "title", info.source);
    if (lampPlace.dataset.state !== info.state) fill(lampPlace, lamp(info.state));
    lampPlace.dataset.state = info.state;
    text(word, info.state);
    text(reason, info.reason);
    attribute(status, "title", `${info.reason}\n${info.format}: ${info.format_reason}\nlast line ${moment(info.last_record_at)}\n${count(info.records)} records, ${size(info.size_bytes)}, followed by ${info.followed?.by ?? "?"}: ${info.followed?.why ?? ""}`);
    drawProgress(info);
    const { read_bytes, size_bytes } = info.progress ?? {};
    text(reading, info.reading && size_bytes ? `${info.approximate ? "≈ " : ""}reading ${Math.floor(100 * (read_bytes ?? 0) / size_bytes)} % of ${size(size_bytes)}` : "");
    attribute(reading, "title", `The file is being read; until then curves ${info.approximate ? "are drawn from samples of it" : "end where that is"}`);
    text(rate, info.state === "live" && info.rate_per_s ? `${number(info.rate_per_s)} ev/s` : "");
    faults.hidden = !info.faults;
    text(faults, plural(info.faults, "fault"));
    tick();
  }

  /** @param {RunInfo} info */
  function drawProgress(info) {
    const { position: at, total, unit, fraction, eta_s } = info.progress ?? {};
    progress.hidden = at === null || at === undefined;
    text(position, `${unit ?? info.axis?.name ?? ""} ${number(at)}${total ? "/" + number(total) : ""}`);
    track.hidden = typeof fraction !== "number";
    bar.style.width = `${Math.min(1, fraction ?? 0) * 100}%`;
    attribute(track, "aria-valuenow", String(Math.round((fraction ?? 0) * 100)));
    const remains = info.state === "live" && eta_s ? ` · ${duration(eta_s)} left` : "";
    text(left, typeof fraction === "number" ? `${Math.round(fraction * 100)} %${remains}` : "");
  }

  function tick() {
    const info = state.run?.info;
    if (!info) return;
    const watched = info.state === "live" || info.state === "quiet" || info.state === "waiting";
    const since = state.now() - ((watched ? info.arrived_at : null) ?? info.last_record_at ?? NaN);
    text(age, Number.isFinite(since) ? ago(since) : "");
    age.classList.toggle("late", watched && since > Math.max(LATE_AT_LEAST_S, LATE_GAPS * (info.usual_gap_s ?? Infinity)));
    if (state.link.state === "lost") drawLink();
  }

  function drawLink() {
    const { state: how, retry_at } = state.link;
    const wait = Math.max(0, Math.ceil((retry_at - Date.now()) / 1000));
    const words = { open: "link", connecting: "connecting", lost: `no link, again in ${wait} s`, refused: "refused: open the address that karn-view printed", offline: "offline copy" };
    fill(link, lamp({ open: "live", connecting: "waiting", lost: "lost", refused: "failed", offline: "finished" }[how]), words[how]);
    attribute(link, "title", how === "open" ? `Connected to karn-view ${state.version}` : "Reconnect now");
    link.dataset.link = how;
  }
}

/** The theme that is not on screen. @param {State} state @returns {"light" | "dark"} */
export function other(state) {
  const dark = state.view.theme ? state.view.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  return dark ? "light" : "dark";
}
