// @ts-check
/** Everything about alerts in one dialog: those of this training, the rules, and where alerts go. */

import { attribute, fill, h, text } from "../dom.js";
import { ago, clock, count, moment, plural } from "../format.js";
import { icon } from "../icons.js";
import { pieceOf } from "../pieces.js";
import { builtInRules } from "./built_in.js";
import { isOn, isPossible, turn } from "./desk.js";
import { alertsOfTraining, isSilenced, whereOf } from "./silence.js";
import { snooze } from "./strip.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("./silence.js").Alert} Alert */
/** @typedef {import("../state.js").Rule} Rule */

const SEVERITIES = ["info", "warning", "error", "critical"];
const EXAMPLE = "mean(loss, 20) > 3 for 5 steps";

/**
 * @param {State} state
 * @param {{show: (run: string, offset: number) => void, send: (message: object) => void, silence: (alert: Alert, said: {count?: number, until?: number}) => void}} acts
 */
export function alertsDialog(state, { show, send, silence }) {
  const title = h("h2", { id: "alerts-title" }, "Alerts");
  const list = h("ul.alert-list");
  const rules = h("ul.rule-list");
  const outlets = h("ul.outlets");
  const refused = h("p.refused", { role: "alert" });
  const when = /** @type {HTMLInputElement} */ (h("input.mono", { type: "text", required: true, maxlength: 500, placeholder: EXAMPLE, "aria-label": "Condition", spellcheck: "false", autocomplete: "off" }));
  const name = /** @type {HTMLInputElement} */ (h("input", { type: "text", maxlength: 200, placeholder: "name", "aria-label": "Name of the rule" }));
  const severity = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Severity of the rule" }, ...SEVERITIES.map((value) => h("option", { value }, value))));
  severity.value = "warning";
  const add = h("form.rule-form", { onsubmit: added }, when, name, severity, h("button", { type: "submit" }, "add rule"));
  const builtIn = builtInRules(() => state.alerting.built_in, (built_in) => (state.alerting.refused = "", send({ type: "tune", built_in })));
  const watched = h("p.quiet");
  const watching = h("section", {}, h("h3", {}, "Built in"), builtIn.node, watched);
  const notify = h("button.toggle", { type: "button", onclick: async () => (await turn(!isOn()), draw()) }, "browser notifications");
  const test = h("button.toggle", { type: "button", onclick: () => send({ type: "test_alert" }) }, "send a test");
  const shut = h("button.icon", { type: "button", "aria-label": "Close", title: "Close (Esc)", onclick: () => dialog.close() }, icon("close"));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog.alerts-dialog", { "aria-labelledby": "alerts-title" },
    h("header", {}, title, h("span.spring"), shut), list,
    h("h3", {}, "Rules of your own"), rules, add, refused,
    h("p.quiet", {}, "Names of metrics, numbers, < <= > >= == !=, and, or, not; last, mean, median, std, min, max, change over so many points; for N steps. Rules made here last as long as the viewer; a file given by --alerts stays."),
    watching,
    h("h3", {}, "Told to"), outlets, h("p.row", {}, notify, test)));
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  state.on(["dashboard", "run", "alerting"], () => dialog.open && draw());

  function draw() {
    const { rules: known, outlets: places, refused: why } = state.alerting;
    const alerts = alertsOfTraining(state);
    text(title, state.run ? `Alerts of ${state.run.info.name}` : "Alerts");
    fill(list, ...alerts.map(alertRow), alerts.length === 0 && h("li.quiet", {}, "None so far."));
    fill(rules, ...known.map(ruleRow), known.length === 0 && h("li.quiet", {}, "None yet."));
    text(refused, why);
    builtIn.draw();
    watching.hidden = !state.alerting.built_in.length;
    const read = [...state.runs.values()].filter(({ info }) => !info.partial).length;
    text(watched, `Watched, whether or not a page shows them: ${read === state.runs.size ? plural(read, "run") : `${count(read)} of ${plural(state.runs.size, "run")}, the youngest and those that grow`}.`);
    const on = isOn();
    attribute(notify, "aria-pressed", String(on));
    attribute(notify, "title", isPossible() ? "While this page is open, in front or behind" : "This browser shows none on this address");
    attribute(notify, "disabled", isPossible() ? null : "");
    attribute(test, "disabled", places.length ? null : "");
    fill(outlets, ...places.map(outletRow), places.length === 0 && h("li.quiet", {}, "Nobody. Start karn-view with --webhook URL or --on-alert COMMAND, and alerts go there whether or not a page is open."));
  }

  /** @param {Alert & {run: string}} alert */
  function alertRow(alert) {
    const quiet = isSilenced(alert, state.alerting.silences[alert.run], state.now());
    const said = state.alerting.silences[alert.run]?.[alert.id];
    const how = !quiet ? "" : said?.until ? `snoozed until ${clock(said.until)}` : "acknowledged";
    return h("li", { "data-severity": alert.severity, "data-quiet": quiet },
      h("button.alert", { type: "button", title: "To its line", onclick: () => (dialog.close(), show(alert.run, alert.offset)) },
        h("span.alert-text", {}, alert.text || alert.type), alert.count > 1 && h("span.times", {}, `×${count(alert.count)}`)),
      h("span.quiet.where", { title: moment(alert.wall) }, [alert.type, whereOf(alert, state.run?.info.axis?.name ?? "step"), alert.wall !== null && clock(alert.wall), pieceOf(state, alert.run), how].filter(Boolean).join(" · ")),
      quiet
        ? h("button", { type: "button", onclick: () => silence(alert, {}) }, "speak again")
        : h("span.row", {}, h("button", { type: "button", onclick: () => silence(alert, { count: alert.count }) }, "ack"), snooze((seconds) => silence(alert, { until: state.now() + seconds }))));
  }

  /** @param {Rule} rule */
  function ruleRow(rule) {
    const missing = rule.metrics.filter((metric) => ![...(state.run?.metrics.keys() ?? [])].some((one) => one === metric || one.startsWith(`${metric}/`)));
    return h("li", { "data-severity": rule.severity }, h("code", {}, rule.when),
      h("span.quiet.where", {}, [rule.name !== rule.when && rule.name, rule.severity, rule.runs !== "*" && `runs ${rule.runs}`, rule.of === "file" && "from the file", state.run && missing.length > 0 && `this run has no ${missing.join(", ")}`].filter(Boolean).join(" · ")),
      rule.of === "page" && h("button", { type: "button", "aria-label": `Remove ${rule.name}`, onclick: () => sendRules(pageRules().filter((one) => one !== rule)) }, "remove"));
  }

  /** @param {import("../state.js").Outlet} outlet */
  function outletRow({ kind, last, last_at, failed }) {
    const well = last === "" || last === "sent";
    const words = last === "" ? "nothing sent yet" : `${last}, ${ago(state.now() - (last_at ?? NaN))}`;
    return h("li", { "data-severity": well ? "" : "error" }, h("b", {}, kind), h("span.where", {}, words), failed > 0 && h("span.quiet", {}, `${plural(failed, "alert")} lost`));
  }

  function pageRules() {
    return state.alerting.rules.filter((rule) => rule.of === "page");
  }

  /** @param {{name: string, when: string, severity: string, runs?: string}[]} list */
  function sendRules(list) {
    state.alerting.refused = "";
    send({ type: "rules", rules: list.map(({ name, when, severity, runs = "*" }) => ({ ...(name && name !== when ? { name } : {}), when, severity, runs })) });
  }

  /** @param {Event} event */
  function added(event) {
    event.preventDefault();
    if (!when.value.trim()) return;
    sendRules([...pageRules(), { name: name.value.trim(), when: when.value.trim(), severity: severity.value }]);
  }

  state.on(["alerting"], () => {
    if (state.alerting.refused || !pageRules().some((rule) => rule.when === when.value.trim())) return;
    when.value = name.value = "";
  });

  return () => {
    if (dialog.open) return dialog.close();
    draw();
    dialog.showModal();
  };
}
