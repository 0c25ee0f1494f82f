// @ts-check
/** Performance: accuracy against the host alone, what the seeds cost in parameters, and what they give for it. */

import { attribute, h, text } from "../dom.js";
import { exact, factor, MISSING, number, signed } from "../format.js";
import { card } from "./card.js";

/** @returns {import("./card.js").Panel} */
export function performance() {
  const accuracy = figure("accuracy", "%", "hero");
  const gain = h("span.gain");
  accuracy.node.append(gain);
  const bars = h("div.versus", { "aria-hidden": "true" });
  const own = h("i.own");
  const host = h("i.host");
  bars.append(own, host);
  const alone = figure("host only", "%");
  const ratio = figure("parameters", "×", "", factor);
  const efficiency = figure("efficiency", "×", "", factor);
  const mode = h("span.quiet.mode");
  const node = card("performance", "Performance", accuracy.node, bars, h("div.row", {}, alone.node, ratio.node, efficiency.node));

  node.querySelector("h2")?.append(mode);

  return {
    node,
    draw(dashboard) {
      text(mode, [dashboard.mode, dashboard.max_epochs && `epoch ${dashboard.epoch ?? MISSING} of ${dashboard.max_epochs}`].filter(Boolean).join(" · "));
      accuracy.set(dashboard.accuracy);
      alone.set(dashboard.host_accuracy);
      ratio.set(dashboard.param_ratio);
      efficiency.set(dashboard.efficiency);
      const difference = dashboard.gain;
      const compared = dashboard.provenance?.gain;
      const earlier = compared && compared.x !== dashboard.provenance?.accuracy?.x;
      text(gain, typeof difference === "number" ? `${signed(difference)} vs host${earlier ? ` ${place(compared)}` : ""}` : "");
      attribute(gain, "title", compared ? `with and without the seeds, in one event: ${place(compared)}` : "");
      attribute(alone.node, "title", dashboard.provenance?.host_accuracy ? place(dashboard.provenance.host_accuracy) : "");
      attribute(gain, "data-sign", difference > 0 ? "up" : difference < 0 ? "down" : "");
      own.style.width = width(dashboard.accuracy);
      host.style.width = width(dashboard.host_accuracy);
      host.hidden = typeof dashboard.host_accuracy !== "number";
    },
  };
}

/** Where a value was measured: it may be of another moment and environment than its neighbour. @param {{x?: number, env_id?: number}} from */
function place({ x, env_id }) {
  return [env_id === undefined || env_id === null ? "" : `env ${env_id}`, typeof x === "number" ? `epoch ${x}` : ""].filter(Boolean).join(" · ");
}

/** @param {unknown} percent */
function width(percent) {
  return typeof percent === "number" ? `${Math.min(100, Math.max(0, percent))}%` : "0";
}

/**
 * A value with its quiet label; missing is a dash.
 * @param {string} label @param {string} unit @param {string} [rank] @param {(value: unknown) => string} [format]
 */
export function figure(label, unit, rank = "", format = number) {
  const value = h("b");
  const small = h("small", {}, unit);
  const node = h("div.figure", { class: `figure ${rank}` }, h("span.label", {}, label), h("span.value", {}, value, small));
  return {
    node,
    /** @param {unknown} measured */
    set(measured) {
      text(value, format(measured ?? undefined));
      small.hidden = measured === null || measured === undefined;
      attribute(value, "title", exact(measured));
    },
  };
}
