/** Input that bites: bombs, loops, odd names, links, damaged models, a full disk. Each gets a clear error, or is read; nothing half-written stays. */
import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { decode, encode } from "../src/safetensors.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = join(ROOT, "tests", "pages");
const MODEL = join(ROOT, "models/line/model.safetensors");

interface Outcome {
  code: number;
  out: string;
  err: string;
}

async function ocr(args: string[], permissions = ["--allow-read", "--allow-write"]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, join(ROOT, "src/cli.ts"), "ocr", ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

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

function joined(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
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
const page = (rest: string) => `<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]${rest}>>`;
const MEGABYTES = 1 << 20;

const FILES: [name: string, bytes: () => Uint8Array, args: string[], code: number, message: RegExp][] = [
  [
    "a PDF whose page tree holds itself",
    () => pdf([CATALOGUE, "<</Type/Pages/Kids[2 0 R]/Count 1>>"]),
    [],
    2,
    /Pages tree contains circular reference/,
  ],
  [
    "a PDF whose resources loop",
    () =>
      pdf([
        CATALOGUE,
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page("/Resources 4 0 R/Contents 5 0 R"),
        "<</XObject<</X 6 0 R>>>>",
        stream("", deflateSync(new TextEncoder().encode("/X Do"))),
        stream(
          "/Type/XObject/Subtype/Form/BBox[0 0 72 72]/Resources 4 0 R",
          deflateSync(new TextEncoder().encode("/X Do")),
        ),
      ]),
    ["--dpi", "72"],
    0,
    /^$/,
  ],
  [
    "a PDF whose page unpacks to 64 MB of blanks",
    () =>
      pdf([
        CATALOGUE,
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page("/Contents 4 0 R"),
        stream("", deflateSync(new Uint8Array(64 * MEGABYTES).fill(32))),
      ]),
    ["--dpi", "72"],
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
];

for (const [name, bytes, args, expected, message] of FILES) {
  Deno.test(`hostile: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    await Deno.writeFile(join(folder, "in.pdf"), bytes());
    const { code, err } = await ocr(["-q", join(folder, "in.pdf"), "-o", join(folder, "out.txt"), ...args]);
    strictEqual(code, expected, err);
    match(err.trim(), message);
    const left = [...Deno.readDirSync(folder)].map((f) => f.name).sort().join(" ");
    strictEqual(left, expected === 0 ? "in.pdf out.txt" : "in.pdf");
    await Deno.remove(folder, { recursive: true });
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
    strictEqual(code, 2, err);
    strictEqual(out, "");
    match(err, message);
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
  strictEqual(code, 5, err);
  const lines = out.trim().split("\n").map((l) => JSON.parse(l));
  strictEqual(lines.filter((l) => l.lines?.length > 0).length, odd.length + 1);
  const errors = lines.filter((l) => l.error);
  strictEqual(errors.length, 2);
  for (const { error } of errors) match(error.message ?? error, /no such file|cannot be read/);
  ok(!err.includes("\u001b[31m"), "names are escaped on the terminal's side");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("hostile: a name that is not UTF-8 is told, and the others are read", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.copyFile(join(PAGES, "digits.png"), join(folder, "good.png"));
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `cp "$1/good.png" "$1/$(printf 'bad\\377').png"`, "sh", folder],
  }).output();
  ok(success);
  const { code, out, err } = await ocr(["-f", "jsonl", folder]);
  const read = out.trim().split("\n").map((l) => JSON.parse(l)).filter((l) => l.lines);
  ok(read.some((l) => l.file.endsWith("good.png")), err);
  ok(code === 0 ? read.length === 2 : code === 5 && /bad/.test(err), `${code} ${err}`);
  await new Deno.Command("rm", { args: ["-r", folder] }).output();
});

Deno.test({
  name: "hostile: a full disk is told, and nothing half-written stays",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    const out = join(folder, "out.txt");
    await Deno.symlink("/dev/full", `${out}.part`);
    const { code, err } = await ocr([join(PAGES, "digits.png"), "-o", out], ["--allow-all"]);
    strictEqual(code, 4, err);
    match(err, /cannot write .*No space left/);
    strictEqual([...Deno.readDirSync(folder)].length, 0);
    await Deno.remove(folder, { recursive: true });
  },
});
