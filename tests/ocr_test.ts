/** The command line, end to end, over pages of our own. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = join(ROOT, "tests", "pages");

/** Runs `ocr` with exactly the permissions of its task. */
async function ocr(args: string[], stdin?: Uint8Array): Promise<{ code: number; out: string; err: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", join(ROOT, "src/cli.ts"), "ocr", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  if (stdin) await writer.write(stdin).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

const UPDATE = Deno.env.get("SCRAWL_UPDATE") === "1";

for (
  const page of [...Deno.readDirSync(PAGES)].map((f) => f.name).filter((n) =>
    /\.(png|jpg|tif|webp|bmp|gif|pdf)$/.test(n) && n !== "locked.pdf"
  ).sort()
) {
  Deno.test(`golden page ${page}`, async () => {
    const { code, out, err } = await ocr([join(PAGES, page)]);
    strictEqual(code, 0, err);
    const golden = join(PAGES, `${page}.txt`);
    if (UPDATE) await Deno.writeTextFile(golden, out);
    strictEqual(out, await Deno.readTextFile(golden));
  });
}

Deno.test("all formats of one picture read alike", async () => {
  const names = ["digits.png", "digits.jpg", "digits.tif", "digits.webp", "digits.bmp", "digits.gif"];
  const texts = await Promise.all(names.map(async (n) => (await ocr([join(PAGES, n), "--charset", "digits"])).out));
  for (const [i, t] of texts.entries()) strictEqual(t, texts[0], names[i]);
  ok(texts[0].length > 4);
});

Deno.test("JSON Lines: an object a page, an object a bad file, and the others go on", async () => {
  const page = join(PAGES, "digits.png");
  const { code, out } = await ocr(["-f", "jsonl", "no-such-file.png", page]);
  const [bad, good] = out.trim().split("\n").map((l) => JSON.parse(l));
  strictEqual(code, 5);
  deepStrictEqual(bad, { file: "no-such-file.png", error: { code: "access", message: "there is no such file" } });
  strictEqual(good.file, page);
  strictEqual(good.page, 1);
  for (const key of ["width", "height", "rotation", "lines", "suppressed"]) ok(key in good, key);
  const [x, y, w, h] = good.lines[0].box;
  ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= good.width && y + h <= good.height);
  ok(good.lines[0].confidence > 0 && good.lines[0].confidence <= 1);
  strictEqual(good.lines[0].words.map((w: { text: string }) => w.text).join(" "), good.lines[0].text);
});

Deno.test("standard input, an output file, and the same bytes each time", async () => {
  const dir = await Deno.makeTempDir();
  const bytes = await Deno.readFile(join(PAGES, "digits.jpg"));
  const [a, b] = [join(dir, "a.json"), join(dir, "b.json")];
  for (const f of [a, b]) strictEqual((await ocr(["-", "-f", "json", "-o", f], bytes)).code, 0);
  strictEqual(await Deno.readTextFile(a), await Deno.readTextFile(b));
  deepStrictEqual([...Deno.readDirSync(dir)].map((f) => f.name).sort(), ["a.json", "b.json"]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("allowed characters mask the decoder", async () => {
  const { out } = await ocr([join(PAGES, "digits.png"), "--allowed-chars", "01"]);
  match(out, /^[01\s]*$/);
});

/** A PNG header that claims a size, and nothing behind it. */
function hugePng(): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const v = new DataView(bytes.buffer);
  v.setUint32(16, 100_000);
  v.setUint32(20, 100_000);
  bytes.set([8, 0, 0, 0, 0], 24);
  v.setUint32(29, crc(bytes.subarray(12, 29)));
  return bytes;
}

function crc(bytes: Uint8Array): number {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return ~c >>> 0;
}

const half = async (name: string) => {
  const bytes = await Deno.readFile(join(PAGES, name));
  return bytes.subarray(0, bytes.length / 2);
};
const text = (s: string) => Promise.resolve(new TextEncoder().encode(s));

const BAD: [name: string, bytes: () => Promise<Uint8Array>, args: string[], code: number, message: RegExp][] = [
  ["an empty file", () => Promise.resolve(new Uint8Array()), [], 2, /the file is empty/],
  ["a text file", () => text("dear diary\n"), [], 2, /the file is text; scrawl reads JPEG/],
  ["a truncated JPEG", () => half("digits.jpg"), [], 2, /damaged or cut off/],
  ["a truncated PNG", () => half("digits.png"), [], 2, /damaged or cut off/],
  ["a truncated TIFF", () => half("digits.tif"), [], 2, /damaged or cut off/],
  [
    "a truncated PDF",
    () => text("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0"),
    [],
    2,
    /the PDF is damaged or cut off/,
  ],
  [
    "a PDF without pages",
    () =>
      text(
        "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\ntrailer\n<</Root 1 0 R>>\n",
      ),
    [],
    2,
    /has no pages|damaged/,
  ],
  [
    "a header of 100,000 x 100,000",
    () => Promise.resolve(hugePng()),
    [],
    2,
    /100000 x 100000 pixels are more than --max-pixels/,
  ],
  [
    "pages that are not there",
    () => Deno.readFile(join(PAGES, "digits.png")),
    ["--pages", "3-"],
    2,
    /asks for none of the file's 1 page/,
  ],
];

for (const [name, bytes, args, expected, message] of BAD) {
  Deno.test(`bad input: ${name}`, async () => {
    const { code, out, err } = await ocr(["-", ...args], await bytes());
    strictEqual(code, expected, err);
    strictEqual(out, "");
    match(err, message);
    strictEqual(err.trim().split("\n").length, 1, err);
  });
}

Deno.test("bad input: a wrong password, and none", async () => {
  const file = join(PAGES, "locked.pdf");
  const none = await ocr([file]);
  strictEqual(none.code, 8);
  match(none.err, /encrypted: give its password with --password/);
  const wrong = await ocr([file, "--password", "guess"]);
  strictEqual(wrong.code, 8);
  match(wrong.err, /does not open/);
  strictEqual((await ocr([file, "--password", "scrawl"])).code, 0);
});

Deno.test("bad input: a folder with nothing in it, a missing file, an unwritable output", async () => {
  const dir = await Deno.makeTempDir();
  const empty = await ocr([dir]);
  strictEqual(empty.code, 2);
  match(empty.err, /the folder holds no JPEG/);
  strictEqual((await ocr([join(dir, "gone.png")])).code, 5);
  const out = await ocr([join(PAGES, "digits.png"), "-o", join(dir, "no", "such", "folder.txt")]);
  strictEqual(out.code, 4);
  await Deno.remove(dir, { recursive: true });
});

const ARGUMENTS: [string[], RegExp][] = [
  [[], /name at least one file/],
  [["--formt", "json", "x.png"], /did you mean --format\?/],
  [["-f", "docx", "x.png"], /choose one of txt, json, jsonl/],
  [["--pages", "3-1", "x.png"], /write it like 1,3-5,8-/],
  [["--dpi", "many", "x.png"], /a whole number above 0/],
];

for (const [args, message] of ARGUMENTS) {
  Deno.test(`wrong arguments: ${args.join(" ") || "none"}`, async () => {
    const { code, err } = await ocr(args);
    strictEqual(code, 1, err);
    match(err, message);
  });
}

Deno.test("stages are written as pictures", async () => {
  const dir = await Deno.makeTempDir();
  strictEqual((await ocr([join(PAGES, "digits.png"), "--dump-stages", dir])).code, 0);
  const names = [...Deno.readDirSync(join(dir, "digits-1"))].map((f) => f.name).sort();
  deepStrictEqual(names, ["1-light.png", "2-ink.png", "3-rules.png", "4-segments.png"]);
  await Deno.remove(dir, { recursive: true });
});
