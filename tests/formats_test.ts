/** Every format, checked by validators and readers that others wrote; those that are programs are skipped where they are not installed. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Page, Word } from "../src/engine/types.ts";
import { cell } from "../src/format/csv.ts";
import { escapeXml } from "../src/format/document.ts";
import { rejectUnsure } from "../src/regions.ts";
import schema from "../src/format/schema.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = join(ROOT, "tests", "pages");
const FORMATS = ["txt", "json", "jsonl", "tsv", "csv", "hocr", "alto", "page", "pdf", "overlay"];

async function run(command: string, args: string[]): Promise<{ code: number; out: string; err: string } | undefined> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, { args, stdout: "piped", stderr: "piped" })
      .output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return undefined;
    throw e;
  }
}
const has = async (command: string) => await run(command, ["--version"]) !== undefined;
const ocr = async (...args: string[]) =>
  (await run(Deno.execPath(), [
    "run",
    "-q",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    join(ROOT, "src/cli.ts"),
    "ocr",
    ...args,
  ]))!;

const out = await Deno.makeTempDir();
const { code, err } = await ocr(
  ...FORMATS.flatMap((f) => ["-f", f]),
  "-o",
  out,
  join(PAGES, "form.png"),
  join(PAGES, "note.png"),
);
strictEqual(code, 0, err);
const text = (name: string) => Deno.readTextFile(join(out, name));
const page: Page = JSON.parse(await text("form.jsonl"));
const words = page.lines.flatMap((l) => l.words);
ok(words.length > 2);

Deno.test("json and jsonl follow the published schema", async () => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  for (const name of ["form.json", "note.json", "form.jsonl", "note.jsonl"]) {
    ok(validate(JSON.parse(await text(name))), JSON.stringify(validate.errors));
  }
  ok(!validate({ ...page, width: "wide" }));
});

Deno.test("tsv has Tesseract's columns, and the page's words in them", async () => {
  const rows = (await text("form.tsv")).trimEnd().split("\n").map((r) => r.split("\t"));
  strictEqual(rows[0].join(" "), "level page_num block_num par_num line_num word_num left top width height conf text");
  ok(rows.every((r) => r.length === 12));
  for (const r of rows.slice(1)) r.slice(0, 11).forEach((v) => ok(v !== "" && !Number.isNaN(Number(v)), r.join(" ")));
  deepStrictEqual(rows.filter((r) => r[0] === "5").map((r) => r[11]), words.map((w) => w.text));
});

Deno.test("csv cells start no formula", async () => {
  strictEqual(cell("=1+1"), "'=1+1");
  strictEqual(cell("@x"), "'@x");
  strictEqual(cell("-5"), "-5");
  strictEqual(cell("-5+A1"), "'-5+A1");
  strictEqual(cell('a "b", c'), '"a ""b"", c"');
  ok((await text("form.csv")).includes(words[0].text));
});

Deno.test("text is escaped in XML", () => {
  strictEqual(
    escapeXml(`<a href="x">&'\u0000\ud800</a>`),
    "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\ufffd\ufffd&lt;/a&gt;",
  );
});

Deno.test({
  name: "hOCR, ALTO, PAGE and the overlay are well-formed XML",
  ignore: !await has("xmllint"),
  fn: async () => {
    const files = ["form.hocr", "form.alto.xml", "form.page.xml", "form.svg", "note.hocr"].map((n) => join(out, n));
    const { code, err } = (await run("xmllint", ["--noout", "--nonet", ...files]))!;
    strictEqual(code, 0, err);
    strictEqual(err, "");
  },
});

// Schemas that others ship, where these variables say they are; see .ci/run. The one of ALTO is 4.3, to which 4.4 adds only two
// attributes of a page that we do not write.
for (const [format, file] of [["page", Deno.env.get("SCRAWL_PAGE_XSD")], ["alto", Deno.env.get("SCRAWL_ALTO_XSD")]]) {
  Deno.test({
    name: `${format!.toUpperCase()} follows its schema`,
    ignore: !file || !await has("xmllint"),
    fn: async () => {
      const made = ["form", "note"].map((n) => join(out, `${n}.${format}.xml`));
      const { code, err } = (await run("xmllint", ["--noout", "--nonet", "--schema", file!, ...made]))!;
      strictEqual(code, 0, err);
    },
  });
}

const hocrCheck = Deno.env.get("SCRAWL_HOCR_CHECK");
Deno.test({
  name: "hocr-check has nothing to say",
  ignore: !hocrCheck,
  fn: async () => {
    const { code, out: said, err } = (await run("python3", [hocrCheck!, join(out, "form.hocr")]))!;
    strictEqual(code, 0, err);
    ok(!/^not ok/m.test(said + err), said + err);
  },
});

// OCRmyPDF as a Python package: .ci/run installs it and says so.
Deno.test({
  name: "OCRmyPDF's hocrtransform finds the words of the hOCR",
  ignore: !Deno.env.get("SCRAWL_OCRMYPDF") || await run("pdftotext", ["-v"]) === undefined,
  fn: async () => {
    const pdf = join(out, "transformed.pdf");
    const { code, err } =
      (await run("python3", ["-m", "ocrmypdf.hocrtransform", "-r", "150", join(out, "form.hocr"), pdf]))!;
    strictEqual(code, 0, err);
    const { out: said } = (await run("pdftotext", [pdf, "-"]))!;
    deepStrictEqual(said.split(/\s+/).filter(Boolean).sort(), words.map((w) => w.text).sort());
  },
});

Deno.test("hOCR boxes are whole numbers, and confidences percent", async () => {
  const found = [...(await text("form.hocr")).matchAll(/ocrx_word.*?bbox (\d+) (\d+) (\d+) (\d+); x_wconf (\d+)"/g)];
  strictEqual(found.length, words.length);
  found.forEach(([, l, t, r, b, conf]) => ok(+l < +r && +t < +b && +conf <= 100));
});

Deno.test({
  name: "the searchable PDF has the words where they are written, and is sound",
  ignore: !await has("qpdf") || await run("pdftotext", ["-v"]) === undefined,
  fn: async () => {
    const file = join(out, "form.pdf");
    const { code, out: said } = (await run("qpdf", ["--check", file]))!;
    strictEqual(code, 0, said);
    const { out: boxes } = (await run("pdftotext", ["-bbox", file, "-"]))!;
    const [, width] = /page width="([\d.]+)"/.exec(boxes)!.map(Number);
    const scale = page.width / width;
    const found = [...boxes.matchAll(/xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</g)];
    deepStrictEqual(found.map((f) => f[5]), words.map((w) => w.text));
    found.forEach(([, x0, , x1, y1], i) => {
      const [x, y, w, h] = words[i].box;
      ok(Math.abs(+x0 * scale - x) < 4 && Math.abs(+x1 * scale - x - w) < 0.3 * h, `${words[i].text} at ${x0}..${x1}`);
      ok(Math.abs(+y1 * scale - y - h) < 0.4 * h, `${words[i].text} ends at ${y1}`);
    });
  },
});

Deno.test("a scanned PDF keeps its pages and gets text", async () => {
  const { code, err } = await ocr("-q", "-f", "pdf", "-o", join(out, "scan.pdf"), join(PAGES, "scan.pdf"));
  strictEqual(code, 0, err);
  const { PDFDocument } = await import("pdf-lib");
  const [before, after] = await Promise.all(
    [join(PAGES, "scan.pdf"), join(out, "scan.pdf")].map(async (f) => await PDFDocument.load(await Deno.readFile(f))),
  );
  strictEqual(after.getPageCount(), before.getPageCount());
});

Deno.test("several formats want a folder, and nothing is written over unasked", async () => {
  const many = await ocr("-f", "txt", "-f", "tsv", join(PAGES, "form.png"));
  strictEqual(many.code, 1);
  match(many.err, /need a folder/);
  const again = await ocr("-f", "txt", "-o", out, join(PAGES, "form.png"));
  strictEqual(again.code, 4);
  match(again.err, /--force writes over it/);
  strictEqual((await ocr("-f", "txt", "-o", out, "--force", join(PAGES, "form.png"))).code, 0);
  strictEqual((await ocr("-f", "txt", "-o", out, "--skip-existing", join(PAGES, "form.png"))).code, 0);
  deepStrictEqual([...Deno.readDirSync(out)].map((f) => f.name).filter((n) => n.endsWith(".part")), []);
});

Deno.test("any number of jobs gives the same bytes, and --resume reads nothing twice", async () => {
  const files = ["form.png", "two-pages.tif", "scan.pdf", "locked.pdf", "note.png"].map((n) => join(PAGES, n));
  const [one, three] = await Promise.all(["1", "3"].map((j) => ocr("-q", "-f", "jsonl", "-j", j, ...files)));
  strictEqual(one.code, 8);
  strictEqual(one.out, three.out);
  const folder = await Deno.makeTempDir();
  const first = await ocr("-f", "txt", "-o", folder, "--resume", ...files);
  match(first.err, /4 of 5 files read.*1 failed/);
  const second = await ocr("-f", "txt", "-o", folder, "--resume", ...files);
  match(second.err, /0 of 1 files read.*4 skipped/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a pattern reads only what fits it, and a wrong one is told", async () => {
  const fits = await ocr("-q", "--pattern", "\\d{2}\\.\\d{2}\\.\\d{4}", join(PAGES, "form.png"));
  match(fits.out, /^\d{2}\.\d{2}\.\d{4}\n$/);
  const wrong = await ocr("--pattern", "[", join(PAGES, "form.png"));
  strictEqual(wrong.code, 1);
  match(wrong.err, /pattern \[ cannot be used/);
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
  deepStrictEqual(kept.lines.map((l) => l.text), ["3"]);
  deepStrictEqual(kept.suppressed.map((s) => [s.text, s.reason]), [["12", "doubtful"]]);
  const marked = rejectUnsure(reading, { ...page.options, minConf: 0.5, rejectChar: "?" });
  deepStrictEqual(marked.lines.map((l) => l.text), ["1? 3"]);
  strictEqual(rejectUnsure(reading, page.options), reading);
  // And through the command line: nothing is less sure than 0, and a character without a limit makes no sense.
  strictEqual((await ocr("-q", "--min-conf", "0", join(PAGES, "form.png"))).out, await text("form.txt"));
  strictEqual((await ocr("-q", "--reject-char", "?", join(PAGES, "form.png"))).code, 1);
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
      strictEqual(code, 0, err);
      ok(script.includes("charset"));
    },
  });
}

Deno.test("doctor passes its self-test with read access alone", async () => {
  const { code, out } =
    (await run(Deno.execPath(), ["run", "-q", "--no-prompt", "--allow-read", join(ROOT, "src/cli.ts"), "doctor"]))!;
  strictEqual(code, 0, out);
  match(out, /self-test +passed/);
  match(out, /allow net +no/);
});
