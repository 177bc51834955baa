/** What is said, and what several inputs become: notes, names, tables over files, folders within folders, print that is marked. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { parse as parseCsv } from "csv-parse/sync";
import type { Page } from "../src/engine/types.ts";
import { FORMATS } from "../src/format/mod.ts";
import { manPage } from "../src/cli/man.ts";
import { completions } from "../src/cli/completions.ts";
import { outputNames } from "../src/cli/writers.ts";
import { REMOTE_SETS } from "../src/data/sets.ts";
import { COMMANDS, usage } from "../src/options.ts";
import { PRESETS } from "../src/train/presets.ts";
import { has, inFolder, ocr, PAGES, program, ROOT, run } from "./command.ts";

const page = (name: string) => join(PAGES, name);

Deno.test("where nothing is written by hand one note says so, and how print is shown", async () => {
  const { code, out, err } = await ocr([page("print.png")]);
  assertStrictEquals(code, 0);
  assertStrictEquals(out, "");
  assertMatch(err, /^note: no handwriting; \d+ words of print left out \(--printed mark shows them\)\n$/);
  assertStrictEquals((await ocr(["-q", page("print.png")])).err, "");
  const both = await ocr(["-f", "jsonl", page("print.png"), page("digits.png")]);
  assert(!both.err.includes("no handwriting"), both.err);
  assertMatch(
    (await ocr(["--pattern", "x{7}", page("digits.png")])).err,
    /nothing fits the pattern; \d+ words left out/,
  );
  const sure = ["--min-conf", "1", page("digits.png")];
  assertMatch((await ocr(sure)).err, /^note: nothing is as sure as --min-conf 1; \d+ words left out\n$/);
  // Of what fits no pattern nobody asks how sure it is.
  assertMatch((await ocr(["--pattern", "x{7}", ...sure])).err, /nothing fits the pattern; \d+ words left out/);
});

Deno.test("--watch takes no further files", async () => {
  const { code, err } = await ocr(["--watch", PAGES, "-o", "/nowhere/", "a.png"]);
  assertStrictEquals(code, 1);
  assertMatch(err, /--watch .* reads what comes into that folder: leave out a\.png/);
});

Deno.test("csv of several files is one table with a column for the file", async () => {
  const files = [page("table.png"), page("form.png")];
  const rows: string[][] = parseCsv((await ocr(["-q", "-f", "csv", ...files])).out);
  assertEquals(rows[0].slice(0, 2), ["file", "column 1"]);
  assertEquals([...new Set(rows.slice(1).map((r) => r[0]))], [files[0], "", files[1]]);
  const boxes: Record<string, string>[] = parseCsv((await ocr(["-q", "-f", "csv", "--csv-boxes", ...files])).out, {
    columns: true,
  });
  assertEquals([...new Set(boxes.map((r) => r.file))], files);
  // Of one file alone there is no such column.
  assertStrictEquals(parseCsv((await ocr(["-q", "-f", "csv", files[1]])).out)[0].length, 1);
});

Deno.test("--recursive reads folders within folders, and writes to such", () =>
  inFolder(async (folder) => {
    const inside = join(folder, "in", "deep", "er");
    await Deno.mkdir(inside, { recursive: true });
    await Deno.mkdir(join(folder, "in", ".hidden"));
    for (const to of ["in/a.png", "in/deep/er/a.png", "in/.hidden/a.png"]) {
      await Deno.copyFile(page("digits.png"), join(folder, to));
    }
    const out = join(folder, "out");
    const { code, err } = await ocr(["-r", "-o", `${out}/`, join(folder, "in")]);
    assertStrictEquals(code, 0, err);
    assertMatch(err, /2 of 2 files read/);
    const same = await Deno.readTextFile(join(out, "a.txt"));
    assertStrictEquals(await Deno.readTextFile(join(out, "deep", "er", "a.txt")), same);
    assertMatch((await ocr([join(folder, "in")])).out, /\d/);
  }));

Deno.test("outputs of --recursive, whatever the folder is called", () => {
  const names = (files: string[], roots: string[]) => [...outputNames(files, "out", roots).values()];
  assertEquals(names(["s/a.png", "s/x/a.png"], ["./s/"]), ["out/a", "out/x/a"]);
  assertEquals(names(["a.png", "x/a.png", "x/a.pdf"], ["."]), ["out/a", "out/x/a.png", "out/x/a.pdf"]);
});

Deno.test({
  name: "a name that is not UTF-8 is told",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      // Only a shell can make one.
      await run("sh", ["-c", `cp '${page("digits.png")}' "$(printf '${folder}/a\\377.png')"`]);
      const { code, err } = await ocr([folder]);
      assertStrictEquals(code, 5);
      assertMatch(err, /its name is not UTF-8, or holds \ufffd: rename it/);
    }),
});

const [marked, kept] = await Promise.all(["mark", "keep"].map(async (printed): Promise<Page> => {
  const { out } = await ocr(["-q", "-f", "jsonl", "--printed", printed, page("form.png")]);
  return JSON.parse(out);
}));

const written = async (format: string, p: Page) =>
  await FORMATS[format].write({
    file: "a.png",
    pages: [p],
    failed: [],
    pictures: [{ kind: "png" as const, bytes: new Uint8Array(), orientation: 1 }],
    bytes: new Uint8Array(),
  }, {
    csvBoxes: true,
  }) as string;

Deno.test("--printed mark: every format that can tells print from handwriting; keep: none does", async () => {
  const words = marked.lines.flatMap((l) => l.words);
  const prints = words.filter((w) => w.production === "printed").length;
  assert(prints > 3 && prints < words.length);
  const marks: Record<string, RegExp> = {
    hocr: /<span class="ocrx_word"[^>]*x_production printed/g,
    alto: /<String [^>]*TAGREFS="printed"/g,
    page: /<Word [^>]*production="printed"/g,
    tsv: /\tprinted\n/g,
    overlay: /stroke-dasharray/g,
  };
  for (const [format, mark] of Object.entries(marks)) {
    assertStrictEquals([...(await written(format, marked)).matchAll(mark)].length, prints, format);
    assertStrictEquals([...(await written(format, kept)).matchAll(mark)].length, 0, format);
  }
  // A cell of a table may hold several words.
  assertMatch(await written("csv", marked), /,production\r\n[^]*,printed\r\n[^]*,handwritten\r\n/);
  assert(!(await written("csv", kept)).includes("production"));
  assertEquals(kept.lines.map((l) => l.text), marked.lines.map((l) => l.text));
  assert(kept.lines.flatMap((l) => l.words).every((w) => w.production === "handwritten"));
});

Deno.test("tsv: a cell that begins with a quotation mark is quoted, one that holds it is not", async () => {
  const [line] = marked.lines;
  const texts = ['"a" b', '5"'];
  const words = texts.map((text) => ({ ...line.words[0], text }));
  const tsv = await written("tsv", {
    ...marked,
    options: { ...marked.options, printed: "drop" },
    lines: [{ ...line, words }],
    regions: [{ ...marked.regions[0], lines: [0] }],
  });
  assertEquals(tsv.trimEnd().split("\n").slice(-2).map((row) => row.split("\t").at(-1)), ['"""a"" b"', '5"']);
});

Deno.test("txt: a page that cannot be read keeps its form feed", async () => {
  const two = { ...marked, page: 2 };
  const text = await FORMATS.txt.write(
    { file: "a.pdf", pages: [two], failed: [3, 1], pictures: [], bytes: new Uint8Array() },
    { csvBoxes: false },
  ) as string;
  assertEquals(text.split("\f").map((p) => p !== ""), [false, true, false]);
});

Deno.test("completions name the commands that there are, and no more", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const script = completions(shell, ["ocr", "doctor"]);
    assert(script.includes("doctor") && !script.includes("evaluate"), shell);
  }
  const cli = (file: string) => run(Deno.execPath(), ["run", "-q", join(ROOT, "src", file), "completions", "fish"]);
  assert((await cli("cli.ts"))!.out.includes("evaluate"));
  assert(!(await cli("binary.ts"))!.out.includes("evaluate"));
});

Deno.test("files without a command are read; what is no command is told", async () => {
  const cli = (...args: string[]) => program("binary.ts", args);
  assertMatch((await cli("-q", page("digits.png"))).out, /^\d/);
  assertMatch((await cli("--version")).out, /^scrawl \d/);
  const wrong = await cli("orc");
  assertStrictEquals(wrong.code, 1);
  assertMatch(wrong.err, /no command orc; did you mean ocr/);
});

Deno.test("--help has examples, and each of them is parsed", async () => {
  const { parse } = await import("../src/options.ts");
  assert(usage(COMMANDS.ocr).includes("\nExamples:\n"));
  for (const command of Object.values(COMMANDS)) {
    assert(command.examples?.length, `${command.name} has none`);
    for (const [args] of command.examples) parse(command, args.split(" "));
  }
});

Deno.test("--help of train and of data names each preset and each set", () => {
  for (const name of Object.keys(PRESETS)) assert(COMMANDS.train.summary.includes(name), name);
  for (const name of Object.keys(REMOTE_SETS)) assert(COMMANDS.data.summary.includes(name), name);
});

Deno.test("what node says of arguments is told in one line", async () => {
  const { code, err } = await ocr(["--min-conf", "-1", page("form.png")]);
  assertStrictEquals(code, 1);
  assertStrictEquals(err, "scrawl ocr: Option '--min-conf' argument is ambiguous (see ocr --help)\n");
});

Deno.test({
  name: "the manual page has every option, and man has nothing to say against it",
  ignore: !await has("groff"),
  fn: async () => {
    const text = manPage(["ocr", "doctor"]);
    for (const o of COMMANDS.ocr.options) assert(text.includes(`--${o.name}`.replaceAll("-", "\\-")), o.name);
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, text);
    const { code, out, err } = (await run("groff", ["-man", "-Tutf8", "-ww", "-z", file]))!;
    assertEquals([code, out, err], [0, "", ""]);
    await Deno.remove(file);
  },
});
