// The pure modules of the page, each by what it promises. Run by test_page_modules.py beside a copy of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fresh, isSilenced } from "./js/alerts/silence.js";
import { parse, pretty } from "./js/exact.js";
import { duration, number, signed, tickLabels } from "./js/format.js";
import { arranged, familiesOf, folded, moved } from "./js/charts/arrangement.js";
import { difference, joined, mean } from "./js/charts/derive.js";
import { frameOf } from "./js/charts/frame.js";
import { chartsOf, EVERY, matching } from "./js/charts/lines.js";
import { goal } from "./js/goal.js";
import { runColour, wear } from "./js/palette.js";
import { understood } from "./js/log/lines.js";
import { curve as packedCurve } from "./js/offline/curve.js";
import { where } from "./js/offline/where.js";
import { Scroll } from "./js/log/scroll.js";
import { align, bulk, extent, KEEP, nearest, Series, smooth } from "./js/series.js";
import { differing, flat } from "./js/settings.js";
import { logTicks } from "./js/ticks.js";
import { Course, inStep } from "./js/timeline.js";
import { trainingsOf } from "./js/trainings.js";
import * as url from "./js/url.js";
import { freshView, State } from "./js/state.js";

const seen = (point) => point.x;

function series(values, more = {}) {
  const y = Float64Array.from(values);
  const x = Float64Array.from(values.map((_, i) => i));
  return new Series({ name: "m", points: y.length, exact: true, n: y.length, x, y, min: y, max: y, offset: x.map((i) => i * 10), wall: x, non_finite: [], ...more });
}

const tail = (start, ...values) => ({ start, x: values.map((_, i) => start + i), y: values, wall: values.map(() => null), offset: values.map((_, i) => (start + i) * 10) });

test("points that are here already are passed over", () => {
  const curve = series([1, 2, 3]);
  assert.equal(curve.append(tail(1, 2, 3, 4, 5), seen), true);
  assert.deepEqual(curve.y, [1, 2, 3, 4, 5]);
  assert.equal(curve.count, 5);
});

test("a gap before new points asks for the series again", () => {
  const curve = series([1, 2, 3]);
  assert.equal(curve.append(tail(5, 9), seen), false);
  assert.deepEqual(curve.y, [1, 2, 3]);
});

test("values that are not finite are gaps and are remembered", () => {
  const curve = series([1]);
  curve.append(tail(1, "NaN", "Infinity", 4), seen);
  assert.deepEqual(curve.nonFinite.map(({ value }) => value), ["NaN", "Infinity"]);
  assert.deepEqual(align([{ x: curve.x, y: curve.y, n: curve.length }])[1], [1, null, null, 4]);
});

test("values at the same place are one point with their extremes", () => {
  const curve = series([1, 2]);
  assert.equal(curve.hasBand, false);
  curve.append({ ...tail(2, 5, 3, NaN, 9), x: [1, 1, 1, 2] }, seen);
  assert.deepEqual([curve.x, curve.y, curve.min, curve.max], [[0, 1, 2], [1, 3, 9], [1, 2, 9], [1, 5, 9]]);
  assert.deepEqual([curve.count, curve.offset, curve.hasBand], [6, [0, 40, 50], true]);
});

test("a packed curve is what the viewer makes of the same points", () => {
  const x = [1, 1, 2, 3, 3, 3, 4];
  const rows = x.map((_, row) => row);
  const branch = { rows, values: [5, 7, 1, 2, NaN, -2, 0] };
  const run = { x, walls: rows, offsets: rows.map((row) => 10 * row), series: new Map([["m", { current: branch, old: { rows: [], values: [] } }]]) };
  const plain = (/** @type {object} */ query) => {
    const { x, y, min, max, offset, exact } = packedCurve(run, "m", { x: "step", points: 100, ...query });
    return [...[x, y, min, max, offset].map((column) => [...column]), exact];
  };
  assert.deepEqual(plain({}), [[1, 2, 3, 4], [7, 1, -2, 0], [5, 1, -2, 0], [7, 1, 2, 0], [10, 20, 50, 60], true]);
  assert.deepEqual(plain({ from: 2, to: 2 })[0], [1, 2, 3]);
  assert.deepEqual(plain({ from: 2, to: 2 })[2], [5, 1, -2]);
  assert.deepEqual(plain({ points: 2 }), [[2, 4], [1, 0], [1, -2], [7, 2], [20, 60], false]);
});

test("thinning keeps every extreme and stays bounded however long a run grows", () => {
  const curve = series([0]);
  const spike = 54_321;
  for (let start = 1; start < 100_000; start += 1000) {
    curve.append(tail(start, ...Array.from({ length: 1000 }, (_, i) => (start + i === spike ? 99 : Math.sin(start + i)))), seen);
  }
  assert.ok(curve.length <= KEEP);
  assert.equal(Math.max(...curve.max), 99);
  assert.ok(curve.x.every((x, i) => i === 0 || x > curve.x[i - 1]));
  assert.equal(curve.exact, false);
});

test("a replay shows the points of before its offset", () => {
  const curve = series([1, 2, 3, 4]);
  assert.equal(curve.until(20), 2);
  assert.equal(curve.until(null), 4);
});

test("smoothing begins at the first value and leaves a constant alone", () => {
  assert.equal(smooth([0, 1, 2], [5, 0, 0], 0.9)[0], 5);
  for (const value of smooth([0, 1, 5, 6], [3, 3, 3, 3], 0.9)) assert.ok(Math.abs(value - 3) < 1e-12);
});

test("smoothing of the past does not change with the future", () => {
  const whole = smooth([0, 1, 2, 3], [1, 4, 2, 8], 0.6);
  assert.deepEqual(smooth([0, 1, 2], [1, 4, 2], 0.6), whole.slice(0, 3));
});

test("a gap in smoothing stays a gap", () => {
  const smoothed = smooth([0, 1, 2], [1, NaN, 1], 0.5);
  assert.ok(Number.isNaN(smoothed[1]));
  assert.equal(smoothed[2], 1);
});

test("columns of different x are laid on one", () => {
  const [x, a, b] = align([{ x: [1, 3], y: [10, 30], n: 2 }, { x: [2, 3], y: [2, NaN], n: 2 }]);
  assert.deepEqual(x, [1, 2, 3]);
  assert.deepEqual(a, [10, undefined, 30]);
  assert.deepEqual(b, [undefined, 2, null]);
});

test("the nearest point is found on either side", () => {
  assert.equal(nearest([0, 10, 20], 14), 1);
  assert.equal(nearest([0, 10, 20], 16), 2);
  assert.equal(nearest([], 16), -1);
});

test("an extent counts what is in the window only", () => {
  assert.deepEqual(extent(series([9, 1, 2, -9]), 4, [1, 2], false), [1, 2]);
  assert.equal(extent(series([-1, -2]), 2, [0, 9], true), null);
});

test("the bulk is told from a few values far out, and from none when there are none", () => {
  const x = Array.from({ length: 100 }, (_, i) => i);
  const calm = x.map((i) => 2 + Math.sin(i));
  assert.equal(bulk([{ x, y: calm }], [0, 99]), null);
  const spiked = calm.with(50, 1e293);
  const { high, beyond } = bulk([{ x, y: spiked }], [0, 99]);
  assert.ok(high < 5);
  assert.equal(beyond, 1);
  assert.equal(bulk([{ x, y: spiked }], [0, 40]), null);
});

test("integers beyond 2^53 keep their digits", () => {
  const text = '{"seed": 18295924486325041799, "text": "18295924486325041799", "x": 0.12345678901234567, "n": 7}';
  assert.match(pretty(parse(text)), /"seed": 18295924486325041799,/);
  assert.match(pretty(parse(text)), /"text": "18295924486325041799"/);
  assert.equal(parse(text).n, 7);
});

test("an exported run finds fields as the viewer does", () => {
  const { line, fits, refused } = JSON.parse(readFileSync("conditions.json", "utf8"));
  const record = parse(line);
  assert.deepEqual(Object.fromEntries(Object.keys(fits).map((condition) => [condition, where(condition)(record)])), fits);
  assert.deepEqual(refused.map((text) => typeof where(text)), refused.map(() => "string"));
});

test("numbers have three digits, and what was never measured a dash", () => {
  assert.deepEqual([71.84, 0.8421, 123456, 0.00001, -3, 0].map(number), ["71.8", "0.842", "123k", "1.0e−5", "−3", "0"]);
  assert.deepEqual([undefined, null, NaN].map(number), ["—", "—", "—"]);
  assert.equal(signed(6.2), "+6.20");
  assert.equal(duration(3725), "62 min");
});

test("ticks of a logarithmic axis are few and round", () => {
  assert.deepEqual(logTicks(0.0029, 0.03), [0.005, 0.01, 0.02]);
  for (const [low, high] of [[1e-9, 1e9], [1, 2], [0.5, 0.6], [3, 3e5]]) {
    const ticks = logTicks(low, high);
    assert.ok(ticks.length >= 2 && ticks.length <= 12, `${low} ${high}: ${ticks}`);
    assert.ok(ticks.every((tick) => tick >= low && tick <= high));
  }
});

const bin = (offset, wall, records) => ({ offset, wall, x: null, records, alerts: 0, faults: 0 });

test("a course is even in time where there are times", () => {
  const course = new Course({ bins: [bin(0, 100, 1), bin(10, 101, 1), bin(20, 109, 1)], marks: [], first_wall: 100, last_wall: 110, end: 30 });
  assert.equal(course.placeOf(10), 0.1);
  assert.equal(course.offsetAt(0.1), 10);
  assert.equal(course.offsetAt(1), 30);
  assert.equal(course.wallAt(0.5), 105);
  assert.equal(course.neighbour(0, 1), 0.1);
  assert.equal(course.neighbour(1, -1), 0.9);
});

test("a course without times is even in lines", () => {
  const course = new Course({ bins: [bin(0, null, 3), bin(70, null, 1)], marks: [], first_wall: null, last_wall: null, end: 100 });
  assert.equal(course.offsetAt(0.75), 70);
  assert.equal(course.wallAt(0.5), null);
});

test("a course over the pieces of a training leaves out the time between them", () => {
  const placed = (offset, wall, x) => ({ ...bin(offset, wall, 1), x });
  const course = new Course(
    { bins: [placed(0, 100, 0), placed(10, 105, 5)], marks: [], first_wall: 100, last_wall: 110, end: 20 },
    { bins: [placed(0, 5000, 4), placed(30, 5005, 9)], marks: [], first_wall: 5000, last_wall: 5010, end: 60 },
  );
  assert.equal(course.timeline.end, 80);
  assert.equal(course.offsetAt(0.5), 20);
  assert.deepEqual(course.moment(20), { piece: 0, at: 20 });
  assert.deepEqual(course.moment(21), { piece: 1, at: 1 });
  assert.equal(course.pieceOf(20), 1);
  assert.equal(course.wallAt(0.25), 105);
  assert.equal(course.wallAt(0.75), 5005);
  assert.deepEqual(course.playhead(0.45), { x: 5, since_s: 9 });
  assert.deepEqual(course.playhead(0.75), { x: 9, since_s: 4905 });
  assert.deepEqual(course.timeline.marks.map(({ offset }) => offset), [20]);
});

test("the address gives the view back", () => {
  const view = { ...freshView(), run: "a&b", compare: ["c"], x: "by:epoch&a", apart: true, smooth: 0.6, logy: true, filter: "^loss|#", zoom: [1, 2.5], full: "a/b", log: true, at: 7, theme: "dark", more: true, outliers: true };
  assert.deepEqual(url.read(`#${url.write(view)}`), view);
  assert.equal(url.read("#x=wall").x, "wall");
  const arranged = { ...freshView(), x: "by:a b", logx: true, first: ["b", "a/&"], hidden: ["c"], sizes: new Map([["d/e f", [2, 3]], ["constructor", [1, 2]]]), over: [["a", "b"]], diff: true, joined: [["a", "b"]], group: "lr", table: true };
  assert.deepEqual(url.read(`#${url.write(arranged)}`), arranged);
});

test("an address that makes no sense gives the view of by default", () => {
  assert.deepEqual(url.read("#x=nonsense&smooth=many&zoom=5~1&at=-3&theme=pink&__proto__=1"), freshView());
});

const metric = (name, chart, split, rank) => ({ name, chart, split, rank, hidden: false, unit: "" });
const run = (id, ...metrics) => ({ id, info: { name: id }, metrics: new Map(metrics.map((one) => [one.name, one])), steps: null, figures: new Map() });

const piece = (id, first_record_at, continues) => ({ id, first_record_at, continues });

test("pieces of one training are told by the viewer and joined by hand, the earliest first", () => {
  const runs = [piece("c", 9, "b"), piece("a", 1), piece("b", 5, "a"), piece("d", 3), piece("e", 0)];
  assert.deepEqual(trainingsOf(runs, []).get("b"), ["a", "b", "c"]);
  assert.equal(trainingsOf(runs, []).get("d"), undefined);
  const joined = trainingsOf(runs, [["d", "c"], ["e", "gone"]]);
  assert.deepEqual(joined.get("a"), ["a", "d", "b", "c"]);
  assert.equal(joined.get("d"), joined.get("b"));
  assert.equal(joined.get("e"), undefined);
});

test("pieces of one training are one line, whichever of them is looked at", () => {
  const pieces = ["a", "b"];
  const trainings = { trainingOf: (id) => (pieces.includes(id) ? pieces : [id]), newestOf: (id) => (pieces.includes(id) ? "b" : id), leadOf: (id) => (pieces.includes(id) ? "a" : id) };
  const loss = metric("loss", "loss", "", 1);
  const [alone] = chartsOf([run("a", loss), run("b", loss, metric("late", "late", "", 2))], {}, trainings);
  assert.deepEqual(alone.lines.map(({ run, made, label, members }) => [run, made, label, members.map(({ run }) => run)]), [["a", "joined", "", ["a", "b"]]]);
  const [both] = chartsOf([run("b", loss), run("c", loss), run("a", loss)], {}, trainings);
  assert.deepEqual(both.lines.map(({ label, members }) => [label, members.map(({ run }) => run)]), [["a", ["a", "b"]], ["c", []]]);
  assert.equal(both.lines[0].colour, runColour("b"));
});

test("a later piece wins from where it begins, and what it replaced is kept aside", () => {
  const first = { run: "a", series: series([0, 1, 2, 3]), later: 0 };
  const second = { run: "b", series: series([20, NaN, 40], { x: [2, 3, 4], non_finite: [{ x: 3, value: "NaN" }] }), later: 0 };
  const whole = joined([first, second]);
  assert.deepEqual([whole.x, whole.y], [[0, 1, 2, 3, 4], [0, 1, 20, NaN, 40]]);
  assert.deepEqual(whole.superseded, { x: [2, 3, 3], y: [2, 3, NaN] });
  assert.deepEqual(whole.nonFinite, [{ x: 3, value: "NaN" }]);
  assert.deepEqual(whole.runs, ["a", "a", "b", "b", "b"]);
  assert.equal(whole.scattered, false);
  assert.deepEqual(joined([first, { ...second, later: 10 }]).x, [0, 1, 2, 3, 12, 13, 14]);
  const back = { offset: [30, 20, 10] };
  const cloud = joined([{ ...first, series: series([1, 2, 3], { x: [4, 5, 6], ...back }) }, { ...second, series: series([7, 8, 9], { x: [3, 4.5, 5.5], ...back }) }]);
  assert.deepEqual([cloud.x, cloud.y, cloud.scattered], [[3, 4, 4.5, 5, 5.5, 6], [7, 1, 8, 2, 9, 3], true]);
  assert.equal(cloud.superseded.x.length, 0);
});

test("charts of many alike are last, and folded away until they are asked for", () => {
  const alike = (name, family) => ({ ...metric(name, name, "", 1), family });
  const all = arranged(chartsOf([run("a", alike("head/x", "head"), alike("head/y", "head"), alike("loss", ""))]), { ...freshView(), first: ["head/y"] }).charts;
  assert.deepEqual(all.map(({ key }) => key), ["head/y", "loss", "head/x"]);
  assert.deepEqual(folded(all, { ...freshView(), first: ["head/y"] }).map(({ key }) => key), ["head/x"]);
  for (const asked of [{ unfold: true }, { filter: "x" }, { full: "head/x", first: ["head/y"] }]) assert.deepEqual(folded(all, { ...freshView(), ...asked }), []);
  assert.equal(familiesOf(all.slice(1)), " 1 · head 1");
});

test("charts come by importance and share their splits", () => {
  const charts = chartsOf([run("a", metric("lr", "lr", "", 9), metric("val_loss/env1", "loss", "val env1", 1), metric("val_loss/env0", "loss", "val env0", 1))]);
  assert.deepEqual(charts.map(({ key }) => key), ["loss", "lr"]);
  assert.deepEqual(charts[0].lines.map(({ label }) => label), ["env0", "env1"]);
  assert.equal(charts[0].shared, " val");
});

test("charts are taken apart when somebody wants to", () => {
  const charts = chartsOf([run("a", metric("loss", "loss", "", 1), metric("val_loss", "loss", "val", 1))], { apart: true });
  assert.deepEqual(charts.map(({ key }) => key), ["loss", "val_loss"]);
});

test("names of a file that objects know already are names like others", () => {
  const charts = chartsOf([run("a", metric("__proto__", "__proto__", "", 1), metric("constructor", "constructor", "", 2))]);
  assert.deepEqual(charts.map(({ key }) => key), ["__proto__", "constructor"]);
});

test("a pattern that is no regular expression yet is plain text", () => {
  const charts = chartsOf([run("a", metric("loss(a", "loss(a", "", 1), metric("lr", "lr", "", 2))]);
  assert.deepEqual(matching(charts, "loss(").map(({ key }) => key), ["loss(a"]);
});

test("an acknowledged alert speaks again when it comes again, a snoozed one after its time", () => {
  const alert = (count) => ({ id: "a", count });
  const said = { a: { count: 2 }, b: { until: 100 } };
  assert.deepEqual([2, 3].map((count) => isSilenced(alert(count), said, 0)), [true, false]);
  assert.deepEqual([99, 101].map((now) => isSilenced({ id: "b", count: 9 }, said, now)), [true, false]);
  assert.equal(isSilenced(alert(1), undefined, 0), false);
});

test("what was there at the first look is no news", () => {
  const list = [{ id: "a", count: 2 }, { id: "b", count: 1 }];
  assert.deepEqual(fresh(list, undefined), []);
  assert.deepEqual(fresh(list, new Map([["a", 1]])).map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(fresh(list, new Map([["a", 2], ["b", 1]])), []);
});

const charted = (...keys) => chartsOf([run("a", ...keys.map((key, i) => metric(key, key, "", i)))]);
const asIs = { first: [], hidden: [], over: [] };

test("charts are moved to the front, set aside, and laid over each other", () => {
  const charts = charted("loss", "lr", "reward");
  const names = (view) => arranged(charts, { ...asIs, ...view }).charts.map(({ key }) => key);
  assert.deepEqual(names({ first: ["reward", "no such chart"] }), ["reward", "loss", "lr"]);
  assert.deepEqual(names({ hidden: ["loss"] }), ["lr", "reward"]);
  const [loss] = arranged(charts, { ...asIs, over: [["loss", "lr"]] }).charts;
  assert.deepEqual(loss.lines.map(({ metric, side }) => [metric, side]), [["loss", "left"], ["lr", "right"]]);
  assert.notEqual(loss.lines[0].colour, loss.lines[1].colour);
  assert.equal(charts[0].lines.length, 1);
});

test("a moved chart takes the other's place and leaves the rest in order", () => {
  const keys = ["a", "b", "c", "d", "e"];
  const after = (first, key, target) => {
    const front = moved(keys, first, key, target);
    return [...front, ...keys.filter((other) => !front.includes(other))].join("");
  };
  assert.equal(after([], "d", "b"), "adbce");
  assert.equal(after([], "a", "c"), "bcade");
  assert.equal(after([], "b", "a"), "bacde");
  assert.equal(after(["a", "b", "c"], "a", "b"), "bacde");
});

test("a thinned curve does not differ from itself", () => {
  const banded = series([1, 2], { exact: false, min: [0, 1], max: [2, 3] });
  assert.deepEqual(difference(banded, banded).max, [0, 0]);
  assert.deepEqual(difference(banded, series([1, 2])).max, [1, 1]);
});

test("a difference is taken where the other was measured on both sides", () => {
  const at = (xs, ys) => series(ys, { x: Float64Array.from(xs) });
  const less = difference(at([0, 1, 2, 9], [5, 5, 5, 5]), at([0, 2], [1, 3]));
  assert.deepEqual(less.y, [4, 3, 2, NaN]);
  assert.deepEqual(difference(at([1, 2], [7, 8]), at([1, 2], [7, 8])).y, [0, 0]);
});

test("a mean spans what its members span and keeps their lowest and highest", () => {
  const at = (xs, ys) => series(ys, { x: Float64Array.from(xs) });
  const middle = mean([at([0, 2], [0, 2]), at([0, 1, 2, 3], [4, 5, 6, 7])]);
  assert.deepEqual(middle.x, [0, 1, 2, 3]);
  assert.deepEqual(middle.y, [2, 3, 4, 7]);
  assert.deepEqual(middle.min, [0, 1, 2, 7]);
  assert.deepEqual(middle.max, [4, 5, 6, 7]);
});

test("runs of an equal setting are one line", () => {
  const runs = [["a", 1], ["b", 1], ["c", 2]].map(([id, lr]) => ({ ...run(id, metric("loss", "loss", "", 0)), settings: new Map([["lr", lr]]) }));
  const labels = (group) => chartsOf(runs, { group })[0].lines.map(({ label }) => label);
  assert.deepEqual(labels("lr"), ["1 (2)", "2 (1)"]);
  assert.deepEqual(labels(EVERY), ["mean (3)"]);
  assert.deepEqual(labels("constructor"), ["— (3)"]);
});

test("settings are flat, and those that differ are told from those that do not", () => {
  const runs = [{ a: { b: 1, c: [2] } }, { a: { b: 3, c: [2] } }].map((config) => ({ settings: flat(config) }));
  assert.deepEqual([...runs[0].settings.keys()], ["a.b", "a.c"]);
  assert.deepEqual(differing(runs), ["a.b"]);
});

test("up to eight runs never share a colour, and later ones change none", () => {
  const of = (ids) => ids.map((id) => ({ id, started_at: null }));
  const ids = ["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"];
  wear(of(ids));
  const colours = ids.map(runColour);
  assert.equal(new Set(colours).size, 8);
  wear(of([...ids, "r9", "r10"]));
  assert.deepEqual(ids.map(runColour), colours);
});

test("a logarithmic x begins above zero, and marks of the future are not shown in a replay", () => {
  const mark = (offset, x) => ({ offset, x, wall: null, kind: "alert", severity: "warning", label: "A" });
  const shown = { ...run("a", metric("loss", "loss", "", 0)), steps: [0, 100], timeline: { marks: [mark(5, 1), mark(50, 9)] } };
  const state = (view) => {
    const made = new State();
    made.runs.set("a", shown);
    made.set({ run: "a", ...view });
    return made;
  };
  assert.deepEqual(frameOf(state({})).window, [0, 100]);
  assert.deepEqual(frameOf(state({ logx: true })).window, [0.1, 100]);
  assert.deepEqual(frameOf(state({ at: 20 })).marks.map(({ x }) => x), [1]);
  assert.deepEqual(frameOf(state({ x: "by:loss" })).marks, []);
});

test("a name tells whether less is better, or says nothing", () => {
  assert.equal(goal("train/loss"), "min");
  assert.equal(goal("val_accuracy/env0"), "max");
  assert.equal(goal("lr"), null);
});

test("ticks are short and keep their digits", () => {
  assert.deepEqual(tickLabels([1, 1.0000002, 1.0000004]), ["1", "1.0000002", "1.0000004"]);
  assert.deepEqual(tickLabels([0, 0.1 + 0.2]), ["0", "0.3"]);
  assert.deepEqual(tickLabels([0, 20000, 12500, -3e6, 0.25, 1e-5]), ["0", "20k", "12.5k", "−3M", "0.25", "1.0e−5"]);
});

test("a divergence does not hide the runs beside it", () => {
  const runs = [series(Array.from({ length: 60 }, (_, i) => 1 / (i + 1))), series(Array.from({ length: 20 }, (_, i) => 10 ** i))];
  assert.ok(bulk(runs, [0, 60]).high < 100);
});

test("what is typed into the log is told apart into fields and text", () => {
  assert.deepEqual(understood("loss>3 data.slot_id=r0c1 gate failed"), { where: ["loss>3", "data.slot_id=r0c1"], q: "gate failed" });
  assert.deepEqual(understood('"loss>3"'), { where: [], q: "loss>3" });
  assert.deepEqual(understood('message~nan lr<=1e-3 a!=b "two words"'), { where: ["message~nan", "lr<=1e-3", "a!=b"], q: "two words" });
  assert.deepEqual(understood("  "), { where: [], q: "" });
});

function scrolled(rows) {
  const content = { style: { height: "0px" } };
  const view = { clientHeight: 220, scrollTop: 0, get scrollHeight() { return Math.max(220, parseFloat(content.style.height)); } };
  const scroll = new Scroll(view, content, 22);
  scroll.size(rows);
  return { scroll, view };
}

test("a list of millions is scrolled from its first to its last row, by pixels near and by shares far", () => {
  const { scroll, view } = scrolled(5_000_000);
  assert.ok(view.scrollHeight < 30_000_000);
  scroll.to(2_000_000);
  view.scrollTop += 44;
  assert.equal(scroll.moved(), true);
  assert.ok(Math.abs(scroll.top - 2_000_002) < 1e-6);
  assert.equal(scroll.moved(), false);
  view.scrollTop = view.scrollHeight - view.clientHeight;
  scroll.moved();
  assert.equal(scroll.top, 4_999_990);
  view.scrollTop = 0;
  scroll.moved();
  assert.equal(scroll.top, 0);
});

test("a short list is as high as its rows", () => {
  const { scroll, view } = scrolled(30);
  assert.equal(view.scrollHeight, 660);
  view.scrollTop = 100;
  scroll.moved();
  assert.equal(Math.round(scroll.top * 22), 100);
  assert.equal(scroll.placeOf(scroll.top + 1), view.scrollTop + 22);
});

test("runs replayed in step are shown up to the same place, or the same time since their starts", () => {
  const bins = [0, 1, 2, 3].map((n) => ({ offset: n * 100, wall: 1000 + n * 10, x: n * 5, records: 5, alerts: 0, faults: 0 }));
  const course = new Course({ bins, marks: [], first_wall: 1000, last_wall: 1040, end: 400 });
  const playhead = course.playhead(0.375);
  assert.deepEqual(playhead, { x: 7.5, since_s: 15 });
  assert.equal(inStep("step", playhead, 9000), 7.5);
  assert.equal(inStep("relative", playhead, 9000), 15);
  assert.equal(inStep("wall", playhead, 9000), 9015);
  assert.equal(inStep("wall", playhead, null), null);
  assert.equal(inStep("step", null, 9000), null);
});
