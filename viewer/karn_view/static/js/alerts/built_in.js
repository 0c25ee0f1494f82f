// @ts-check
/** The rules that are built in, one a row: whether it is on, when it alerts, with its limits as fields in the sentence. */

import { attribute, fill, h, text } from "../dom.js";

/** @typedef {import("../state.js").BuiltIn} BuiltIn */

/**
 * @typedef {object} Row
 * @property {HTMLElement} node
 * @property {(rule: BuiltIn) => void} draw
 */

/**
 * Rows stay the same nodes, so that nothing is taken out of the hand of who types.
 * @param {() => BuiltIn[]} known
 * @param {(tuned: Record<string, Record<string, boolean | number>>) => void} tune  with everything that pages set
 */
export function builtInRules(known, tune) {
  const node = h("ul.built-in");
  /** @type {Map<string, Row>} */
  const rows = new Map();

  /** Says what pages have set, with one rule set anew, or as it was before any did. @param {string} name @param {Record<string, boolean | number> | null} set */
  function change(name, set) {
    const others = known().filter((rule) => rule.of === "page" && rule.name !== name).map((rule) => [rule.name, settingsOf(rule)]);
    tune(Object.fromEntries(set ? [...others, [name, set]] : others));
  }

  return {
    node,
    draw() {
      const rules = known();
      for (const rule of rules) if (!rows.has(rule.name)) rows.set(rule.name, row(rule, change));
      if (node.childElementCount !== rules.length) fill(node, ...rules.map(({ name }) => /** @type {Row} */ (rows.get(name)).node));
      for (const rule of rules) rows.get(rule.name)?.draw(rule);
    },
  };
}

/** @param {BuiltIn} rule */
function settingsOf({ on, limits }) {
  return { on, ...Object.fromEntries(limits.map(({ name, value }) => [name, value])) };
}

/** @param {BuiltIn} rule @param {(name: string, set: Record<string, boolean | number> | null) => void} change @returns {Row} */
function row({ name, words, limits }, change) {
  const on = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", "aria-label": name, onchange: set }));
  const fields = new Map(limits.map((limit) => [limit.name, field(name, limit, set)]));
  const sentence = words.split(/\{(\w+)\}/).map((part, i) => (i % 2 ? fields.get(part) : part));
  const usual = h("button", { type: "button", "aria-label": `${name} as before`, onclick: () => change(name, null) }, "as before");
  const where = h("span.quiet.where");
  const node = h("li", {}, h("div.rule", {}, on, h("span", {}, ...sentence)), where, usual);

  function set() {
    const wrong = [...fields.values()].find((one) => !one.reportValidity());
    if (!wrong) change(name, { on: on.checked, ...Object.fromEntries([...fields].map(([key, one]) => [key, Number(one.value)])) });
  }

  return {
    node,
    draw(rule) {
      on.checked = rule.on;
      attribute(node, "data-off", rule.on ? null : "");
      for (const { name, value, usual } of rule.limits) {
        const one = fields.get(name);
        if (one && one !== document.activeElement) one.value = shown(value);
        if (one) one.style.width = `calc(${Math.max(3, one.value.length)}ch + 18px)`;
        one?.classList.toggle("set", value !== usual);
      }
      text(where, [name, rule.of === "file" && "set in the file", rule.of === "page" && "set in a page", !rule.on && "off"].filter(Boolean).join(" · "));
      usual.hidden = rule.of !== "page";
    },
  };
}

/** @param {string} rule @param {BuiltIn["limits"][number]} limit @param {() => void} onchange */
function field(rule, { name, usual, least, most, is_whole }, onchange) {
  return /** @type {HTMLInputElement} */ (h("input", { type: "number", required: true, min: least, max: most, step: is_whole ? 1 : "any", "aria-label": `${rule}: ${name}`, title: `${shown(least)} to ${shown(most)}, usually ${shown(usual)}`, onchange }));
}

/** @param {number} value */
function shown(value) {
  return String(Number(value.toPrecision(6)));
}
