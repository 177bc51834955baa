/** Archives: lines of a pipe, shards of a manifest that are cut off and gone on with, what they are joined to, and plans. */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse as parseCsv } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { PDFDocument } from "pdf-lib";
import { commonFolder, documentsOf } from "../src/archive/documents.ts";
import { type Entry, parseEntry } from "../src/archive/entry.ts";
import { openManifest } from "../src/archive/manifest.ts";
import { chosen, planOf, randomOf } from "../src/archive/plan.ts";
import type { Placed } from "../src/archive/record.ts";
import { reportPage, Tally } from "../src/archive/report.ts";
import type { Source } from "../src/archive/shard_files.ts";
import { byBytes, parseShard, shardName, shardOf } from "../src/archive/shards.ts";
import { LONGEST_LINE, textLines } from "../src/archive/text_lines.ts";
import { keepManifest } from "../src/cli/shard.ts";
import schema from "../src/format/schema.json" with { type: "json" };
import { cli, inFolder, ocr, PAGES, run, start, until } from "./command.ts";

const page = (name: string) => join(PAGES, name);
const golden = (name: string) => Deno.readTextFile(page(`${name}.txt`));
const records = (text: string): Placed[] => text.trim().split("\n").map((l) => JSON.parse(l));
const textOf = (r: Placed) => "error" in r ? undefined : r.lines.map((l) => l.text + "\n").join("");
const names = (folder: string) => [...Deno.readDirSync(folder)].map((f) => f.name).sort();
const bytes = (text: string) => new TextEncoder().encode(text);
const unix = Deno.build.os !== "windows";

Deno.test("lines: ends of both kinds, empty ones left out, one without end bounded", async () => {
  const parts = ["a\r\n\r\nb", "c\n  \n", "é".repeat(LONGEST_LINE + 9), "\nlast"];
  const lines = await Array.fromAsync(textLines(ReadableStream.from(parts.map(bytes))));
  assertEquals(lines.map((l) => l.length), [1, 2, LONGEST_LINE + 1, 4]);
  assertEquals([lines[0], lines[1], lines[3]], ["a", "bc", "last"]);
  assertMatch(parseEntry(lines[2]).error!.message, /the line has more than 1000000 characters/);
});

Deno.test("an entry is a path or a JSON object, and what is neither says so", () => {
  assertEquals(parseEntry("a b.png"), { file: "a b.png" });
  const entry = { path: "a.pdf", pages: 3, password: "x", document: "d/7" };
  assertEquals(parseEntry(JSON.stringify(entry)), { file: "a.pdf", pages: "3", password: "x", document: "d/7" });
  assertEquals(parseEntry('{"path": "a", "template": "f.json"}'), { file: "a", template: "f.json" });
  assertEquals(parseEntry('{"file": "a.pdf", "id": "d"}'), { file: "a.pdf", document: "d" });
  for (
    const [line, why] of [
      ["{a", /begins like a JSON object and is none/],
      ['{"paht": "a"}', /has a key paht; known are path/],
      ['{"pages": "1"}', /names no file/],
      ['{"path": 7}', /path is to be a text/],
      ['{"path": "a", "file": "b"}', /twice, by two names/],
      ["-", /standard input/],
    ] as const
  ) assertMatch(parseEntry(line).error!.message, why);
});

Deno.test("shards: which of how many, from 0, and their names are in order", () => {
  assertEquals(parseShard("7/12"), { index: 7, of: 12 });
  for (const text of ["12/12", "1", "1/0", "-1/2", "1/2/3", "a/2"]) assertThrows(() => parseShard(text));
  const all = Array.from({ length: 12 }, (_, index) => ({ index, of: 12 }));
  assertEquals(all.map(shardName).sort(), all.map(shardName));
  assertEquals(all.map((s) => shardOf(`${shardName(s)}.jsonl`)), all);
  assertStrictEquals(shardOf("manifest.jsonl"), undefined);
});

Deno.test("shards by bytes: each input in one, none much larger than others, the same each time", () => {
  const random = randomOf(5);
  const sizes = Array.from({ length: 5000 }, () => Math.floor(1e6 * random() ** 4));
  const shards = byBytes(sizes, 7);
  const sums: number[] = Array(7).fill(0);
  shards.forEach((s, i) => sums[s] += sizes[i]);
  assert(Math.max(...sums) - Math.min(...sums) < 1e6 / 100, String(sums));
  assertEquals(byBytes(sizes, 7), shards);
  // One that is larger than all others together has a shard for itself.
  assertEquals([...byBytes([1, 100, 1, 1], 2)], [1, 0, 1, 1]);
  assertEquals([...byBytes([0, 0, 0, 0], 4)].sort(), [0, 1, 2, 3]);
});

Deno.test("documents: by name or by file, never outside their folder", async () => {
  const entries = async function* (all: Entry[]): AsyncGenerator<[number, Entry]> {
    yield* all.entries();
  };
  const { inputs, files } = await documentsOf(
    entries([{ file: "a" }, { file: "b", document: "d" }, { file: "a" }, { file: "c", document: "d" }]),
  );
  assertEquals([...inputs], [["a", [0, 2]], ["d", [1, 3]]]);
  assertEquals([...files], ["a"]);
  for (const document of ["../x", "/x", "a//b", "a/..", "."]) {
    const error = await documentsOf(entries([{ file: "a", document }])).catch((e) => e);
    assertMatch(error.message, /which is no name of a file in a folder/);
  }
  assertEquals(commonFolder(["s/a/1.png", "s/a/2.png", "s/ab/3.png"]), "s/");
  assertEquals([commonFolder(["/a/1", "b/1"]), commonFolder(["/a/1", "/b/1"]), commonFolder(["1"])], ["", "/", ""]);
});

Deno.test("a report adds up what was left blank to keep a promise", () => {
  const tally = new Tally();
  const page = { lines: [], file: "a.png" } as unknown as Placed;
  const source = { version: "0.1.0", manifest: "" } as Source;
  tally.record(page);
  assertStrictEquals(tally.report(source, 1, []).promise, undefined);
  for (const [fields, blank] of [[400, 20], [12, 7]]) {
    tally.record({ ...page, promise: { maxError: 0.005, fields, blank } });
  }
  const report = tally.report(source, 1, []);
  assertEquals(report.promise, { maxError: 0.005, fields: 412, blank: 27 });
  assertMatch(reportPage(report), /left blank for review.*27 of 412/);
  // Pages are timed by the clock, which is not what a core spent on them where it is shared.
  assertMatch(reportPage(report), /hours by the clock/);
});

Deno.test("plan: figures of a sample that is known, and a choice that is fair", () => {
  const sample = Array.from({ length: 50 }, () => ({ bytes: 1e6, pages: 2, seconds: 1.8, record: 5000 }));
  const plan = planOf(sample, 500_000, 10);
  assertEquals([plan.pages.value, plan.coreHours.value, plan.shards], [1e6, 500, 3000]);
  assertEquals([plan.gigabytesIn.value, plan.gigabytesOut.value, plan.secondsPerPage], [500, 5, 1.8]);
  assertEquals(plan.coreHours.low, plan.coreHours.high);
  const mixed = planOf([...sample, { bytes: 0, pages: 0, seconds: 0, record: 0 }], 500_000, 10);
  assert(mixed.unreadable === 1 && mixed.pages.low < mixed.pages.value && mixed.pages.value < mixed.pages.high);
  const times: number[] = Array(20).fill(0);
  const random = randomOf(1);
  for (let i = 0; i < 2000; i++) {
    const numbers = chosen(5, 20, random);
    assertStrictEquals(new Set(numbers).size, 5);
    numbers.forEach((n) => times[n]++);
  }
  // 500 each are expected; five standard deviations are 97.
  times.forEach((n) => assertAlmostEquals(n, 500, 97));
  assertEquals(chosen(5, 3, random), [0, 1, 2]);
});

Deno.test("--lines: records in the order of their lines, an error being one", async () => {
  const lines = [
    page("form.png"),
    "no-such-file.png",
    JSON.stringify({ path: page("scan.pdf"), pages: 2, document: "register/7" }),
    "",
    "{",
    page("two-pages.tif"),
    page("digits.png"),
  ];
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const outs: string[] = [];
  for (const jobs of ["1", "2"]) {
    const { code, out, err } = await ocr(["--lines", "-j", jobs], {
      stdin: bytes(lines.join("\n")),
      permissions: ["--allow-read"],
    });
    assertStrictEquals(code, 0, err);
    outs.push(out);
  }
  assertStrictEquals(outs[0], outs[1]);
  const all = records(outs[0]);
  for (const record of all) assert(validate(record), JSON.stringify(validate.errors));
  assertEquals(all.map((r) => [r.input, r.of, r.page]), [
    [0, 1, 1],
    [1, undefined, undefined],
    [2, 1, 2],
    [3, undefined, undefined],
    [4, 2, 1],
    [4, 2, 2],
    [5, 1, 1],
  ]);
  assertEquals(all.map((r) => "error" in r ? r.error.code : ""), ["", "access", "", "arguments", "", "", ""]);
  assertStrictEquals(textOf(all[0]), await golden("form.png"));
  assertStrictEquals(textOf(all[6]), await golden("digits.png"));
  assertStrictEquals(all[2].document, "register/7");
});

Deno.test("--lines answers each line before the next is asked for", async () => {
  const child = start(["--lines"]);
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (const name of ["digits.png", "note.png"]) {
    await writer.write(bytes(page(name) + "\n"));
    let answer = "";
    while (!answer.endsWith("\n")) answer += (await reader.read()).value;
    assertStrictEquals(textOf(JSON.parse(answer)), await golden(name));
  }
  await writer.close();
  assertStrictEquals((await reader.read()).done, true);
  await child.stderr.cancel();
  assertStrictEquals((await child.status).code, 0);
});

Deno.test("arguments alone end with 2, before anything is read", () =>
  inFolder(async (folder) => {
    const list = join(folder, "list.txt");
    await Deno.writeTextFile(list, "a.png\n");
    await Deno.writeTextFile(join(folder, "none.txt"), "\n\n");
    const [gone, broken, begun] = ["gone.json", "broken.json", "begun"].map((n) => join(folder, n));
    await Deno.writeTextFile(broken, "{");
    const ofList = ["--manifest", list, "-o", begun];
    for (
      const [args, why] of [
        [["--lines", "a.png"], /leave out a\.png/],
        [["--lines", "-f", "csv"], /writes JSON Lines: leave out -f csv/],
        [["--lines", "--shard-by", "bytes"], /does not go with --shard-by/],
        [["--lines", "--pattern", "("], /pattern/],
        [["--shard", "0/2", "-o", folder], /name it with --manifest/],
        [["--manifest", list, "--shard", "2/2", "-o", folder], /the last of 2 is 1\/2/],
        [["--manifest", list, "--shard", "0/2"], /needs a folder to write to/],
        [["--manifest", join(folder, "none.txt"), "-o", folder], /it lists nothing/],
        [["--manifest", join(folder, "gone.txt"), "-o", folder], /cannot be read/],
        [["--manifest", list, "--shrad", "0/2"], /did you mean --shard/],
        [["--manifest", folder, "-o", begun], /it is a folder/],
        [["--manifest", "/dev/stdin", "-o", begun], /it is read more than once|cannot be read/],
        [[...ofList, "--model", gone], /cannot read the model/],
        [[...ofList, "--template", gone], /the form .*gone\.json: there is no such file/],
        [[...ofList, "--template", broken], /broken\.json is no template/],
        [[...ofList, "--template", join(folder, "none.txt")], /the form .*none\.txt: the file is/],
        [[...ofList, "--max-error", "1%", "--recalibrate", gone], /cannot read .*gone\.json/],
        [[...ofList, "--pattern", "("], /pattern/],
        [["--lines", "--model", gone], /cannot read the model/],
        [["--lines", "--template", gone], /the form .*gone\.json/],
      ] as const
    ) {
      const { code, err } = await ocr([...args]);
      assertStrictEquals(code, 2, err);
      assertMatch(err, why);
    }
    assert(!names(folder).includes("begun"));
  }));

Deno.test("--lines writes over nothing unless it is told to", () =>
  inFolder(async (folder) => {
    const there = join(folder, "there.jsonl");
    await Deno.writeTextFile(there, "kept");
    const [refused, forced] = [await ocr(["--lines", "-o", there]), await ocr(["--lines", "-o", there, "--force"])];
    assertEquals([refused.code, forced.code], [4, 0], forced.err);
    assertMatch(refused.err, /there\.jsonl is there already: --force writes over it/);
    assertStrictEquals(await Deno.readTextFile(there), "");
  }));

/** A manifest with a register of three files, a PDF, a file that is not there, and one that is listed in two parts. */
async function manifestIn(folder: string): Promise<string> {
  const list = join(folder, "list.jsonl");
  const lines = [
    page("form.png"),
    { path: page("note.png"), document: "register/1" },
    page("no-such-file.png"),
    { path: page("two-pages.tif"), pages: "1" },
    { path: page("scan.pdf"), document: "register/1" },
    page("table.png"),
    { path: page("two-pages.tif"), pages: 2 },
    page("digits.jpg"),
    { path: page("digits.png"), document: "register/1" },
  ];
  await Deno.writeTextFile(list, lines.map((l) => (typeof l === "string" ? l : JSON.stringify(l)) + "\n").join(""));
  return list;
}

const shard = (list: string, i: string, out: string, ...more: string[]) =>
  ocr(["-q", "-j", "1", "--manifest", list, "--shard", i, "-o", out, ...more]);

Deno.test("shards joined are the bytes of one run, in every form; what is missing or there twice is told", () =>
  inFolder(async (folder) => {
    const list = await manifestIn(folder);
    const [one, parts, sized] = ["one", "parts", "sized"].map((n) => join(folder, n));
    const whole = await shard(list, "0/1", one);
    assertStrictEquals(whole.code, 0, whole.err);
    for (const i of ["2/3", "0/3"]) assertStrictEquals((await shard(list, i, parts)).code, 0);
    const early = await cli("merge", parts);
    assertStrictEquals(early.code, 2);
    assertMatch(early.err, /1 of 3 shards are not done: 1\/3; run them again with --resume/);
    assertStrictEquals((await shard(list, "1/3", parts, "--resume")).code, 0);
    assertEquals(names(parts).filter((n) => n.includes("-1-")), [
      "shard-1-of-3.done",
      "shard-1-of-3.journal",
      "shard-1-of-3.jsonl",
    ]);
    // Begun again without a word what to do, it is left as it is; with it, there is nothing to do.
    assertMatch((await shard(list, "1/3", parts)).err, /is there already: --resume goes on with it, --force begins/);
    assertStrictEquals((await shard(list, "1/3", parts, "--resume")).code, 0);
    const other = await shard(list, "1/3", parts, "--resume", "--charset", "digits");
    assertStrictEquals(other.code, 2);
    assertMatch(other.err, /was begun with other options/);
    for (const i of ["0/2", "1/2"]) {
      assertStrictEquals((await shard(list, i, sized, "--shard-by", "bytes")).code, 0);
    }

    const formats = ["jsonl", "csv", "parquet", "alto", "page", "hocr", "pdf", "txt"].flatMap((f) => ["-f", f]);
    for (const out of [one, parts, sized]) {
      const merged = await cli("merge", ...formats, out);
      assertStrictEquals(merged.code, 0, merged.err);
      assertMatch(merged.err, /9 inputs, 6 documents, 9 pages, \d+ words, 1 access, [\dms ]+ by the clock/);
    }
    const files = async (out: string) => (await run("sh", ["-c", `cd '${out}/merged' && find . -type f | sort`]))!.out;
    assertStrictEquals(await files(parts), await files(one));
    for (const name of (await files(one)).trim().split("\n").filter((n) => !n.includes("report."))) {
      const made = await Promise.all([one, parts, sized].map((out) => Deno.readFile(join(out, "merged", name))));
      assertEquals(made[1], made[0], name);
      assertEquals(made[2], made[0], name);
    }

    const merged = (...name: string[]) => join(one, "merged", ...name);
    const all = records(await Deno.readTextFile(merged("pages.jsonl")));
    assertEquals(all.map((r) => r.input), [0, 1, 2, 3, 4, 4, 5, 6, 7, 8]);
    const words = all.flatMap((r) => "error" in r ? [] : r.lines.flatMap((l) => l.words));
    const report = JSON.parse(await Deno.readTextFile(merged("report.json")));
    assertEquals([report.inputs, report.documents, report.pages, report.words], [9, 6, 9, words.length]);
    assertEquals(report.errors, { access: 1 });
    assertStrictEquals(report.confidence.counts.reduce((a: number, b: number) => a + b), words.length);
    assert(report.seconds > 0 && report.failed[0].input === 2);
    assertMatch(await Deno.readTextFile(merged("report.html")), /Words by confidence/);
    const cells: Record<string, string>[] = parseCsv(await Deno.readTextFile(merged("cells.csv")), { columns: true });
    assertStrictEquals(cells.map((c) => c.text).join(" "), words.map((w) => w.text).join(" "));
    // The three files of a register are one document of four pages, counted through.
    const alto = await Deno.readTextFile(merged("documents", "register", "1.alto.xml"));
    assertEquals([...alto.matchAll(/PHYSICAL_IMG_NR="(\d)"/g)].map((m) => m[1]), ["1", "2", "3", "4"]);
    const pdf = await PDFDocument.load(await Deno.readFile(merged("documents", "register", "1.pdf")));
    assertStrictEquals(pdf.getPageCount(), 4);
    assertEquals(names(merged("documents", "register")).filter((n) => n.endsWith(".page.xml")), [
      "1.1.page.xml",
      "1.2.page.xml",
      "1.3.page.xml",
      "1.4.page.xml",
    ]);
    assertStrictEquals(
      await Deno.readTextFile(merged("documents", "two-pages.txt")),
      await golden("two-pages.tif"),
    );
    assert(!names(merged("documents")).some((n) => n.startsWith("no-such-file")));

    const again = await cli("merge", one);
    assertStrictEquals(again.code, 4);
    assertMatch(again.err, /report\.json is there already: --force/);
    // Shards of other options are not joined, and the message says what differs.
    const done = join(parts, "shard-1-of-3.done");
    const made = await Deno.readTextFile(done);
    for (const [key, why] of [["how", /with other options than/], ["by", /with another --shard-by than/]] as const) {
      await Deno.writeTextFile(done, JSON.stringify({ ...JSON.parse(made), [key]: "x" }) + "\n");
      assertMatch((await cli("merge", "--force", parts)).err, why);
    }
    await Deno.writeTextFile(done, made);
    // Records that are not the input's own are not taken.
    const journal = join(parts, "shard-0-of-3.journal");
    const lines = (await Deno.readTextFile(journal)).replace('"input":3', '"input":4');
    await Deno.writeTextFile(journal, lines);
    assertMatch((await cli("merge", "--force", parts)).err, /1 inputs twice: 4/);
    await Deno.writeTextFile(join(parts, "shard-0-of-4.done"), "");
    assertMatch((await cli("merge", "--force", parts)).err, /holds shards of 3 and of 4/);
  }));

Deno.test("documents have their inputs in the order of the manifest, and a file as often as it is listed", () =>
  inFolder(async (folder) => {
    const list = join(folder, "list.jsonl");
    const [tif, pdf, sum] = ["two-pages.tif", "scan.pdf", "sum.png"].map(page);
    const entries = [
      { path: tif, pages: "2", document: "mixed" },
      { path: sum, document: "mixed" },
      { path: pdf, pages: "2", document: "mixed" },
      { path: tif, document: "mixed" },
      { path: page("no-such-file.png"), document: "mixed" },
      { path: pdf, pages: "2-" },
      { path: pdf },
    ];
    await Deno.writeTextFile(list, entries.map((e) => JSON.stringify(e) + "\n").join(""));
    const out = join(folder, "out");
    assertStrictEquals((await shard(list, "0/1", out)).code, 0);
    const formats = ["alto", "hocr", "page", "pdf", "tsv", "txt"];
    const merged = await cli("merge", ...formats.flatMap((f) => ["-f", f]), out);
    assertStrictEquals(merged.code, 0, merged.err);
    const text = (name: string) => Deno.readTextFile(join(out, "merged", "documents", name));
    const read = records(await Deno.readTextFile(join(out, "shard-0-of-1.jsonl"))).filter((r) => !("error" in r));
    const words = (all: Placed[]) => all.flatMap((r) => "error" in r ? [] : r.lines.flatMap((l) => l.words));
    const documents: [string, Placed[]][] = [
      ["mixed", read.filter((r) => r.document !== undefined)],
      ["scan", read.filter((r) => r.document === undefined)],
    ];
    for (const [name, pages] of documents) {
      const numbers = pages.map((_, i) => String(i + 1));
      assertStrictEquals(await text(`${name}.txt`), pages.map(textOf).join("\f"));
      const rows = (await text(`${name}.tsv`)).trim().split("\n").map((l) => l.split("\t"));
      assertEquals(rows.filter(([level]) => level === "1").map((r) => r[1]), numbers);
      assertEquals(rows.filter(([level]) => level === "5").map((r) => r[11]), words(pages).map((w) => w.text));
      const alto = await text(`${name}.alto.xml`);
      assertEquals([...alto.matchAll(/PHYSICAL_IMG_NR="(\d)"/g)].map((m) => m[1]), numbers);
      assertStrictEquals([...alto.matchAll(/<String /g)].length, words(pages).length);
      const hocr = await text(`${name}.hocr`);
      assertEquals([...hocr.matchAll(/id="page_(\d)"/g)].map((m) => m[1]), numbers);
      for (const [i, { file }] of pages.entries()) {
        assertMatch(await text(`${name}.${i + 1}.page.xml`), new RegExp(`imageFilename="${file}"`));
      }
    }
    const sources = read.filter((r) => r.document !== undefined).map((r) => r.file);
    const identified = (await text("mixed.alto.xml")).matchAll(/<fileIdentifier>([^<]*)/g);
    assertEquals([...identified].map((m) => m[1]), sources);
    const images = (await text("mixed.hocr")).matchAll(/title="image &quot;(.*?)&quot;/g);
    assertEquals([...images].map((m) => m[1]), sources);
    assertEquals(documents.map(([, pages]) => pages.length), [5, 3]);
    // Of a PDF that is a part of a document its other pages stay away.
    const sizes = async (name: string) => {
      const made = await PDFDocument.load(await Deno.readFile(join(out, "merged", "documents", name)));
      return made.getPages().map((p) => p.getWidth() / p.getHeight());
    };
    for (const [name, pages] of documents) {
      const found = await sizes(`${name}.pdf`);
      assertStrictEquals(found.length, pages.length);
      pages.forEach((p, i) => "error" in p || assertAlmostEquals(found[i], p.width / p.height, 0.01));
    }
  }));

Deno.test({
  name: "kill -9 of a shard, and --resume: the bytes of a run that was not cut off",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const list = await manifestIn(folder);
      const [whole, cut] = [join(folder, "whole"), join(folder, "cut")];
      assertStrictEquals((await shard(list, "0/1", whole)).code, 0);
      const name = join(cut, "shard-0-of-1");
      const size = (path: string) => {
        try {
          return Deno.statSync(path).size;
        } catch {
          return 0;
        }
      };
      const args = ["-q", "-j", "1", "--manifest", list, "-o", cut, "--resume"];
      const child = start(args);
      await until("some records are written", () => size(`${name}.jsonl`) > 0);
      child.kill("SIGKILL");
      await child.output();
      await child.stdin.close().catch(() => {});
      // Cut off within a line of either file.
      await Deno.writeTextFile(`${name}.jsonl`, '{"input":', { append: true });
      await Deno.writeTextFile(`${name}.journal`, '{"inp', { append: true });
      assertStrictEquals((await ocr(args)).code, 0);
      assertEquals(await Deno.readFile(`${name}.jsonl`), await Deno.readFile(join(whole, "shard-0-of-1.jsonl")));
      // Records that were lost, as by a power cut, are read again.
      await Deno.truncate(`${name}.jsonl`, 100);
      assertStrictEquals((await ocr(args)).code, 0);
      assertEquals(await Deno.readFile(`${name}.jsonl`), await Deno.readFile(join(whole, "shard-0-of-1.jsonl")));
    }),
});

Deno.test({
  name: "two processes with one shard: the second waits, and finds it done",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const list = await manifestIn(folder);
      const out = join(folder, "out");
      const both = await Promise.all([0, 1].map(() => shard(list, "0/1", out, "--resume")));
      assertEquals(both.map((b) => b.code), [0, 0], both.map((b) => b.err).join(""));
      assertEquals(
        records(await Deno.readTextFile(join(out, "shard-0-of-1.jsonl"))).map((r) => r.input),
        [0, 1, 2, 3, 4, 4, 5, 6, 7, 8],
      );
    }),
});

Deno.test("the manifest is kept whole however many begin at once", () =>
  inFolder(async (folder) => {
    const list = await manifestIn(folder);
    const out = join(folder, "out");
    const manifest = await openManifest(list);
    await Promise.all(Array.from({ length: 20 }, () => keepManifest(manifest, out)));
    assertEquals(names(out), ["manifest.jsonl"]);
    assertStrictEquals(await Deno.readTextFile(join(out, "manifest.jsonl")), await Deno.readTextFile(list));
  }));

Deno.test("parquet: a row a word, one schema whatever the pages hold", () =>
  inFolder(async (folder) => {
    const to = join(folder, "words.parquet");
    const { code, err } = await ocr(["-q", "-f", "parquet", "-o", to, page("form.png"), page("print.png")]);
    assertStrictEquals(code, 0, err);
    const read = async (path: string) => {
      const bytes = await Deno.readFile(path);
      return await parquetReadObjects({ file: bytes.buffer });
    };
    const rows = await read(to);
    const lines = (await golden("form.png")).trim().split("\n");
    assertStrictEquals(rows.map((r) => r.text).join(" "), lines.join(" "));
    assertEquals([...new Set(rows.map((r) => r.line_text))], lines);
    assertEquals(Object.keys(rows[0]).slice(0, 8).join(), "document,file,page,region,line,word,text,confidence");
    assertEquals([typeof rows[0].x, typeof rows[0].confidence, rows[0].page], ["number", "number", 1]);
    // A page without words is a table without rows.
    const none = join(folder, "none.parquet");
    assertStrictEquals((await ocr(["-q", "-f", "parquet", "-o", none, page("print.png")])).code, 0);
    assertEquals(await read(none), []);
  }));

Deno.test("plan says what a manifest will take", () =>
  inFolder(async (folder) => {
    const list = await manifestIn(folder);
    const json = join(folder, "plan.json");
    const { code, out, err } = await cli("plan", "--manifest", list, "--json", json);
    assertStrictEquals(code, 0, err);
    assertMatch(err, /input 2, .*no-such-file\.png: there is no such file/);
    assertMatch(out, /^inputs +9; 9 of them sampled, 1 of those unreadable\npages +9\n[^]*core-hours[^]*--shard I\/1 /);
    assertMatch(
      out,
      /\ncore-hours +0\.\d*[1-9]\d*\n[^]*\nbytes to read +\d[\d.]* [kM]B\nbytes of results +\d[\d.]* [kM]B\n/,
    );
    const plan = JSON.parse(await Deno.readTextFile(json));
    assertEquals([plan.inputs, plan.sampled, plan.unreadable, plan.pages.value, plan.shards], [9, 9, 1, 9, 1]);
    assert(plan.coreHours.value > 0 && plan.gigabytesOut.value > 0);
  }));
