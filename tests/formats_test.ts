/** Every format, checked by validators and readers that others wrote; those that are programs are skipped where they are not installed. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse as parseCsv } from "csv-parse/sync";
import { degrees, PDFDocument } from "pdf-lib";
import type { Line, Page, Word } from "../src/engine/types.ts";
import { rowsOf } from "../src/format/csv.ts";
import { escapeXml } from "../src/format/document.ts";
import { FORMATS } from "../src/format/mod.ts";
import { leaveBlank } from "../src/promise/blank.ts";
import { rejectUnsure } from "../src/regions.ts";
import schema from "../src/format/schema.json" with { type: "json" };
import { has, inFolder, ocr, PAGES, ROOT, run } from "./command.ts";

const out = await Deno.makeTempDir();
const INPUTS = ["form.png", "note.png", "table.png", "two-pages.tif"];
const { code, err } = await ocr([
  ...Object.keys(FORMATS).flatMap((f) => ["-f", f]),
  ...["-o", `${out}/`],
  ...INPUTS.map((n) => join(PAGES, n)),
]);
assertStrictEquals(code, 0, err);
/** What was made, by the ends of the names. */
const made = (suffix: string) =>
  [...Deno.readDirSync(out)].map((f) => join(out, f.name)).filter((n) => n.endsWith(suffix)).sort();
const text = (name: string) => Deno.readTextFile(join(out, name));
const page: Page = JSON.parse(await text("form.jsonl"));
const words = page.lines.flatMap((l) => l.words);
assert(words.length > 2);

Deno.test("json and jsonl follow the published schema", async () => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  for (const name of made(".json")) {
    assert(validate(JSON.parse(await Deno.readTextFile(name))), JSON.stringify(validate.errors));
  }
  const lines = (await Promise.all(made(".jsonl").map((n) => Deno.readTextFile(n)))).join("").trimEnd().split("\n");
  assertStrictEquals(lines.length, INPUTS.length + 1);
  for (const line of lines) assert(validate(JSON.parse(line)), JSON.stringify(validate.errors));
  const failure = (await ocr(["-f", "jsonl", "no-such-file.png"])).out;
  assert(validate(JSON.parse(failure)), JSON.stringify(validate.errors));
  for (const wrong of [{ ...page, width: "wide" }, { ...page, extra: 1 }, { ...page, digest: "none" }]) {
    assert(!validate(wrong));
  }
});

Deno.test("tsv has Tesseract's columns, and the page's words in them", async () => {
  const rows = (await text("form.tsv")).trimEnd().split("\n").map((r) => r.split("\t"));
  assertStrictEquals(
    rows[0].join(" "),
    "level page_num block_num par_num line_num word_num left top width height conf text",
  );
  assert(rows.every((r) => r.length === 12));
  for (const r of rows.slice(1)) {
    r.slice(0, 11).forEach((v) => assert(v !== "" && !Number.isNaN(Number(v)), r.join(" ")));
  }
  assertEquals(rows.filter((r) => r[0] === "5").map((r) => r[11]), words.map((w) => w.text));
});

/** The filled-in table of `tests/pages/table.png`, which leans. */
const TABLE = [["1", "204", "75", "9.50"], ["2", "", "68", "12.25"], ["3", "197", "71", ""], ["4", "186", "", "8.40"], [
  "5",
  "211",
  "64",
  "10.75",
]];

Deno.test("csv: a table has its rows and columns, empty cells too, read back by a library", async () => {
  assertEquals(parseCsv(await text("table.csv")), TABLE);
  assertEquals(parseCsv(await text("form.csv")), words.map((w) => [w.text]));
});

Deno.test("csv: pages follow one another, all rows as wide as the widest", async () => {
  const { out: both } = await ocr(["-f", "json", join(PAGES, "two-pages.tif")]);
  const texts = JSON.parse(both).pages.map((p: Page) => p.lines.map((l) => l.words.map((w) => w.text)).flat());
  const rows: string[][] = parseCsv(await text("two-pages.csv"));
  assertEquals(rows.flat().filter(Boolean), texts.flat());
  assertStrictEquals(rows.filter((r) => r.every((c) => c === "")).length, 1, "a row between the pages");
});

Deno.test("csv --csv-boxes: a row a cell, with confidence and place", async () => {
  const { out: boxes } = await ocr(["-f", "csv", "--csv-boxes", join(PAGES, "table.png")]);
  const rows: Record<string, string>[] = parseCsv(boxes, { columns: true });
  const filled = TABLE.flatMap((r, i) => r.map((text, k) => ({ row: `${i + 1}`, column: `${k + 1}`, text })))
    .filter((c) => c.text !== "");
  assertEquals(rows.map(({ row, column, text }) => ({ row, column, text })), filled);
  const table: Page = JSON.parse(await text("table.jsonl"));
  for (const r of rows) {
    assert(+r.confidence > 0 && +r.confidence <= 1 && r.page === "1" && r.table === "1");
    const word = table.lines.flatMap((l) => l.words).find((w) => w.text === r.text)!;
    assertEquals([r.x, r.y, r.width, r.height].map(Number), word.box);
  }
});

Deno.test("csv: cells start no formula, and are read back as they were written", () => {
  const texts = ["=1+1", "@x", "-5+A1", "+cmd", "\t=1", 'a "b", c', "two\nlines", "-", "-5", "+1.5", "12 %", "x"];
  const safe = ["'=1+1", "'@x", "'-5+A1", "'+cmd", "'\t=1", ...texts.slice(5)];
  assertEquals(parseCsv(rowsOf([texts])), [safe]);
});

Deno.test("text is escaped in XML", () => {
  assertStrictEquals(
    escapeXml(`<a href="x">&'\u0000\ud800</a>`),
    "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\ufffd\ufffd&lt;/a&gt;",
  );
});

Deno.test({
  name: "hOCR, ALTO, PAGE and the overlay are well-formed XML",
  ignore: !await has("xmllint"),
  fn: async () => {
    const files = [".hocr", ".alto.xml", ".page.xml", ".svg"].flatMap(made);
    assertStrictEquals(files.length, 4 * INPUTS.length + 1);
    const { code, err } = (await run("xmllint", ["--noout", "--nonet", ...files]))!;
    assertStrictEquals(code, 0, err);
    assertStrictEquals(err, "");
  },
});

// Schemas that others ship, where these variables say they are; see .ci/run. The one of ALTO is 4.3, to which 4.4 adds only three
// attributes of a page that we do not write.
for (const [format, file] of [["page", Deno.env.get("SCRAWL_PAGE_XSD")], ["alto", Deno.env.get("SCRAWL_ALTO_XSD")]]) {
  Deno.test({
    name: `${format!.toUpperCase()} follows its schema`,
    ignore: !file || !await has("xmllint"),
    fn: async () => {
      const { code, err } =
        (await run("xmllint", ["--noout", "--nonet", "--schema", file!, ...made(`.${format}.xml`)]))!;
      assertStrictEquals(code, 0, err);
      // And it is no schema that takes anything.
      const broken = join(out, "broken.xml");
      const [good] = made(`.${format}.xml`);
      await Deno.writeTextFile(broken, (await Deno.readTextFile(good)).replaceAll("TextLine", "TextLyne"));
      assert((await run("xmllint", ["--noout", "--nonet", "--schema", file!, broken]))!.code !== 0);
    },
  });
}

Deno.test("PAGE and ALTO have the words, their confidences and other readings, and say that they are handwritten", async () => {
  const [pageXml, altoXml] = [await text("table.page.xml"), await text("table.alto.xml")];
  const words = (JSON.parse(await text("table.jsonl")) as Page).lines.flatMap((l) => l.words);
  const others = words.flatMap((w) => w.alternatives);
  assert(others.length > 0);
  for (const w of words) {
    const conf = w.confidence.toFixed(4);
    assert(pageXml.includes(`<TextEquiv index="0" conf="${conf}"><Unicode>${w.text}</Unicode></TextEquiv>`), w.text);
    assert(new RegExp(`CONTENT="${w.text}" WC="${conf}" TAGREFS="handwritten"`).test(altoXml), w.text);
  }
  for (const { text, confidence } of others) {
    assert(
      new RegExp(`<TextEquiv index="[1-9]" conf="${confidence.toFixed(4)}"><Unicode>${escapeXml(text)}<`).test(pageXml),
    );
    assert(altoXml.includes(`<ALTERNATIVE>${escapeXml(text)}</ALTERNATIVE>`), text);
  }
  assertStrictEquals(pageXml.match(/<Word [^>]*production="handwritten-cursive"/g)!.length, words.length);
});

Deno.test({
  name: "names that would steer a terminal or end an attribute are escaped in every format",
  ignore: !await has("xmllint") || Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const name = join(folder, "a\"b<c>&'d\n\u001b[31m\u0001=.png");
      await Deno.copyFile(join(PAGES, "form.png"), name);
      const { code, err } = await ocr([
        ...Object.keys(FORMATS).flatMap((f) => ["-f", f]),
        "-o",
        `${folder}/out/`,
        name,
      ]);
      assertStrictEquals(code, 0, err);
      for (const { name: n } of Deno.readDirSync(join(folder, "out"))) {
        const file = join(folder, "out", n);
        const bytes = await Deno.readFile(file);
        // What is no text holds any bytes.
        assert(/\.(pdf|parquet)$/.test(n) || !bytes.includes(0x1b), n);
        if (/xml$|hocr$|svg$/.test(n)) {
          const { code, err } = (await run("xmllint", ["--noout", "--nonet", file]))!;
          assertStrictEquals(code, 0, err);
        }
      }
      const there = [...Deno.readDirSync(join(folder, "out"))].find((f) => f.name.endsWith(".jsonl"))!;
      assertStrictEquals(JSON.parse(await Deno.readTextFile(join(folder, "out", there.name))).file, name);
      const twice = await ocr(["-o", `${folder}/out/`, name, name]);
      assert(twice.code === 4 && !twice.err.includes("\u001b"), twice.err);
    }),
});

const hocrCheck = Deno.env.get("SCRAWL_HOCR_CHECK");
Deno.test({
  name: "hocr-check has nothing to say",
  ignore: !hocrCheck,
  fn: async () => {
    for (const file of made(".hocr")) {
      const { code, out: said, err } = (await run("python3", [hocrCheck!, file]))!;
      assertStrictEquals(code, 0, err);
      // It counts what is right on stderr, too.
      assert(err.trimEnd().split("\n").every((l) => /^ok \d+ - /.test(l)), err);
      assertStrictEquals(said, "");
    }
  },
});

// OCRmyPDF as a Python package: .ci/run installs it and says so.
Deno.test({
  name: "OCRmyPDF's hocrtransform finds the words of the hOCR",
  ignore: !Deno.env.get("SCRAWL_OCRMYPDF") || !await has("pdftotext", "-v"),
  fn: async () => {
    const pdf = join(out, "transformed.pdf");
    const { code, err } =
      (await run("python3", ["-m", "ocrmypdf.hocrtransform", "-r", "150", join(out, "form.hocr"), pdf]))!;
    assertStrictEquals(code, 0, err);
    const { out: said } = (await run("pdftotext", [pdf, "-"]))!;
    assertEquals(said.split(/\s+/).filter(Boolean).sort(), words.map((w) => w.text).sort());
  },
});

Deno.test("hOCR boxes are whole numbers, and confidences percent", async () => {
  const found = [...(await text("form.hocr")).matchAll(/ocrx_word.*?bbox (\d+) (\d+) (\d+) (\d+); x_wconf (\d+)"/g)];
  assertStrictEquals(found.length, words.length);
  found.forEach(([, l, t, r, b, conf]) => assert(+l < +r && +t < +b && +conf <= 100));
});

/** Words of a PDF as poppler finds them, with their boxes as shares of the page as it is seen. */
async function wordsOf(pdf: string, wide = false): Promise<{ text: string; at: number[] }[]> {
  const { code, out: said } = (await run("qpdf", ["--check", pdf]))!;
  assertStrictEquals(code, 0, said);
  const { out: boxes } = (await run("pdftotext", ["-bbox", "-cropbox", pdf, "-"]))!;
  const sides = /page width="([\d.]+)" height="([\d.]+)"/.exec(boxes)!.slice(1).map(Number).sort((a, b) => a - b);
  // Poppler gives the sides of the page as it would be unturned.
  const [width, height] = wide ? sides.reverse() : sides;
  const all = boxes.matchAll(/xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</g);
  return [...all].map(([, x0, y0, x1, y1, text]) => ({
    text,
    at: [+x0 / width, +y0 / height, +x1 / width, +y1 / height],
  }));
}

/** Checks that a PDF's words stand where the page's are. */
async function standAlike(pdf: string, page: Page): Promise<void> {
  const found = await wordsOf(pdf, page.width > page.height);
  const wanted = page.lines.flatMap((l) => l.words);
  assertEquals(found.map((f) => f.text).sort(), wanted.map((w) => w.text).sort());
  found.forEach(({ text, at: [x0, , x1, y1] }) => {
    const [x, y, w, h] = wanted.find((w) => w.text === text)!.box;
    const [left, right, bottom] = [x0 * page.width, x1 * page.width, y1 * page.height];
    assert(
      Math.abs(left - x) < 0.1 * h && Math.abs(right - x - w) < 0.3 * h,
      `${text} at ${left} to ${right}, not ${x}`,
    );
    assert(Math.abs(bottom - y - h) < 0.4 * h, `${text} ends at ${bottom}, not ${y + h}`);
  });
}

const poppler = await has("qpdf") && await has("pdftotext", "-v");

Deno.test({
  name: "the searchable PDF of a picture has the words where they are written, and is sound",
  ignore: !poppler,
  fn: async () => {
    for (const name of ["form", "table"]) {
      await standAlike(join(out, `${name}.pdf`), JSON.parse(await text(`${name}.jsonl`)));
    }
  },
});

for (const turn of [0, 90, 180, 270]) {
  Deno.test({
    name: `a PDF page that is turned by ${turn} degrees and cut keeps its look, and gets its words where they are seen`,
    ignore: !poppler,
    fn: () =>
      inFolder(async (folder) => {
        const [before, after] = [join(folder, "before.pdf"), join(folder, "after.pdf")];
        const document = await PDFDocument.create();
        const image = await document.embedPng(await Deno.readFile(join(PAGES, "form.png")));
        // Half a point a pixel, seen upright at (30, 40) of a larger sheet.
        const [w, h] = [image.width / 2, image.height / 2];
        const [sheetW, sheetH] = turn % 180 === 0 ? [w, h] : [h, w];
        const sheet = document.addPage([sheetW + 100, sheetH + 100]);
        sheet.setCropBox(30, 40, sheetW, sheetH);
        sheet.setRotation(degrees(turn));
        const corner = { 0: [0, 0], 90: [sheetW, 0], 180: [sheetW, sheetH], 270: [0, sheetH] }[turn]!;
        sheet.drawImage(image, { x: 30 + corner[0], y: 40 + corner[1], width: w, height: h, rotate: degrees(turn) });
        await Deno.writeFile(before, await document.save());
        assertStrictEquals((await ocr(["-q", "-f", "pdf", "-o", after, before])).code, 0);
        const { out: json } = await ocr(["-f", "jsonl", before]);
        const seen: Page = JSON.parse(json);
        assertEquals(seen.lines.flatMap((l) => l.words.map((w) => w.text)), words.map((w) => w.text));
        await standAlike(after, seen);
        const drawn = await Promise.all([before, after].map(async (f) => {
          assertStrictEquals((await run("pdftoppm", ["-r", "60", "-cropbox", "-singlefile", f, f]))!.code, 0);
          return await Deno.readFile(`${f}.ppm`);
        }));
        assertEquals(drawn[0], drawn[1]);
      }),
  });
}

Deno.test({
  name: "a scanned PDF keeps its pages as they are, and gets the words",
  ignore: !poppler,
  fn: () =>
    inFolder(async (folder) => {
      const [before, after] = [join(PAGES, "scan.pdf"), join(folder, "scan.pdf")];
      assertStrictEquals((await ocr(["-q", "-f", "pdf", "-o", after, before])).code, 0);
      const read = (await Deno.readTextFile(`${before}.txt`)).split(/\s+/).filter(Boolean);
      assertEquals((await wordsOf(after)).map((w) => w.text), read);
      const [a, b] = await Promise.all(
        [before, after].map(async (f) => await PDFDocument.load(await Deno.readFile(f))),
      );
      assertStrictEquals(b.getPageCount(), a.getPageCount());
      // The pictures themselves, byte for byte.
      const streams = async (f: string) => (await run("pdfimages", ["-list", f]))!.out;
      assertStrictEquals(await streams(after), await streams(before));
    }),
});

Deno.test("a PDF whose pages can be read but not kept is told", () =>
  inFolder(async (folder) => {
    const [locked, cut, out] = [join(PAGES, "locked.pdf"), join(folder, "cut.pdf"), join(folder, "out.pdf")];
    const encrypted = await ocr(["-f", "pdf", "-o", out, "--password", "scrawl", locked]);
    assertStrictEquals(encrypted.code, 8);
    assertMatch(encrypted.err, /encrypted PDF cannot be kept: decrypt it first/);
    const bytes = await Deno.readFile(join(PAGES, "scan.pdf"));
    await Deno.writeFile(cut, bytes.subarray(0, bytes.length - 300));
    assertStrictEquals((await ocr([cut])).code, 0);
    const damaged = await ocr(["-f", "pdf", "-o", out, cut]);
    assertStrictEquals(damaged.code, 2, damaged.err);
    assertMatch(damaged.err, /too damaged to keep its pages: repair it first/);
    assertEquals([...Deno.readDirSync(folder)].map((f) => f.name), ["cut.pdf"]);
  }));

Deno.test("several formats want a folder, and nothing is written over unasked", async () => {
  const many = await ocr(["-f", "txt", "-f", "tsv", join(PAGES, "form.png")]);
  assertStrictEquals(many.code, 1);
  assertMatch(many.err, /need a folder/);
  const again = await ocr(["-f", "txt", "-o", out, join(PAGES, "form.png")]);
  assertStrictEquals(again.code, 4);
  assertMatch(again.err, /--force writes over it/);
  assertStrictEquals((await ocr(["-f", "txt", "-o", out, "--force", join(PAGES, "form.png")])).code, 0);
  assertStrictEquals((await ocr(["-f", "txt", "-o", out, "--skip-existing", join(PAGES, "form.png")])).code, 0);
  assertEquals([...Deno.readDirSync(out)].map((f) => f.name).filter((n) => n.endsWith(".part")), []);
});

Deno.test("any number of jobs gives the same bytes, and --resume reads nothing twice", async () => {
  const files = ["form.png", "two-pages.tif", "scan.pdf", "locked.pdf", "note.png"].map((n) => join(PAGES, n));
  const [one, three] = await Promise.all(["1", "3"].map((j) => ocr(["-q", "-f", "jsonl", "-j", j, ...files])));
  assertStrictEquals(one.code, 8);
  assertStrictEquals(one.out, three.out);
  const folder = await Deno.makeTempDir();
  const first = await ocr(["-f", "txt", "-o", folder, "--resume", ...files]);
  assertMatch(first.err, /4 of 5 files read.*1 failed/);
  const second = await ocr(["-f", "txt", "-o", folder, "--resume", ...files]);
  assertMatch(second.err, /0 of 1 files read.*4 skipped/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a pattern reads only what fits it, and a wrong one is told", async () => {
  const fits = await ocr(["-q", "--pattern", "\\d{2}\\.\\d{2}\\.\\d{4}", join(PAGES, "form.png")]);
  assertMatch(fits.out, /^\d{2}\.\d{2}\.\d{4}\n$/);
  const wrong = await ocr(["--pattern", "[", join(PAGES, "form.png")]);
  assertStrictEquals(wrong.code, 1);
  assertMatch(wrong.err, /pattern \[ cannot be used/);
});

Deno.test("what masked characters took is not free, and a pattern that leaves ink out fits nothing", async () => {
  const read = async (...args: string[]): Promise<Page> =>
    JSON.parse((await ocr(["-q", "-f", "jsonl", ...args, join(PAGES, "form.png")])).out);
  const sure = (p: Page) => p.lines.flatMap((l) => l.words).filter((w) => w.confidence >= 0.6 || w.state === "read");
  // The page says 70436, 128.50 and 24.09.1987.
  assertEquals(sure(await read("--charset", "digits")).map((w) => w.text), ["70436"]);
  const five = await read("--pattern", "\\d{5}");
  assertEquals(five.lines.map((l) => l.text), ["70436"]);
  assertStrictEquals(five.suppressed.find((s) => s.text === "128.50")?.reason, "no-match");
  assertEquals((await read("--pattern", "\\d+\\.\\d+")).lines.map((l) => l.text), ["128.50"]);
});

Deno.test("--allowed-chars that cannot be read are told before anything is", async () => {
  const { code, err } = await ocr(["--charset", "digits", "--allowed-chars", "12x", join(PAGES, "form.png")]);
  assertStrictEquals(code, 1);
  assertMatch(err, /--allowed-chars 12x: x is not among what can be read with charset digits: choose of 0123456789/);
});

Deno.test("--min-conf leaves out what is unsure, --reject-char marks it", async () => {
  // Of the first word the second character is unsure, the second word is sure.
  const confidences = [[0.9, 0.4], [0.95]];
  const [line] = page.lines;
  const made = confidences.map((all, i): Word => ({
    ...line.words[0],
    text: ["12", "3"][i],
    confidence: Math.min(...all),
    characters: all.map((confidence, k) => ({ ...line.words[0].characters[0], text: ["12", "3"][i][k], confidence })),
  }));
  const reading = { ...page, lines: [{ ...line, words: made, text: "12 3" }], suppressed: [] };
  const kept = rejectUnsure(reading, { ...page.options, minConf: 0.5 });
  assertEquals(kept.lines.map((l) => l.text), ["3"]);
  assertEquals(kept.suppressed.map((s) => [s.text, s.reason]), [["12", "doubtful"]]);
  assertStrictEquals(kept.lines[0].confidence, 0.95, "the line's confidence is that of the words that are left");
  const marked = rejectUnsure(reading, { ...page.options, minConf: 0.5, rejectChar: "?" });
  assertEquals(marked.lines.map((l) => l.text), ["1? 3"]);
  assertStrictEquals(rejectUnsure(reading, page.options), reading);
  // A line of which words go ends with those that stay, and leans as it did; marked ones stay where they are.
  const leaning = made.map((w, i): Word => {
    const [x, y] = [100 + 40 * i, 50 + 30 * i];
    return { ...w, box: [x - 6, y, 46, 38], polygon: [[x, y], [x + 40, y + 30], [x + 34, y + 38], [x - 6, y + 8]] };
  });
  const along: Line = { ...line, box: [94, 50, 86, 68], polygon: [[100, 50], [180, 110], [174, 118], [94, 58]] };
  const short = { ...reading, lines: [{ ...along, words: leaning, text: "12 3" }] };
  const [{ box, polygon }] = rejectUnsure(short, { ...page.options, minConf: 0.5 }).lines;
  assertEquals([box, polygon], [leaning[1].box, leaning[1].polygon]);
  // Likewise where --max-error leaves a field blank.
  const blank = leaveBlank(short, { digits: 0.5, amounts: null, words: null }, {}).reading;
  assertEquals([blank.lines[0].text, blank.lines[0].box, blank.lines[0].polygon], ["3", box, polygon]);
  assertStrictEquals(rejectUnsure(short, { ...page.options, minConf: 0.5, rejectChar: "?" }).lines[0].box, along.box);
  // And through the command line: nothing is less sure than 0, and a character without a limit makes no sense.
  assertStrictEquals((await ocr(["-q", "--min-conf", "0", join(PAGES, "form.png")])).out, await text("form.txt"));
  assertStrictEquals((await ocr(["-q", "--reject-char", "?", join(PAGES, "form.png")])).code, 1);
});

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test({
    name: `completions for ${shell} are a script that ${shell} takes`,
    ignore: !await has(shell),
    fn: async () => {
      const { out: script } =
        (await run(Deno.execPath(), ["run", "-q", "--allow-read", join(ROOT, "src/cli.ts"), "completions", shell]))!;
      const file = await Deno.makeTempFile();
      await Deno.writeTextFile(file, script);
      const { code, err } = (await run(shell, ["-n", file]))!;
      assertStrictEquals(code, 0, err);
      assert(script.includes("charset"));
    },
  });
}

Deno.test("doctor passes its self-test with read access alone", async () => {
  const { code, out } =
    (await run(Deno.execPath(), ["run", "-q", "--no-prompt", "--allow-read", join(ROOT, "src/cli.ts"), "doctor"]))!;
  assertStrictEquals(code, 0, out);
  assertMatch(out, /self-test +passed/);
  assertMatch(out, /allow net +no/);
});
