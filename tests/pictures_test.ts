/** Pictures: kinds that were lost once are read or told, and documents made of pictures keep what they were. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { PDFDocument, PDFName, PDFRawStream } from "pdf-lib";
import { decodeImage, Engine } from "../src/engine/engine.ts";
import type { Page } from "../src/engine/types.ts";
import { DEFAULTS } from "../src/mod.ts";
import { readFile } from "../src/read.ts";
import { inFolder, ocr, PAGES, ROOT, run } from "./command.ts";

const FORM = ["70436", "128.50", "24.09.1987"];
const SUM = ["4071", "93826", "15"];
const engine = await Engine.open();

/** The pages of a file. @throws ScrawlError where it, or one of them, cannot be read. */
async function pages(bytes: Uint8Array): Promise<Page[]> {
  const out: Page[] = [];
  for await (const page of readFile(engine, "-", bytes, { ...DEFAULTS, charset: "numeric" })) {
    if ("error" in page) throw new Error(page.error.message);
    out.push(page);
  }
  return out;
}
const lines = (page: Page) => page.lines.map((l) => l.text);
const picture = (name: string) => Deno.readFile(join(PAGES, name));

Deno.test("pictures: AVIF is read, in the package's own WASM", async () => {
  const [page] = await pages(await picture("digits.avif"));
  assertEquals([page.width, page.height, lines(page)], [700, 420, SUM]);
  const cut = (await picture("digits.avif")).subarray(0, 1500);
  await pages(cut).then(() => assert(false), (e) => assertMatch(e.message, /AVIF picture is damaged or cut off/));
});

Deno.test("pictures: an AVIF that is turned is turned back", async () => {
  // The property in a box that the decoder itself passes over: it turns nothing, the code here does.
  const box = new TextEncoder().encode("\0\0\0\x0dfreeirot\x03");
  const turned = new Uint8Array([...await picture("digits.avif"), ...box]);
  const [page] = await pages(turned);
  // Three quarters against the clock: the text now runs down the page.
  assertEquals([page.width, page.height, page.rotation, lines(page)], [420, 700, 270, SUM]);
});

Deno.test("pictures: HEIC is refused with the way to convert it", async () => {
  const bytes = new TextEncoder().encode("\0\0\0\x18ftypheic\0\0\0\0mif1heic");
  await pages(bytes).then(() => assert(false), (e) => assertMatch(e.message, /HEIC.*convert it to JPEG.*heif-convert/));
});

Deno.test("pictures: what lies in a folder and is not read is told", () =>
  inFolder(async (folder) => {
    await Deno.copyFile(join(PAGES, "digits.png"), join(folder, "a.png"));
    for (const name of ["b.heic", "c.docx", ".hidden"]) await Deno.writeTextFile(join(folder, name), "");
    const { code, err } = await ocr([folder]);
    assertStrictEquals(code, 0);
    assertMatch(err, /note: 2 files are of kinds that are not read: b\.heic, c\.docx/);
    assert(!(await ocr(["-q", folder])).err.includes("not read"));
  }));

/** What `-f pdf` makes of a picture. */
const searchable = (bytes: Uint8Array, name: string) =>
  new Promise<Uint8Array>((resolve, reject) => {
    inFolder(async (folder) => {
      await Deno.writeFile(join(folder, name), bytes);
      const { code, err } = await ocr(["-f", "pdf", "-o", join(folder, "out.pdf"), join(folder, name)]);
      assertStrictEquals(code, 0, err);
      resolve(await Deno.readFile(join(folder, "out.pdf")));
    }).catch(reject);
  });
/** Pictures in a PDF, as they are stored. */
const images = (document: PDFDocument) =>
  document.context.enumerateIndirectObjects().map(([, o]) => o).filter((o): o is PDFRawStream =>
    o instanceof PDFRawStream && o.dict.get(PDFName.of("Subtype")) === PDFName.of("Image")
  );

Deno.test("pictures: a searchable PDF holds the JPEG byte for byte, and says who made it", async () => {
  const jpeg = await picture("turned-exif.jpg");
  const document = await PDFDocument.load(await searchable(jpeg, "in.jpg"), { updateMetadata: false });
  const [image, more] = images(document);
  assertEquals(image.contents, jpeg);
  assertStrictEquals(more, undefined);
  assertMatch(document.getProducer()!, /^scrawl \d+\.\d+\.\d+ \(model [0-9a-f]{12}\)$/);
  // Upright, as a viewer shows it: what is drawn reads as the picture does.
  const [page] = await pages(jpeg);
  const [drawn] = await pages(await searchable(jpeg, "in.jpg"));
  assertEquals(lines(drawn), lines(page));
  assertEquals(drawn.width > drawn.height, page.width > page.height);
});

Deno.test("pictures: a searchable PDF of another picture keeps its colour", async () => {
  const [image] = images(await PDFDocument.load(await searchable(await picture("table.png"), "in.png")));
  assertStrictEquals(image.dict.get(PDFName.of("ColorSpace")), PDFName.of("DeviceRGB"));
});

Deno.test("pictures: text that a PDF has already is not written again", async () => {
  const once = await searchable(await picture("digits.png"), "in.png");
  const twice = await searchable(once, "in.pdf");
  const words = async (bytes: Uint8Array) =>
    await inText(bytes, (text) => text.split(/\s+/).filter((w) => w !== "").length);
  const [first, second] = [await words(once), await words(twice)];
  if (first !== undefined) assertEquals([first, second], [3, 3]);
});

Deno.test("pictures: a TIFF of 12 bits whose tags are all of 32 bits", async () => {
  // Four pixels: 0, 0x800, 0xfff, 0x400.
  const tags = [[256, 4], [257, 1], [258, 12], [259, 1], [262, 1], [273, 122], [277, 1], [278, 1], [279, 6]];
  const head = [0x49, 0x49, 42, 0, 8, 0, 0, 0, tags.length, 0];
  const entries = tags.flatMap(([tag, value]) => [tag & 255, tag >> 8, 4, 0, 1, 0, 0, 0, value, 0, 0, 0]);
  const bytes = Uint8Array.from([...head, ...entries, 0, 0, 0, 0, 0x00, 0x08, 0x00, 0xff, 0xf4, 0x00]);
  const picture = await decodeImage(bytes, 0, 1000);
  assertEquals([...picture.gray()], [0, 0x80, 0xff, 0x40]);
  picture.free();
});

/** What `use` makes of the text that poppler finds; `undefined` where that is not installed. */
async function inText<T>(bytes: Uint8Array, use: (text: string) => T): Promise<T | undefined> {
  let found: T | undefined;
  await inFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.pdf"), bytes);
    const outcome = await run("pdftotext", [join(folder, "a.pdf"), "-"]);
    if (outcome) found = use(outcome.out);
  });
  return found;
}

Deno.test("pictures: a nonsense resolution gives a page of A4's length", async () => {
  const jpeg = await picture("digits.jpg");
  const at = new TextDecoder("latin1").decode(jpeg).indexOf("JFIF") + 7;
  jpeg.set([1, 255, 255, 255, 255], at);
  const document = await PDFDocument.load(await searchable(jpeg, "in.jpg"));
  assertStrictEquals(Math.round(document.getPage(0).getWidth()), Math.round(11.7 * 72));
});

const CASES = join(ROOT, "../shared/cases");
const there = await Deno.stat(CASES).then(() => true, () => false);
/** What other makers' files must give; not in this repository. */
const cases: Record<string, string[] | RegExp> = {
  "dct-cmyk-without-Decode-refused.pdf": FORM,
  "refused-fax-g3-1d.tif": FORM,
  "11-palette.tif": SUM,
  "silent-empty-fillorder2-uncompressed.tif": FORM,
  "25-12bit.tif": SUM,
  "refused-only-EOI-missing.jpg": FORM,
  "called-damaged-arithmetic.jpg": /not supported: .*arithmetic coding/,
  "silent-empty-white-ink-on-transparent.png": FORM,
  "09-exif6.png": SUM,
  "09-two-exif.jpg": SUM,
  "14-turned90.png": SUM,
  "16-comma.png": ["5,23"],
  "18-overlap.png": ["371 26 41 77", "42 124 71 13", "732 324 221 87", "886 434 58 852"],
};
for (const [name, expected] of Object.entries(cases)) {
  Deno.test({
    name: `pictures: ${name}`,
    ignore: !there,
    fn: async () => {
      const bytes = await Deno.readFile(join(CASES, name));
      if (expected instanceof RegExp) {
        await pages(bytes).then(() => assert(false), (e) => assertMatch(e.message, expected));
        return;
      }
      const [page] = await pages(bytes);
      assertEquals(lines(page), expected);
      if (name.includes("EOI")) assertMatch(String(page.notes), /no end-of-image marker/);
      if (name.includes("turned90")) assertStrictEquals(page.rotation, 90);
    },
  });
}

Deno.test({
  name: "pictures: what lost its colour, and what was a page of a point, in a PDF",
  ignore: !there,
  fn: async () => {
    const jpeg = await Deno.readFile(join(CASES, "pdf-output-loses-colour.jpg"));
    const [image] = images(await PDFDocument.load(await searchable(jpeg, "in.jpg")));
    assertEquals(image.contents, jpeg);
    const odd = await searchable(await Deno.readFile(join(CASES, "29-65535dpi.jpg")), "in.jpg");
    assert((await PDFDocument.load(odd)).getPage(0).getWidth() > 300);
  },
});
