// @ts-check
/** Policy health: value variance, entropy and KL, each with the word that says what it means. */

import { attribute, h, text } from "../dom.js";
import { number } from "../format.js";
import { figure } from "./performance.js";
import { card } from "./card.js";

/** @type {[string, string][]} field of the dashboard, label */
const FIGURES = [
  ["value_variance", "value variance"],
  ["entropy", "entropy"],
  ["kl_divergence", "KL"],
];

/** @returns {import("./card.js").Panel} */
export function policy() {
  const rows = FIGURES.map(([field, label]) => ({ field, figure: figure(label, ""), word: h("span.word") }));
  const node = card("policy", "Policy health", ...rows.map(({ figure, word }) => (figure.node.append(word), figure.node)));
  return {
    node,
    draw(dashboard) {
      for (const { field, figure, word } of rows) {
        const said = dashboard.words?.[field];
        figure.set(dashboard[field]);
        text(word, said?.word ?? "");
        attribute(word, "data-level", said?.level ?? "");
        attribute(word, "title", said?.word ? `${said.judged} ${number(said.value)}: ${said.because}` : null);
      }
    },
  };
}
