/** Input that bites: bombs, loops, odd names, links, damaged models, a full disk. Each gets a clear error, or is read; nothing half-written stays. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { deflateSync } from "node:zlib";
import { read } from "../src/mod.ts";
import { joined } from "../src/fuzz/mutate.ts";
import { pngChunk } from "../src/fuzz/structure.ts";
import { decode, encode } from "../src/safetensors.ts";
import { inFolder, ocr, PAGES, ROOT } from "./command.ts";
import { png } from "./pictures.ts";

const MODEL = join(ROOT, "models/line/model.safetensors");

/** A PDF of these objects, numbered from 1, with a table that says where each is; the first is the catalogue. */
function pdf(objects: (string | Uint8Array)[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [encoder.encode("%PDF-1.5\n")];
  let length = parts[0].length;
  const places = objects.map((o, i) => {
    const at = length;
    const body = typeof o === "string" ? encoder.encode(o) : o;
    for (const p of [encoder.encode(`${i + 1} 0 obj\n`), body, encoder.encode("\nendobj\n")]) {
      parts.push(p);
      length += p.length;
    }
    return at;
  });
  const table = places.map((p) => `${String(p).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  parts.push(encoder.encode(
    `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<</Root 1 0 R/Size ${size}>>\nstartxref\n${length}\n%%EOF\n`,
  ));
  return joined(parts);
}

function stream(head: string, bytes: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  return joined([
    encoder.encode(`<<${head}/Filter/FlateDecode/Length ${bytes.length}>>\nstream\n`),
    bytes,
    encoder.encode("\nendstream"),
  ]);
}

const CATALOGUE = "<</Type/Catalog/Pages 2 0 R>>";
const PAGE_TREE = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
const page = (rest: string) => `<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]${rest}>>`;
/** A PDF of one page that draws this. */
const drawing = (content: string, resources = "", ...more: (string | Uint8Array)[]) =>
  pdf([CATALOGUE, PAGE_TREE, page(`/Contents 4 0 R/Resources<<${resources}>>`), packed(content), ...more]);
const packed = (content: string, head = "") => stream(head, deflateSync(new TextEncoder().encode(content)));
const MEGABYTES = 1 << 20;

/** Keyword, method and 256 MB of zeros packed, as iCCP and zTXt have them. */
const bomb = () => joined([Uint8Array.of(120, 0, 0), deflateSync(new Uint8Array(256 * MEGABYTES))]);

/** A TIFF of one directory with these entries, all of type LONG, followed by the offset of the next one. */
function tiff(entries: [tag: number, count: number, value: number][], next = 0): Uint8Array {
  const out = new Uint8Array(600);
  const v = new DataView(out.buffer);
  out.set([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  v.setUint16(8, entries.length, true);
  entries.forEach(([tag, count, value], i) => {
    v.setUint16(10 + 12 * i, tag, true);
    v.setUint16(12 + 12 * i, 4, true);
    v.setUint32(14 + 12 * i, count, true);
    v.setUint32(18 + 12 * i, value, true);
  });
  v.setUint32(10 + 12 * entries.length, next, true);
  return out;
}

/** Width, height, bits, compression, photometric, strip at 300, samples, rows a strip, bytes of the strip. */
const plainTiff = (w: number, h: number, strips = 1): [number, number, number][] => [
  ...[[256, w], [257, h], [258, 8], [259, 1], [262, 1]].map((
    [tag, value],
  ): [number, number, number] => [tag, 1, value]),
  [273, strips, 300],
  [277, 1, 1],
  [278, 1, h],
  [279, strips, Math.min(w * h, 300)],
];

/** A page of our own with some bytes changed: `at` is found behind `after`. */
const changed = async (name: string, after: number[], skip: number, ...values: number[]) => {
  const bytes = await Deno.readFile(join(PAGES, name));
  const at = bytes.findIndex((_, i) => after.every((v, k) => bytes[i + k] === v));
  bytes.set(values, at + skip);
  return bytes;
};
const half = async (name: string) => {
  const bytes = await Deno.readFile(join(PAGES, name));
  return bytes.subarray(0, bytes.length >> 1);
};
const text = (s: string) => new TextEncoder().encode(s);

const MOST = /more than --max-pixels 250000000/;
const CUT = /damaged or cut off/;
const FILES: [
  name: string,
  bytes: () => Uint8Array | Promise<Uint8Array>,
  args: string[],
  code: number,
  message: RegExp,
][] = [
  ["an empty file", () => new Uint8Array(), [], 2, /the file is empty/],
  ["a text", () => text("dear diary\n"), [], 2, /the file is text; scrawl reads JPEG/],
  [
    "a ZIP archive",
    () => text("PK\u0003\u0004 and so on"),
    [],
    2,
    /a ZIP archive \(or an office document\); scrawl reads/,
  ],
  [
    "a HEIC picture",
    () => text("\0\0\0\u0018ftypheic"),
    [],
    2,
    /a HEIC picture, which scrawl does not read: convert it to JPEG/,
  ],
  ...["digits.jpg", "progressive.jpg", "digits.png", "digits.tif", "digits.webp", "digits.bmp", "digits.gif"].map((
    n,
  ): typeof FILES[number] => [`half of ${n}`, () => half(n), [], 2, CUT]),
  ["a PDF that ends early", () => text("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0"), [], 2, CUT],
  ["pages that are not there", () => half("form.png"), ["--pages", "3-"], 2, /asks for none of the file's 1 page/],

  ["a PNG of 100,000 x 100,000", () => png(1e5, 1e5, 10), [], 2, /100000 x 100000 pixels are more/],
  ["a JPEG of 65,500 x 65,500", () => changed("digits.jpg", [0xff, 0xc0], 5, 0xff, 0xdc, 0xff, 0xdc), [], 2, MOST],
  ["a GIF of 65,535 x 65,535", () => changed("digits.gif", [0x47, 0x49, 0x46], 6, 255, 255, 255, 255), [], 2, MOST],
  ["a BMP of 65,000 x 65,000", () => changed("digits.bmp", [66, 77], 18, 232, 253, 0, 0, 232, 253, 0, 0), [], 2, MOST],
  ["a TIFF of 100,000 x 100,000", () => tiff(plainTiff(1e5, 1e5)), [], 2, MOST],
  [
    "a WebP of 16,383 x 16,383",
    () => changed("digits.webp", [0x56, 0x50, 0x38, 0x4c], 9, 0xfe, 0xbf, 0xff, 0x0f),
    [],
    2,
    MOST,
  ],
  [
    "more pixels than --max-pixels",
    () => Deno.readFile(join(PAGES, "form.png")),
    ["--max-pixels", "1000"],
    2,
    /1000 x 620/,
  ],

  ["a PNG with 256 MB behind its pixels", () => png(100, 100, 256 * MEGABYTES), [], 0, /^$/],
  ["a PNG whose profile unpacks to 256 MB", () => png(100, 100, 10_100, pngChunk("iCCP", bomb())), [], 0, /^$/],
  ["a PNG whose text unpacks to 256 MB", () => png(100, 100, 10_100, pngChunk("zTXt", bomb())), [], 0, /^$/],
  ["a PNG of 240 million blank pixels", () => png(20_000, 12_000, 12_000 * 20_001), [], 0, /^$/],
  ["a TIFF whose directories loop", () => tiff(plainTiff(10, 10), 8), [], 2, /a cycle in the list of IFDs/],
  ["a TIFF of 4,294,967,295 strips", () => tiff(plainTiff(10, 10, 0xffffffff)), [], 2, CUT],

  [
    "a PDF whose page tree holds itself",
    () => pdf([CATALOGUE, "<</Type/Pages/Kids[2 0 R]/Count 1>>"]),
    [],
    2,
    /circular/,
  ],
  [
    "a PDF without pages",
    () => pdf([CATALOGUE, "<</Type/Pages/Kids[]/Count 0>>"]),
    [],
    2,
    /has no pages|damaged/,
  ],
  [
    "a PDF whose resources loop",
    () =>
      drawing(
        "/X Do",
        "/XObject<</X 5 0 R>>",
        packed("/X Do", "/Type/XObject/Subtype/Form/BBox[0 0 72 72]/Resources 3 0 R"),
      ),
    ["--dpi", "72"],
    0,
    /^$/,
  ],
  [
    "a PDF of forms in forms, ten to the tenth of them",
    () =>
      drawing(
        "/X Do",
        "/XObject<</X 5 0 R>>",
        ...Array.from({ length: 10 }, (_, k) =>
          packed(
            k < 9 ? "/X Do ".repeat(10) : "0 0 9 9 re f",
            `/Type/XObject/Subtype/Form/BBox[0 0 72 72]/Resources<</XObject<</X ${6 + k} 0 R>>>>`,
          )),
      ),
    [],
    2,
    /page 1 of the PDF: it draws 250000 things/,
  ],
  ["a PDF that draws three million squares", () => drawing("0 0 9 9 re f ".repeat(3e6)), [], 2, /draws 250000 things/],
  ["a PDF that saves its state a million times", () => drawing("q ".repeat(1e6)), [], 2, /nests 1000 deep/],
  ["a PDF of arrays in arrays", () => drawing("[".repeat(2e6)), ["--dpi", "72"], 2, /drawn with is damaged or cut off/],
  [
    "a PDF of dictionaries in dictionaries",
    () => pdf([CATALOGUE, PAGE_TREE, page(`/X ${"<</A ".repeat(2e5)}1${">>".repeat(2e5)}`)]),
    [],
    2,
    /page 1 of the PDF: it is nested too deeply/,
  ],
  [
    "a PDF whose picture claims 100,000 x 100,000",
    () =>
      drawing(
        "72 0 0 72 0 0 cm /X Do",
        "/XObject<</X 5 0 R>>",
        packed("0", "/Type/XObject/Subtype/Image/Width 100000/Height 100000/BitsPerComponent 8/ColorSpace/DeviceGray"),
      ),
    ["--dpi", "72"],
    2,
    /page 1 of the PDF: an image on it has more pixels than --max-pixels/,
  ],
  ["a PDF whose page unpacks to 64 MB of blanks", () => drawing(" ".repeat(64 * MEGABYTES)), ["--dpi", "72"], 0, /^$/],
  [
    "a PDF of 14 kilometres",
    () => pdf([CATALOGUE, PAGE_TREE, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 4e7 4e7]>>"]),
    ["--max-pixels", "1000000"],
    0,
    /^$/,
  ],
  [
    "the last of 10,000 pages",
    () => pdf([CATALOGUE, `<</Type/Pages/Kids[${"3 0 R ".repeat(10_000)}]/Count 10000>>`, page("")]),
    ["--dpi", "72", "--pages", "10000"],
    0,
    /^$/,
  ],
  [
    "a locked PDF without its password",
    () => Deno.readFile(join(PAGES, "locked.pdf")),
    [],
    8,
    /encrypted: give its password with --password/,
  ],
  [
    "a locked PDF with a wrong one",
    () => Deno.readFile(join(PAGES, "locked.pdf")),
    ["--password", "guess"],
    8,
    /the password does not open/,
  ],
];

for (const [name, bytes, args, expected, message] of FILES) {
  Deno.test(`hostile: ${name}`, () =>
    inFolder(async (folder) => {
      // Told by content: the name says nothing.
      await Deno.writeFile(join(folder, "in"), await bytes());
      const { code, out, err } = await ocr(["-q", join(folder, "in"), "-o", join(folder, "out.txt"), ...args]);
      assertStrictEquals(code, expected, err);
      assertStrictEquals(out, "");
      assertMatch(err.trim(), message);
      assert(err.trim().split("\n").length <= 1, err);
      assertEquals(
        [...Deno.readDirSync(folder)].map((f) => f.name).sort(),
        expected === 0 ? ["in", "out.txt"] : ["in"],
      );
    }));
}

/** Three pages, the second of which draws without end. */
const damaged = () =>
  pdf([
    CATALOGUE,
    "<</Type/Pages/Kids[4 0 R 5 0 R 6 0 R]/Count 3>>",
    packed("q ".repeat(1e6)),
    page(""),
    page("/Contents 3 0 R"),
    page(""),
  ]);

Deno.test("hostile: of a file with one bad page the others are read, whatever the number of jobs", () =>
  inFolder(async (folder) => {
    const file = join(folder, "in.pdf");
    await Deno.writeFile(file, damaged());
    for (const jobs of ["1", "2", "3"]) {
      const { code, out, err } = await ocr(["-f", "jsonl", "--dpi", "72", "-j", jobs, file]);
      assertStrictEquals(code, 2);
      assertMatch(err, /page 2 of the PDF: it nests 1000 deep/);
      const records = out.trim().split("\n").map((l) => JSON.parse(l));
      assertEquals(records.map((r) => [r.page, "error" in r]), [[1, false], [2, true], [3, false]]);
    }
    const batch = [
      "-q",
      "--dpi",
      "72",
      "-f",
      "txt",
      "-f",
      "page",
      "-o",
      `${folder}/out/`,
      file,
      join(PAGES, "form.png"),
    ];
    assertStrictEquals((await ocr(batch)).code, 2);
    const made = () => [...Deno.readDirSync(join(folder, "out"))].map((f) => f.name).sort();
    assertEquals(made(), [
      ".scrawl-journal",
      "form.page.xml",
      "form.txt",
      "in.1.page.xml",
      "in.3.page.xml",
      "in.txt",
    ]);
    // What is not whole is read again.
    assertMatch((await ocr([...batch.slice(1), "--resume"])).err, /0 of 1 files read, 2 pages, 1 skipped, 1 failed/);
    // A file none of whose pages can be read leaves nothing.
    const none = await ocr(["--dpi", "72", "--pages", "2", "-o", join(folder, "none.txt"), file]);
    assertStrictEquals(none.code, 2);
    assert(!made().includes("none.txt") && ![...Deno.readDirSync(folder)].some((f) => f.name.startsWith("none")));
    const pages: number[] = [];
    const e = await (async () => {
      for await (const p of read(file, { dpi: 72 })) pages.push(p.page);
    })().catch((e) => e);
    assertEquals(pages, [1, 3]);
    assertMatch(e.message, /page 2 of the PDF/);
  }));

const OUTPUTS: [name: string, path: string, message: RegExp][] = [
  ["in a folder that is not there", "no/such/out.txt", /No such file/],
  ["below a file", "file/out.txt", /Not a directory/],
  ["in a folder whose name a file has", "file/", /cannot write/],
  ["where nobody may write", "/proc/out.txt", /cannot write/],
];
for (const [name, path, message] of OUTPUTS) {
  Deno.test({
    name: `hostile: an output ${name} is told`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      inFolder(async (folder) => {
        await Deno.writeTextFile(join(folder, "file"), "");
        const to = path.startsWith("/") ? path : join(folder, path) + (path.endsWith("/") ? "/" : "");
        const { code, out, err } = await ocr(["-q", "-o", to, join(PAGES, "digits.png")]);
        assertStrictEquals(code, 4, err);
        assertStrictEquals(out, "");
        assertMatch(err, message);
        assertEquals([...Deno.readDirSync(folder)].map((f) => f.name), ["file"]);
      }),
  });
}

const MODELS: [name: string, change: (bytes: Uint8Array) => Uint8Array, message: RegExp][] = [
  ["cut off", (b) => b.subarray(0, b.length - 1000), /cut off/],
  ["empty", () => new Uint8Array(), /only 0 bytes/],
  [
    "a text",
    () => new TextEncoder().encode("not a model, but long enough to have a header"),
    /not a safetensors file, or cut off/,
  ],
  ["of another version", (b) => {
    const m = decode(b);
    return encode({ ...m, metadata: { ...m.metadata, format: "scrawl-9" } });
  }, /format is scrawl-9, this version reads scrawl-1/],
  ["without a tensor", (b) => {
    const { metadata, tensors } = decode(b);
    const [first] = Object.keys(tensors);
    return encode({ metadata, tensors: Object.fromEntries(Object.entries(tensors).filter(([n]) => n !== first)) });
  }, /lacks tensor/],
];

for (const [name, change, message] of MODELS) {
  Deno.test(`hostile: a model that is ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    const file = join(folder, "model.safetensors");
    await Deno.writeFile(file, change(await Deno.readFile(MODEL)));
    const { code, out, err } = await ocr([join(PAGES, "digits.png"), "--model", file]);
    assertStrictEquals(code, 2, err);
    assertStrictEquals(out, "");
    assertMatch(err, message);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("hostile: odd names, links that lead nowhere, and the others of the folder are read", async () => {
  const folder = await Deno.makeTempDir();
  const odd = ["two\nlines.png", "-f.png", "spaces and ümläuts ✎.png", "%2e%2e.png", "\u001b[31mred.png"];
  for (const name of odd) await Deno.copyFile(join(PAGES, "digits.png"), join(folder, name));
  await Deno.symlink("nowhere.png", join(folder, "dangling.png"));
  await Deno.symlink("loop.png", join(folder, "loop.png"));
  await Deno.symlink(join(PAGES, "digits.png"), join(folder, "link.png"));
  const { code, out, err } = await ocr(["-f", "jsonl", folder]);
  assertStrictEquals(code, 5, err);
  const lines = out.trim().split("\n").map((l) => JSON.parse(l));
  assertStrictEquals(lines.filter((l) => l.lines?.length > 0).length, odd.length + 1);
  const errors = lines.filter((l) => l.error);
  assertStrictEquals(errors.length, 2);
  for (const { error } of errors) assertMatch(error.message ?? error, /no such file|cannot be read/);
  assert(!err.includes("\u001b[31m"), "names are escaped on the terminal's side");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("hostile: a name that is not UTF-8 is told, and the others are read", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.copyFile(join(PAGES, "digits.png"), join(folder, "good.png"));
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `cp "$1/good.png" "$1/$(printf 'bad\\377').png"`, "sh", folder],
  }).output();
  assert(success);
  const { code, out, err } = await ocr(["-f", "jsonl", folder]);
  const read = out.trim().split("\n").map((l) => JSON.parse(l)).filter((l) => l.lines);
  assert(read.some((l) => l.file.endsWith("good.png")), err);
  assert(code === 0 ? read.length === 2 : code === 5 && /bad/.test(err), `${code} ${err}`);
  await new Deno.Command("rm", { args: ["-r", folder] }).output();
});

Deno.test({
  name: "hostile: a full disk is told, and nothing half-written stays",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    // A disk of four pages of memory, filled.
    const folder = await Deno.makeTempDir();
    await new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=16k", "tmpfs", folder] }).output();
    try {
      await Deno.writeFile(join(folder, "filling"), new Uint8Array(1 << 16)).catch(() => {});
      const { code, err } = await ocr([join(PAGES, "digits.png"), "-o", join(folder, "out.txt")]);
      assertStrictEquals(code, 4, err);
      assertMatch(err, /cannot write .*No space left/);
      assertEquals([...Deno.readDirSync(folder)].map((f) => f.name), ["filling"]);
    } finally {
      await new Deno.Command("umount", { args: [folder] }).output();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
