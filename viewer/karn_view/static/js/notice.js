// @ts-check
/** What the page says when there is nothing to draw: no run yet, a file not there yet, a file that cannot be read. */

import { fill, h, part } from "./dom.js";
import { count, size } from "./format.js";
import { lamp } from "./lamp.js";

/** @param {import("./state.js").State} state */
export function notice(state) {
  const node = part("notice");
  let said = "";
  state.on(["runs", "run", "link", "metrics"], draw);
  draw();

  function draw() {
    const words = wordsFor(state);
    node.hidden = words === null;
    part("controls").hidden = words !== null;
    const key = JSON.stringify(words);
    if (!words || key === said) return;
    said = key;
    fill(node, lamp(words.lamp), h("h2", {}, words.title), ...words.lines.map((line) => h("p", {}, line)));
  }
}

/** @param {import("./state.js").State} state @returns {{lamp: string, title: string, lines: string[]} | null} */
function wordsFor(state) {
  const run = state.run;
  if (state.link.state === "refused") {
    return { lamp: "failed", title: "karn-view turned this page away", lines: ["It was started again with another token. Open the address that it printed when it started."] };
  }
  if (!state.known) return { lamp: "waiting", title: "Connecting to karn-view", lines: ["The page fills itself as soon as the viewer answers."] };
  if (!run) return { lamp: "waiting", title: "No runs yet", lines: ["The first run file that appears in the watched folder opens here by itself."] };
  const { info } = run;
  if (run.metrics.size) return null;
  if (info.hang) return { lamp: "waiting", title: "The file system does not answer", lines: [info.source, info.hang, "Other runs go on, and this one does as soon as it answers."] };
  if (info.trouble) return { lamp: "failed", title: "This file cannot be read", lines: [info.source, info.trouble, "karn-view keeps trying."] };
  if (info.state === "waiting") return { lamp: "waiting", title: "Waiting for the file", lines: [info.source, info.reason, "It opens here by itself with its first line."] };
  if (!info.records && !info.faults) return { lamp: info.state, title: info.size_bytes ? "Nothing read so far" : "Nothing to read", lines: [info.source, info.reason] };
  if (run.cursor === null) return { lamp: "waiting", title: "Reading", lines: [`${info.source}, ${size(info.size_bytes)}`] };
  return { lamp: info.state, title: "No numbers to chart", lines: [`${count(info.records)} records without a number, ${count(info.faults)} lines that could not be read. Every line is in the event log (e).`] };
}
