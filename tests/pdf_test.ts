/** PDF: what a viewer shows is what is read, and what the file has lost is told for its page. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { deflateSync } from "node:zlib";
import { type PDFArray, PDFDocument, type PDFImage, PDFName, type PDFPage, PDFRawStream, rgb } from "pdf-lib";
import { decodeEach, type DecodeOptions } from "../src/decode/mod.ts";
import { Engine } from "../src/engine/engine.ts";
import type { Failure, Page } from "../src/engine/types.ts";
import { DEFAULTS } from "../src/mod.ts";
import { readFile } from "../src/read.ts";
import { ocr, PAGES, ROOT } from "./command.ts";

const FORM = ["70436", "128.50", "24.09.1987"];
const SUM = ["4071", "93826", "15"];
const picture = async (name: string) => await Deno.readFile(join(PAGES, name));
const [form, sum] = [await picture("form.png"), await picture("digits.png")];
const engine = await Engine.open();

/** Lines of each page, or why it cannot be read. */
async function lines(bytes: Uint8Array, o: Partial<DecodeOptions> = {}): Promise<(string[] | string)[]> {
  const out: (string[] | string)[] = [];
  const options = { ...DEFAULTS, charset: "numeric" as const, ...o };
  try {
    for await (const p of readFile(engine, "-", bytes, options)) out.push(textOf(p));
  } catch (e) {
    out.push((e as Error).message);
  }
  return out;
}
const textOf = (p: Page | Failure) => "error" in p ? p.error.message : p.lines.map((l) => l.text);

/** Pages as they are decoded. */
async function decoded(bytes: Uint8Array) {
  const out = [];
  for await (const page of decodeEach(bytes, DEFAULTS)) {
    if (!("picture" in page)) throw new Error(`page ${page.page} is not decoded`);
    const { picture, dpi } = page;
    out.push({ width: picture.width, height: picture.height, dpi, chroma: picture.chroma(), gray: picture.gray() });
    picture.free();
  }
  return out;
}

const WIDTH = 400;
/** A PDF that `draw` makes, with pictures of the form and of the sum at hand. */
async function made(draw: (d: PDFDocument, form: PDFImage, sum: PDFImage) => unknown): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false });
  await draw(document, await document.embedPng(form), await document.embedPng(sum));
  return await document.save({ useObjectStreams: false });
}
/** A page that is this picture. */
function sheet(d: PDFDocument, image: PDFImage): PDFPage {
  const page = d.addPage([WIDTH, WIDTH * image.height / image.width]);
  page.drawImage(image, { x: 0, y: 0, width: page.getWidth(), height: page.getHeight() });
  return page;
}
/** A page with this content; `{}` stands for the name of the form's picture, laid over the page. */
function content(d: PDFDocument, image: PDFImage, text: string): PDFPage {
  const page = d.addPage([WIDTH, WIDTH * image.height / image.width]);
  const name = page.node.newXObject("Im", image.ref);
  const draw = `q ${page.getWidth()} 0 0 ${page.getHeight()} 0 0 cm ${name} Do Q`;
  page.node.set(PDFName.of("Contents"), d.context.register(d.context.stream(text.replace("{}", draw))));
  return page;
}

Deno.test("pdf: a picture that several pages show is read on each", async () => {
  const bytes = await made((d, form) => [1, 2, 3, 4].forEach(() => sheet(d, form)));
  assertEquals(await lines(bytes), [FORM, FORM, FORM, FORM]);
});

Deno.test("pdf: what lies outside of the CropBox is not read", async () => {
  const bytes = await made((d, form, sum) => {
    const page = sheet(d, form);
    const [w, h] = [page.getWidth(), page.getHeight()];
    page.setMediaBox(0, 0, 2 * w, h);
    page.drawImage(sum, { x: w, y: 0, width: w, height: h });
    page.setCropBox(0, 0, w, h);
  });
  assertEquals(await lines(bytes), [FORM]);
});

Deno.test("pdf: of a picture that is larger than its page the page's part is read", async () => {
  const bytes = await made((d, form) => {
    const page = d.addPage([WIDTH, 100]);
    const height = WIDTH * form.height / form.width;
    page.drawImage(form, { x: 0, y: -20, width: WIDTH, height });
  });
  const [page] = await lines(bytes);
  assert(page.length < FORM.length, String(page));
});

Deno.test("pdf: a clip path hides, and one around everything does not", async () => {
  const hidden = await made((d, form) => content(d, form, `0 150 ${WIDTH} 300 re W n {}`));
  assertEquals(await lines(hidden), [FORM.slice(0, 1)]);
  const all = await made((d, form) => content(d, form, `0 0 ${WIDTH} 300 re W n {}`));
  assertEquals(await lines(all), [FORM]);
  // The scan's own pixels, not a drawing of them.
  assertStrictEquals((await decoded(all))[0].width, 1000);
});

Deno.test("pdf: a layer that is switched off is not read", async () => {
  for (const [list, expected] of [["OFF", []], ["ON", FORM]] as const) {
    const bytes = await made((d, form) => {
      const group = d.context.register(d.context.obj({ Type: "OCG", Name: d.context.obj("layer") as never }));
      const page = content(d, form, "/OC /Layer BDC {} EMC");
      page.node.Resources()!.set(PDFName.of("Properties"), d.context.obj({ Layer: group }));
      const properties = d.context.obj({ OCGs: [group], D: { [list]: [group] } });
      d.catalog.set(PDFName.of("OCProperties"), properties);
    });
    assertEquals(await lines(bytes), [[...expected]], list);
  }
});

/** The picture as ink: black where it is dark, clear elsewhere. */
async function inked(kind: "soft mask" | "stencil"): Promise<Uint8Array> {
  const [{ gray, width, height }] = await decoded(form);
  return await made((d) => {
    const size = { Width: width, Height: height, Type: "XObject", Subtype: "Image" };
    const image = (head: Record<string, unknown>, data: Uint8Array) =>
      d.context.register(d.context.flateStream(data, { ...size, ...head } as never));
    const page = d.addPage([WIDTH, WIDTH * height / width]);
    let ref;
    if (kind === "stencil") {
      const stride = (width + 7) >> 3;
      const bits = new Uint8Array(stride * height);
      gray.forEach((v, i) => {
        // A stencil paints where the bit is 0.
        if (v > 128) bits[Math.floor(i / width) * stride + ((i % width) >> 3)] |= 128 >> (i % width & 7);
      });
      ref = image({ ImageMask: true, BitsPerComponent: 1 }, bits);
    } else {
      const grey = { ColorSpace: "DeviceGray", BitsPerComponent: 8 };
      const mask = image(grey, gray.map((v) => 255 - v));
      ref = image({ ...grey, SMask: mask }, new Uint8Array(width * height));
    }
    const name = page.node.newXObject("Im", ref);
    const text = `q ${page.getWidth()} 0 0 ${page.getHeight()} 0 0 cm ${name} Do Q`;
    page.node.set(PDFName.of("Contents"), d.context.register(d.context.stream(text)));
  });
}
for (const kind of ["soft mask", "stencil"] as const) {
  Deno.test(`pdf: ink that is a ${kind} is read`, async () => assertEquals(await lines(await inked(kind)), [FORM]));
}

Deno.test("pdf: UserUnit counts in the resolution", async () => {
  const bytes = await made((d, form) => sheet(d, form).node.set(PDFName.of("UserUnit"), d.context.obj(2)));
  const [page] = await decoded(bytes);
  assertEquals([page.width, page.dpi], [1000, Math.round(1000 / (2 * WIDTH / 72))]);
});

Deno.test("pdf: a large sheet is drawn as coarse as its memory asks for", async () => {
  const [width, height] = [2384, 3370];
  const [page] = await decoded(
    await made((d) => {
      // Its lower left quarter is black.
      d.addPage([width, height]).drawRectangle({
        x: 0,
        y: 0,
        width: width / 2,
        height: height / 2,
        color: rgb(0, 0, 0),
      });
    }),
  );
  assert(page.width * page.height < 36.1e6 && page.width * page.height > 35e6, `${page.width} x ${page.height}`);
  assertEquals(page.dpi, Math.round(72 * page.width / width));
  const at = (x: number, y: number) => page.gray[Math.floor(y * page.height) * page.width + Math.floor(x * page.width)];
  assertEquals([at(0.4, 0.6), at(0.6, 0.6), at(0.4, 0.4)], [0, 255, 255]);
});

Deno.test("pdf: colour is kept, of scans and of drawn pages", async () => {
  const coloured = await picture("table.png");
  const [{ chroma }] = await decoded(coloured);
  const bytes = await made(async (d) => {
    const image = await d.embedPng(coloured);
    sheet(d, image);
    sheet(d, image).drawRectangle({ x: 0, y: 0, width: WIDTH / 2, height: 60, color: rgb(1, 0, 0) });
  });
  const [scan, drawn] = await decoded(bytes);
  assert(chroma);
  assertEquals(scan.chroma, chroma);
  // Red at the lower left (JFIF 1.02).
  const at = 2 * (Math.ceil(drawn.width / 4) * (Math.ceil(drawn.height / 4) - 3) + 3);
  assertEquals([...drawn.chroma!.subarray(at, at + 2)], [85, 255]);
});

/** The same file with one of its streams changed. */
async function changed(bytes: Uint8Array, of: "image" | "content", change: (data: Uint8Array) => Uint8Array) {
  const document = await PDFDocument.load(bytes, { updateMetadata: false });
  for (const [ref, object] of document.context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream)) continue;
    const image = object.dict.get(PDFName.of("Subtype")) === PDFName.of("Image");
    if (image !== (of === "image") || object.contents.length < 2000) continue;
    document.context.assign(ref, PDFRawStream.of(object.dict, change(object.contents)));
    break;
  }
  return await document.save({ useObjectStreams: false });
}
const half = (data: Uint8Array) => data.subarray(0, data.length >> 1);

Deno.test("pdf: a picture or a drawing that is cut in half is told for its page, the others are read", async () => {
  const whole = await made((d, form, sum) => {
    for (const image of [sum, form]) {
      const page = sheet(d, image);
      // As deflated content, the second time.
      const lots = `% ${Array.from({ length: 4000 }, (_, i) => (i * i) % 977).join(" ")}\n`;
      const text = new TextEncoder().encode(lots);
      page.node.addContentStream(d.context.register(d.context.flateStream(text)));
    }
  });
  assertEquals(await lines(whole), [SUM, FORM]);
  const image = await lines(await changed(whole, "image", half));
  assertEquals(image.filter((p) => typeof p !== "string").length, 1);
  assertMatch(String(image.find((p) => typeof p === "string")), /^page \d of the PDF: .*(cut off|cannot be decoded)/);
});

Deno.test("pdf: content that is cut in half is told", async () => {
  const whole = await made((d, form) => {
    const page = sheet(d, form);
    const numbers = Array.from({ length: 4000 }, (_, i) => (i * 7919) % 9973).join(" ");
    page.node.addContentStream(d.context.register(d.context.flateStream(`% ${numbers}\n`)));
    const contents = page.node.Contents() as PDFArray;
    page.node.set(PDFName.of("Contents"), contents.get(contents.size() - 1));
  });
  const [why] = await lines(await changed(whole, "content", half));
  assertMatch(String(why), /page 1 of the PDF: .* damaged or cut off/);
});

Deno.test("pdf: steps of nothing, megabytes of text and deflated deflate are refused before they cost", async () => {
  const tiny = await made((d, form) => {
    const page = content(d, form, "/Pattern cs /P scn 0 0 400 248 re f");
    const pattern = d.context.stream("0 0 1 1 re f", {
      Type: "Pattern",
      PatternType: 1,
      PaintType: 1,
      TilingType: 1,
      BBox: [0, 0, 1, 1],
      XStep: 0.0001,
      YStep: 0.0001,
      Resources: {},
    });
    page.node.Resources()!.set(PDFName.of("Pattern"), d.context.obj({ P: d.context.register(pattern) }));
  });
  assertMatch(String(await lines(tiny)), /thousand million pixels/);
  const zeros = deflateSync(new Uint8Array(80 << 20));
  const bomb = (filters: string[], data: Uint8Array) =>
    made((d, form) => {
      const page = sheet(d, form);
      const stream = PDFRawStream.of(d.context.obj({ Filter: filters, Length: data.length }), data);
      page.node.addContentStream(d.context.register(stream));
    });
  const filters = ["FlateDecode", "FlateDecode"];
  for (const bytes of [await bomb(filters.slice(1), zeros), await bomb(filters, deflateSync(zeros))]) {
    assert(bytes.length < 400_000);
    assertMatch(String(await lines(bytes)), /a compressed stream of it unpacks to more than a page may need/);
  }
});

Deno.test("pdf: what a page is drawn with may unpack to no more than --max-bytes", async () => {
  const million = deflateSync(new Uint8Array(1_000_000).fill(32));
  const bytes = await made((d, form) => {
    const stream = PDFRawStream.of(d.context.obj({ Filter: "FlateDecode", Length: million.length }), million);
    sheet(d, form).node.addContentStream(d.context.register(stream));
  });
  assertEquals(await lines(bytes, { maxBytes: 1_000_000 }), [FORM]);
  assertMatch(String(await lines(bytes, { maxBytes: 999_999 })), /unpacks to more than a page may need .*--max-bytes/);
});

Deno.test("pdf: a picture with more pixels than are allowed is refused by its size", async () => {
  const bytes = await made((d) => {
    const page = d.addPage([WIDTH, WIDTH]);
    const head = { Type: "XObject", Subtype: "Image", Width: 30_000, Height: 30_000, ColorSpace: "DeviceGray" };
    const data = deflateSync(new Uint8Array(1000));
    const image = PDFRawStream.of(
      d.context.obj({ ...head, BitsPerComponent: 8, Filter: "FlateDecode", Length: data.length }),
      data,
    );
    const name = page.node.newXObject("Im", d.context.register(image));
    const text = `q ${WIDTH} 0 0 ${WIDTH} 0 0 cm ${name} Do Q`;
    page.node.set(PDFName.of("Contents"), d.context.register(d.context.stream(text)));
  });
  assertMatch(String(await lines(bytes)), /more pixels than --max-pixels/);
});

Deno.test("pdf: --skip-text leaves pages with a text layer alone, and says so", async () => {
  const bytes = await made(async (d, form, sum) => {
    const font = await d.embedFont("Helvetica");
    sheet(d, form).drawText("typed", { font, size: 8, x: 10, y: 10 });
    sheet(d, sum);
  });
  assertEquals(await lines(bytes, { skipText: true }), [[], SUM]);
  const file = await Deno.makeTempFile({ suffix: ".pdf" });
  await Deno.writeFile(file, bytes);
  const { out, err, code } = await ocr(["--skip-text", "--charset", "numeric", file]);
  assertEquals([code, out.trim().split("\n")], [0, SUM]);
  assertMatch(err, /page 1: not read: it has a text layer/);
  // Nothing is said of what nobody looked at.
  const first = await ocr(["--skip-text", "--pages", "1", file]);
  await Deno.remove(file);
  assertEquals([first.code, first.err.includes("no handwriting")], [0, false]);
});

const CASES = join(ROOT, "../shared/cases");
const there = await Deno.stat(CASES).then(() => true, () => false);
/** What other makers' files must give; not in this repository. */
const cases: Record<string, (string[] | RegExp)[]> = {
  "shared-image-3pages.pdf": [FORM, FORM, FORM],
  "shared-image-ghostscript-deduplicated.pdf": [FORM, [], FORM, [], FORM, []],
  // What is cut off below the two lines may be read as well, or lend a stroke to a number.
  "07-shared-image.pdf": [/^40\.?71/, /^1? ?15/, /^40\.?71/],
  "cropbox-hidden-part-is-read-and-pdf-text-misplaced.pdf": [FORM],
  "clip-path-ignored.pdf": [["70436"]],
  "hidden-OCG-image-is-read.pdf": [[]],
  "soft-mask-ink-read-as-empty.pdf": [FORM],
  "undecodable-image-on-page2-rc0-empty.pdf": [FORM, /page 2 .*damaged or cut off/, FORM],
  "06-jbig2-unknown-length.pdf": [/page 1 .*cannot be decoded/, SUM],
  "bomb-hang-tiny-steps.pdf": [/pixels, more than any page/],
  "bomb-hang-text30M.pdf": [/250000 things, more than any page/],
};
for (const [name, expected] of Object.entries(cases)) {
  Deno.test({
    name: `pdf: ${name}`,
    ignore: !there,
    fn: async () => {
      const pages = await lines(await Deno.readFile(join(CASES, name)));
      assertStrictEquals(pages.length, expected.length);
      for (const [i, e] of expected.entries()) {
        if (e instanceof RegExp) assertMatch(String(pages[i]), e);
        else assertEquals(pages[i], e);
      }
    },
  });
}

type Head = Record<string, string | number | Record<string, number>>;
/** A page that is this picture of 100 x 50 pixels, its stream packed by `filter`. */
const packed = (filter: string | undefined, data: Uint8Array, rest: Head = {}) =>
  made((d) => {
    const size = { Type: "XObject", Subtype: "Image", Width: 100, Height: 50, ColorSpace: "DeviceGray" };
    const head: Head = {
      BitsPerComponent: 8,
      ...size,
      ...rest,
      ...(filter && { Filter: filter }),
      Length: data.length,
    };
    const page = d.addPage([WIDTH, WIDTH / 2]);
    const name = page.node.newXObject(
      "Im",
      d.context.register(PDFRawStream.of(d.context.obj(head), data)),
    );
    const text = `q ${WIDTH} 0 0 ${WIDTH / 2} 0 0 cm ${name} Do Q`;
    page.node.set(PDFName.of("Contents"), d.context.register(d.context.stream(text)));
  });

/** Bytes as LZW codes with early change (ISO 32000-1, 7.4.4). */
function lzw(bytes: Uint8Array): Uint8Array {
  let bits = "";
  const put = (code: number, wide: number) => bits += code.toString(2).padStart(wide, "0");
  const fresh = () => new Map(Array.from({ length: 256 }, (_, i) => [String.fromCharCode(i), i]));
  let [table, next, run] = [fresh(), 258, ""];
  const wide = () => next + 1 > 2048 ? 12 : next + 1 > 1024 ? 11 : next + 1 > 512 ? 10 : 9;
  put(256, 9);
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (table.has(run + char)) {
      run += char;
      continue;
    }
    put(table.get(run)!, wide());
    table.set(run + char, next++);
    if (next === 4095) {
      put(256, 12);
      [table, next] = [fresh(), 258];
    }
    run = char;
  }
  put(table.get(run)!, wide());
  next++;
  put(257, wide());
  return Uint8Array.from(bits.match(/.{1,8}/g)!, (b) => parseInt(b.padEnd(8, "0"), 2));
}

Deno.test("pdf: a picture of which a part is missing is told, however it is packed", async () => {
  const pixels = new Uint8Array(5000).fill(200);
  const noise = Uint8Array.from({ length: 9000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 0xff);
  const text = (s: string) => new TextEncoder().encode(s);
  const fax = await Deno.readFile(join(PAGES, "bilevel.tif"));
  const strip = new DataView(fax.buffer);
  const tag = (wanted: number) => {
    const at = strip.getUint32(4, true);
    for (let i = at + 2; i < at + 2 + 12 * strip.getUint16(at, true); i += 12) {
      if (strip.getUint16(i, true) === wanted) return strip.getUint32(i + 8, true);
    }
    throw new Error(`no tag ${wanted}`);
  };
  assertStrictEquals(tag(259), 4);
  const group4 = fax.slice(tag(273), tag(273) + tag(279));
  const parms = { DecodeParms: { K: -1, Columns: 700, Rows: 420 } };
  const kinds: [filter: string | undefined, data: Uint8Array, rest?: Head][] = [
    [undefined, pixels],
    ["ASCIIHexDecode", text("c8".repeat(5000) + ">")],
    ["ASCII85Decode", text("as@d9".repeat(1250) + "~>")],
    ["RunLengthDecode", Uint8Array.from([...Array(50).fill([157, 200]).flat(), 128])],
    ["LZWDecode", lzw(pixels)],
    // Codes of all lengths, and a table that is begun anew.
    ["LZWDecode", lzw(noise), { Width: 100, Height: noise.length / 100 }],
    ["DCTDecode", await picture("digits.jpg"), { Width: 700, Height: 420, ColorSpace: "DeviceRGB" }],
    ["DCTDecode", await picture("progressive.jpg"), { Width: 700, Height: 420, ColorSpace: "DeviceRGB" }],
    ["CCITTFaxDecode", group4, { Width: 700, Height: 420, BitsPerComponent: 1, ...parms }],
  ];
  for (const [filter, data, rest] of kinds) {
    await decoded(await packed(filter, data, rest));
    const parts = filter === "DCTDecode" ? [half(data), new Uint8Array([...half(data), 0xff, 0xd9])] : [half(data)];
    for (const part of parts) {
      const [why] = await lines(await packed(filter, part, rest));
      assertMatch(String(why), /^page 1 of the PDF: an image on it (is cut off|cannot be decoded)/, filter);
    }
    assertMatch(String(await lines(await packed(filter, new Uint8Array(), rest))), /an image on it is cut off/, filter);
  }
  // A JPEG that lacks its end mark and nothing else is read, as it is by itself.
  const [filter, jpeg, head] = kinds.find(([filter]) => filter === "DCTDecode")!;
  await decoded(await packed(filter, jpeg.slice(0, -2), head));
  assertMatch(String(await lines(await packed("FooDecode", pixels))), /an image on it cannot be decoded/);
});

Deno.test("pdf: ink that shows through a soft mask of the graphics state is read, what it hides is not", async () => {
  /** The form where the light, or the opacity, of a mask lets it through; `mask` is what the mask draws. */
  const masked = (kind: "Luminosity" | "Alpha", mask: string, more: Record<string, unknown> = {}) =>
    made((d, form) => {
      const page = content(d, form, "/Soft gs {}");
      const group = d.context.register(d.context.stream(mask, {
        Type: "XObject",
        Subtype: "Form",
        BBox: [0, 0, WIDTH, WIDTH],
        Group: { S: "Transparency", CS: "DeviceGray" },
        Resources: {},
      }));
      const state = { SMask: { S: kind, G: group, ...more } };
      page.node.Resources()!.set(PDFName.of("ExtGState"), d.context.obj({ Soft: state as never }));
    });
  const [all, upper] = [`0 0 ${WIDTH} ${WIDTH} re f`, `0 150 ${WIDTH} ${WIDTH} re f`];
  const inverted = { TR: { FunctionType: 2, Domain: [0, 1], C0: [1], C1: [0], N: 1 } };
  assertEquals(await lines(await masked("Luminosity", `1 g ${all}`)), [FORM]);
  assertEquals(await lines(await masked("Luminosity", `0 g ${all}`)), [[]]);
  assertEquals(await lines(await masked("Luminosity", `1 g ${upper}`)), [FORM.slice(0, 1)]);
  assertEquals(await lines(await masked("Luminosity", `0 g ${upper}`, inverted)), [FORM]);
  assertEquals(await lines(await masked("Alpha", `0 g ${upper}`)), [FORM.slice(0, 1)]);
});

Deno.test("pdf: a page's size that cannot be meant gives no resolution", async () => {
  for (const unit of [0.001, 5000]) {
    const bytes = await made((d, form) => sheet(d, form).node.set(PDFName.of("UserUnit"), d.context.obj(unit)));
    assertEquals((await decoded(bytes)).map((p) => [p.width, p.dpi]), [[1000, null]]);
  }
});
