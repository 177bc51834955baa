/** The scorers of pages: by small cases, and against the reference scorers in Python where both they and the dev pages are at hand. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { Engine } from "../src/engine/engine.ts";
import { evaluateWords } from "../src/evaluate/drawn.ts";
import { evaluatePages, type PageOptions } from "../src/evaluate/pages.ts";
import { edits, leastPairing, score, type Truth } from "../src/evaluate/score.ts";
import { countUnits, handRecall, readUnits, type Unit } from "../src/evaluate/units.ts";
import type { Box } from "../src/engine/types.ts";
import { readStrokes } from "../src/train/lines/data.ts";
import { inFolder, run } from "./command.ts";

const truth = (handwritten: string[], file = "a"): Truth => ({ file, handwritten, kind: "photo", charset: "digits" });

Deno.test("scoring: pairing, wildcards, spaces and false positives", () => {
  assertStrictEquals(edits([..."12", null, "5"], "12345"), 0);
  assertStrictEquals(edits([..."123"], "13"), 1);
  assertStrictEquals(leastPairing([[4, 1, 3], [2, 0, 5], [3, 2, 2]]), 5);
  const report = score([truth(["1 234", "56"]), truth([], "b")], new Map([["a", ["56", "1234"]], ["b", ["7 7"]]]));
  const g = report.groups["ALL real"];
  assertStrictEquals(g.lineCer, 0);
  assertStrictEquals(g.digitF1, 1);
  assertStrictEquals(report.falsePositives[0].characters, 2);
  // A line is a token too once its spaces are out.
  assertStrictEquals(score([truth(["1234"])], new Map([["a", ["12 34"]]])).groups.digits.tokenF1, 1);
});

Deno.test("units: found alone, merged, split, missed; print that was returned", () => {
  const unit = (x: number, text: string, by: Unit["by"] = "hand"): Unit => ({ box: [x, 0, 10, 10], text, by });
  const units = [unit(0, "7"), unit(20, "12"), unit(40, "3"), unit(60, "4"), unit(80, "x"), unit(100, "Name", "print")];
  const words: Box[] = [
    [0, 0, 10, 10],
    [20, 0, 30, 10], // over two units
    [60, 0, 4, 10], // with the next one 0.6 of its unit
    [66, 0, 2, 10],
    [80, 0, 5, 10], // half a unit
    [90, 0, 30, 10], // over print
  ];
  assertEquals(countUnits(units, words), {
    ...{ hand: 5, found: 1, merged: 2, split: 1, missed: 1, singles: 4, single: 1 },
    ...{ print: 1, printed: 1 },
  });
});

Deno.test("units: as much writing as a threshold returns with one in a hundred printed", () => {
  const at = (x: number): Box => [x, 0, 10, 10];
  const unit = (i: number, by: Unit["by"]): Unit => ({ box: at(20 * i), text: "7", by });
  // 200 written units, the surest first; print among the first half once, and often among the last ten.
  const by = (i: number) => i === 50 || i > 190 ? "print" : "hand";
  const units = Array.from({ length: 200 }, (_, i) => unit(i, by(i)));
  const found = units.map(({ box }, i) => ({ box, handwritten: 1 - i / 200 }));
  // What covers nothing, both, or what is labelled as neither tells nothing.
  found.push({ box: at(-50), handwritten: 1 }, { box: [20 * 190, 0, 30, 10], handwritten: 1 });
  units.push(unit(-90, "other"));
  found.push({ box: at(20 * -90), handwritten: 1 });
  const judged = handRecall([{ file: "a", units }], new Map([["a", found]]));
  assertEquals(judged, { precision: 190 / 191, recall: 1, threshold: 1 - 190 / 200, hand: 190, print: 10 });
  const none = handRecall(
    [{ file: "a", units: [unit(0, "print"), unit(1, "hand")] }],
    new Map([["a", found.slice(0, 2)]]),
  );
  assertEquals(none, { precision: 1, recall: 0, threshold: Infinity, hand: 1, print: 1 });
});

Deno.test("units: of texts alone nothing can be said, nor of an empty folder", () =>
  inFolder(async (folder) => {
    const predictions = join(folder, "read.jsonl");
    await Deno.writeTextFile(predictions, '{"file": "a.png", "lines": ["12"]}\n');
    const o = { charset: "text", perPage: false, predictions } as const;
    await assertRejects(() => evaluatePages({ ...o, units: folder }), Error, "no NAME.json");
    await Deno.writeTextFile(join(folder, "a.png.json"), '{"file": "a.png", "units": []}');
    await assertRejects(() => evaluatePages({ ...o, units: folder }), Error, "have no boxes");
    await assertRejects(() => evaluatePages(o), Error, "--manifest");
  }));

const SHARED = fromFileUrl(new URL("../../shared/", import.meta.url));
const DEV = join(SHARED, "data/pages/dev");

/** What a reference scorer prints, line by line; nothing where it cannot run as it should. */
async function reference(script: string, args: string[]): Promise<string[] | undefined> {
  const said = await run("python3", [join(SHARED, "tools", script), ...args]);
  // Without a library of its own it pairs lines another way, and says so.
  if (said?.code === 0 && said.err === "") return said.out.trimEnd().split("\n");
  console.log(
    `note: skipped, ${script} does not run here: ${said?.err.trim().split("\n").at(-1) ?? "there is no Python"}`,
  );
}

/** What `evaluate pages` prints, line by line. */
async function printed(o: PageOptions): Promise<string[]> {
  const { log } = console;
  const out: string[] = [];
  console.log = (line: string) => out.push(...line.split("\n"));
  try {
    await evaluatePages(o);
  } finally {
    console.log = log;
  }
  return out;
}

Deno.test("our scorer says of the peer's readings what the reference scorer says, page by page", async () => {
  const [manifest, predictions] = [join(DEV, "manifest.jsonl"), join(SHARED, "peers/dev-rapidocr-ppocrv6.jsonl")];
  if (!await Deno.stat(manifest).catch(() => undefined)) {
    return console.log("note: skipped, the dev pages are not here");
  }
  const theirs = await reference("score.py", [manifest, predictions, "--per-page"]);
  if (!theirs) return;
  const ours = await printed({ manifest, predictions, charset: "text", perPage: true });
  // Pages, the head, and groups are the same lines; groups may come in another order.
  const figures = (lines: string[]) => lines.filter((l) => /\d\.\d\d/.test(l)).map((l) => l.replace(/ +/g, " ")).sort();
  assertEquals(figures(ours), figures(theirs));
  const blank = (lines: string[]) => /(\d+) pages, (\d+) characters read/.exec(lines.find((l) => /^no hand/.test(l))!)!;
  assertEquals(blank(ours).slice(1), blank(theirs).slice(1));
});

Deno.test("units are counted as the reference counts them, page by page", () =>
  inFolder(async (folder) => {
    const units = join(DEV, "units");
    if (!await Deno.stat(units).catch(() => undefined)) return console.log("note: skipped, the dev pages are not here");
    // Words as a reader might return them: units whole, cut short, cut in two, and one with the next.
    const predictions = join(folder, "read.jsonl");
    const lines = (await readUnits(units)).map(({ file, units }) => {
      const words = units.flatMap(({ box: [x, y, w, h] }, i): Box[] => {
        const [nx, ny, nw, nh] = units[(i + 1) % units.length].box;
        const [left, top] = [Math.min(x, nx), Math.min(y, ny)];
        const both: Box = [left, top, Math.max(x + w, nx + nw) - left, Math.max(y + h, ny + nh) - top];
        const ways: Box[][] = [[[x, y, w, h]], [[x, y, w / 2, h], [x + w / 2, y, w / 2, h]], [both], [[
          x,
          y,
          w * .55,
          h,
        ]], []];
        return ways[(i + units.length) % ways.length];
      });
      return JSON.stringify({ file, lines: [{ text: "", words: words.map((box) => ({ box })) }] });
    });
    await Deno.writeTextFile(predictions, lines.join("\n") + "\n");
    const theirs = await reference("score_units.py", [units, predictions, "--per-page"]);
    if (!theirs) return;
    const ours = await printed({ units, predictions, charset: "text", perPage: true });
    assertStrictEquals(ours.at(-1), theirs.at(-1));
    assertMatch(ours.at(-1)!, /merged (?!0.000).* split (?!0.000).* missed (?!0.000).* returned (?!0.000)/);
    const counts = (line: string) =>
      Object.fromEntries([...line.matchAll(/'?(\w+)'?:? (\d+)(?=[ ,}]|$)/g)].map((m) => [m[1], m[2]]));
    assertEquals(
      ours.slice(0, -1).map((l) => counts(l.slice(40))),
      theirs.slice(0, -1).map((l) => counts(l.slice(36))),
    );
  }));

Deno.test("strokes are learnt from or held out by writer, and without any it is told that no words can be drawn", async () => {
  const data = await Deno.makeTempDir();
  const engine = await Engine.open();
  const refused = await assertRejects(() => evaluateWords(engine, data, { charset: "text", printed: "keep" }), Error);
  assertMatch(refused.message, /has no strokes of words: fetch them with data get unipen/);
  const folder = join(data, "strokes", "unipen");
  await Deno.mkdir(folder, { recursive: true });
  const writers = Array.from({ length: 40 }, (_, i) => `lab/${i}`);
  const strokes = [[[0, 0], [20, 100]], [[40, 60], [60, 0], [80, 60]]];
  await Deno.writeTextFile(
    join(folder, "words.jsonl"),
    writers.map((writer) => JSON.stringify({ text: "lv", writer, strokes }) + "\n").join(""),
  );
  const [learnt, held] = [(await readStrokes(data, "learnt")).words, (await readStrokes(data, "held")).words];
  assertEquals([...learnt, ...held].map((w) => w.writer).sort(), writers.toSorted());
  assert(held.length > 0 && learnt.length > held.length);
  await Deno.remove(data, { recursive: true });
});
