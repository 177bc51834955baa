/** Teaching: a review as lines to learn from, the same through PAGE XML, and a training that ends in a model which reads. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import type { Page } from "../src/engine/types.ts";
import { encodePng } from "../src/format/png.ts";
import type { Correction, Corrections } from "../src/review/corrections.ts";
import { readTaught, teachingMix, withTaught, writeTaught } from "../src/train/lines/taught.ts";
import { readTruth, type TruthLine } from "../src/train/lines/truth.ts";
import { inFolder, ocr, PAGES, ROOT, run } from "./command.ts";

const FILES = ["form.png", "note.png", "digits.png", "table.png"];
const cli = (...args: string[]) =>
  run(Deno.execPath(), ["run", "-q", "--no-prompt", "-A", join(ROOT, "src/cli.ts"), ...args]);

/** A review in which all is right but the first word. */
async function review(): Promise<Corrections> {
  const { out } = await ocr(["-q", "-f", "jsonl", ...FILES.map((f) => join(PAGES, f))]);
  const pages: Page[] = out.trim().split("\n").map((l) => JSON.parse(l));
  const corrections = pages.flatMap((page, index) =>
    page.lines.flatMap((l) => l.words).map((w): Correction => ({
      page: index,
      box: w.box,
      read: w.text,
      text: w.text,
      verdict: "accepted",
    }))
  );
  corrections[0] = { ...corrections[0], text: "70486", verdict: "corrected" };
  return { format: "scrawl-corrections-1", pages, corrections };
}

Deno.test("teaching: lines of a review, turned upright, cut out along their outline; a picture of another content is refused", () =>
  inFolder(async (folder) => {
    // Three by two pixels in a page that lies on its side, 90 degrees to be upright.
    const gray = new Uint8Array(20 * 10).fill(200);
    [[5, 4], [6, 4], [7, 4]].forEach(([x, y], i) => gray[y * 20 + x] = 10 * i);
    await Deno.writeFile(join(folder, "side.png"), await encodePng(gray, 20, 10));
    const { out } = await ocr(["-q", "-f", "jsonl", join(folder, "side.png")]);
    const page: Page = { ...JSON.parse(out), rotation: 90 };
    const box: [number, number, number, number] = [5, 4, 3, 2];
    const corrections: Corrections = {
      format: "scrawl-corrections-1",
      pages: [page],
      corrections: [{ page: 0, box, read: "x", text: "12", verdict: "restored" }],
    };
    const path = join(folder, "a.corrections.json");
    await Deno.writeTextFile(path, JSON.stringify(corrections));
    const [line] = await readTruth(folder);
    assertEquals([line.text, line.width, line.height], ["12", 2, 3]);
    assertEquals([...line.pixels], [200, 0, 200, 10, 200, 20]);

    await Deno.writeTextFile(
      join(folder, "b.xml"),
      `<PcGts><Page imageFilename="side.png"><TextLine><Coords points="4,3 9,3 4,8"/><Word><TextEquiv><Unicode>no</Unicode></TextEquiv></Word>` +
        `<TextEquiv><Unicode>a &amp; b</Unicode></TextEquiv></TextLine></Page></PcGts>`,
    );
    const [, cut] = await readTruth(folder);
    assertEquals([cut.text, cut.width, cut.height], ["a & b", 5, 5]);
    // The same as others write it: with prefixes, several texts, other versions; as ALTO with an outline, and with a box alone.
    const alto = (line: string) =>
      `<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation>` +
      `<fileName>side.png</fileName></sourceImageInformation></Description><Layout>${line}</Layout></alto>`;
    const outline = `<Shape><Polygon POINTS="4 3 9 3 4 8"/></Shape>`;
    const others: [string, string][] = [
      [
        "c.xml",
        `<pc:PcGts xmlns:pc="x"><pc:Page imageFilename='side.png'><pc:TextLine><pc:Coords points="4,3 9,3 4,8"/>` +
        `<pc:TextEquiv index="1"><pc:Unicode>no</pc:Unicode></pc:TextEquiv><pc:TextEquiv index="0"><pc:Unicode>c</pc:Unicode></pc:TextEquiv>` +
        `</pc:TextLine><pc:TextLine><pc:Coords points="1,1 2,1 2,2"/></pc:TextLine></pc:Page></pc:PcGts>`,
      ],
      ["d.xml", alto(`<TextLine>${outline}<String CONTENT="a"/><SP/><String CONTENT="d"/></TextLine>`)],
      ["e.xml", alto(`<TextLine HPOS="4" VPOS="3" WIDTH="5" HEIGHT="5"><String CONTENT="e"/></TextLine>`)],
      ["mets.xml", "<mets/>"],
    ];
    for (const [name, text] of others) await Deno.writeTextFile(join(folder, name), text);
    const [, , c, d, e, ...rest] = await readTruth(folder);
    assertEquals([c.text, d.text, e.text, e.width, rest.length], ["c", "a d", "e", 5, 0]);
    assertEquals([c.pixels, d.pixels], [cut.pixels, cut.pixels]);
    await Deno.writeTextFile(join(folder, "d.xml"), alto("").replace("pixel", "mm10"));
    await assertRejects(() => readTruth(folder), Error, "measures in mm10: export it in pixels");
    await Deno.writeTextFile(join(folder, "d.xml"), "<PcGts>");
    await assertRejects(() => readTruth(folder), Error, "d.xml is no XML");
    for (const [name] of others) await Deno.remove(join(folder, name));
    // Within the triangle the dark pixels, beyond it paper.
    assertEquals([...cut.pixels.subarray(5, 10)], [200, 0, 10, 200, 200]);
    await Deno.writeFile(join(folder, "side.png"), await encodePng(gray.fill(9), 20, 10));
    await assertRejects(() => readTruth(folder), Error, "is another file than the one that");
    await Deno.remove(path);
    await Deno.remove(join(folder, "side.png"));
    await assertRejects(() => readTruth(folder), Error, "neither there nor beside it");
    await Deno.remove(join(folder, "b.xml"));
    await assertRejects(() => readTruth(folder), Error, "holds nothing to learn from");
  }));

Deno.test("teaching: a fifth is held back, own lines are twice as many as old ones, and the mix stays whole", () =>
  inFolder(async (folder) => {
    const lines = Array.from({ length: 11 }, (_, i): TruthLine => ({
      text: i === 10 ? "漢" : i < 5 ? `${i}` : `a${i}`,
      page: "p",
      width: 2,
      height: 1,
      pixels: Uint8Array.of(i, i),
    }));
    assertEquals(await writeTaught(folder, lines), { kept: 10, left: 1 });
    const { learn, held } = await readTaught(folder);
    assertEquals(held.map((c) => c.text), ["4", "a9"]);
    assertEquals([...learn[1].jpeg], [2, 0, 1, 0, 1, 1]);
    const old = Array.from({ length: 40 }, () => ({ jpeg: new Uint8Array(5), text: "7" }));
    const none = {
      glyphs: [],
      handFonts: [],
      printFonts: [],
      prints: [],
      words: [],
      spelling: new Uint8Array(),
      drawings: [],
      writings: [],
      characters: [],
    };
    const both = withTaught({ ...none, numbers: old, texts: [] }, learn);
    assertEquals([both.numbers.length, both.texts.length], [120, 4]);
    const shares = { glyphNumbers: 0.3, realNumbers: 0.2, realTexts: 0.1, junk: 0.4 };
    const mix = teachingMix(shares as never, learn);
    assertEquals(Object.values(mix).map((v: number) => v.toFixed(3)), ["0.150", "0.325", "0.325", "0.200"]);
  }));

Deno.test("train line --corrections: from a review to a model that reads; the same lines through PAGE XML", () =>
  inFolder(async (folder) => {
    const reviews = join(folder, "reviews");
    await Deno.mkdir(reviews);
    await Deno.writeTextFile(join(reviews, "a.corrections.json"), JSON.stringify(await review()));
    const here = await readTruth(reviews);
    assert(here.some((l) => l.text === "70486"));
    const truth = join(folder, "truth");
    const { code, err } = (await cli("apply", "--truth", truth, join(reviews, "a.corrections.json")))!;
    assertStrictEquals(code, 0, err);
    assertMatch(err, /\d+ lines of 4 pages are in/);
    const there = await readTruth(truth);
    assertEquals(there.map((l) => l.text).sort(), here.map((l) => l.text).sort());
    const alto = join(folder, "alto");
    assertStrictEquals(
      (await cli("apply", "--truth", alto, "-f", "alto", join(reviews, "a.corrections.json")))!.code,
      0,
    );
    assertEquals(await readTruth(alto), there);
    assertMatch(
      (await cli("apply", "--truth", truth, join(reviews, "a.corrections.json")))!.err,
      /is there already|--force/,
    );

    const data = join(folder, "data");
    await Deno.mkdir(data);
    const at = join(folder, "run");
    const args = ["train", "line", "--from", join(ROOT, "models/line"), "--data", data, "--corrections"];
    const trained = (await cli(...args, truth, "--run", at, "--length", "2", "--batch", "4", "--jobs", "1"))!;
    assertStrictEquals(trained.code, 0, trained.err);
    assert(!(trained.out + trained.err).includes("TensorFlow"), trained.err);
    assertMatch(trained.out, /own, held back: \d+ lines, characters wrong [\d.]+ % before, [\d.]+ % after/);
    const told = JSON.parse(await Deno.readTextFile(join(at, "taught.json")));
    assertStrictEquals(told.learnt + told.own.lines, here.length);
    const read = await ocr(["-q", "--model", join(at, "model.safetensors"), join(PAGES, "form.png")]);
    assertStrictEquals(read.code, 0, read.err);
    assert(read.out.trim() !== "");
    assertMatch((await cli("train", "line", "--corrections", truth, "--data", data))!.err, /name it, like --from/);
    assertMatch((await cli(...args, data))!.err, /holds nothing to learn from/);
    // Nothing else is taught in place of a net that is not there.
    const gone = await cli(
      "train",
      "line",
      "--from",
      join(folder, "gone"),
      "--data",
      data,
      "--corrections",
      truth,
      "--run",
      at + "2",
    );
    assert(gone!.code !== 0 && gone!.err.includes(join(folder, "gone")), gone!.err);
  }));
