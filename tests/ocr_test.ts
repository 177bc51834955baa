/** The command line, end to end, over pages of our own. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { ocr, PAGES, ROOT, run } from "./command.ts";

const UPDATE = Deno.env.get("SCRAWL_UPDATE") === "1";

for (
  const page of [...Deno.readDirSync(PAGES)].map((f) => f.name).filter((n) =>
    /\.(png|jpg|tif|webp|avif|bmp|gif|pdf)$/.test(n) && n !== "locked.pdf"
  ).sort()
) {
  Deno.test(`golden page ${page}`, async () => {
    const { code, out, err } = await ocr([join(PAGES, page)]);
    assertStrictEquals(code, 0, err);
    const golden = join(PAGES, `${page}.txt`);
    if (UPDATE) await Deno.writeTextFile(golden, out);
    assertStrictEquals(out, await Deno.readTextFile(golden));
  });
}

Deno.test("all formats of one picture read alike", async () => {
  const names = ["digits.png", "digits.jpg", "digits.tif", "digits.webp", "digits.bmp", "digits.gif"];
  const texts = await Promise.all(names.map(async (n) => (await ocr([join(PAGES, n), "--charset", "digits"])).out));
  for (const [i, t] of texts.entries()) assertStrictEquals(t, texts[0], names[i]);
  assert(texts[0].length > 4);
});

Deno.test("JSON Lines: an object a page, an object a bad file, and the others go on", async () => {
  const page = join(PAGES, "digits.png");
  const { code, out } = await ocr(["-f", "jsonl", "no-such-file.png", page]);
  const [bad, good] = out.trim().split("\n").map((l) => JSON.parse(l));
  assertStrictEquals(code, 5);
  assertEquals(bad, { file: "no-such-file.png", error: { code: "access", message: "there is no such file" } });
  assertStrictEquals(good.file, page);
  assertStrictEquals(good.page, 1);
  for (const key of ["width", "height", "rotation", "lines", "suppressed"]) assert(key in good, key);
  const [x, y, w, h] = good.lines[0].box;
  assert(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= good.width && y + h <= good.height);
  assert(good.lines[0].confidence > 0 && good.lines[0].confidence <= 1);
  assertStrictEquals(good.lines[0].words.map((w: { text: string }) => w.text).join(" "), good.lines[0].text);
});

Deno.test("standard input, an output file, and the same bytes each time", async () => {
  const dir = await Deno.makeTempDir();
  const bytes = await Deno.readFile(join(PAGES, "digits.jpg"));
  const [a, b] = [join(dir, "a.json"), join(dir, "b.json")];
  for (const f of [a, b]) assertStrictEquals((await ocr(["-", "-f", "json", "-o", f], { stdin: bytes })).code, 0);
  assertStrictEquals(await Deno.readTextFile(a), await Deno.readTextFile(b));
  assertEquals([...Deno.readDirSync(dir)].map((f) => f.name).sort(), ["a.json", "b.json"]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("allowed characters mask the decoder", async () => {
  const { out } = await ocr([join(PAGES, "digits.png"), "--allowed-chars", "01"]);
  assertMatch(out, /^[01\s]*$/);
});

Deno.test("bad input: a folder with nothing in it, a missing file, an unwritable output", async () => {
  const dir = await Deno.makeTempDir();
  const empty = await ocr([dir]);
  assertStrictEquals(empty.code, 2);
  assertMatch(empty.err, /the folder holds no JPEG/);
  assertStrictEquals((await ocr([join(dir, "gone.png")])).code, 5);
  const out = await ocr([join(PAGES, "digits.png"), "-o", join(dir, "no", "such", "folder.txt")]);
  assertStrictEquals(out.code, 4);
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
    assertStrictEquals(code, 1, err);
    assertMatch(err, message);
  });
}

Deno.test("a command that is not there suggests the one that is", async () => {
  const said = (await run(Deno.execPath(), ["run", "-q", "--allow-read", join(ROOT, "src/cli.ts"), "evaluat"]))!;
  assertStrictEquals(said.code, 1);
  assertMatch(said.err, /there is no command evaluat; did you mean evaluate\?/);
});

Deno.test("stages are written as pictures", async () => {
  const dir = await Deno.makeTempDir();
  assertStrictEquals((await ocr([join(PAGES, "digits.png"), "--dump-stages", dir])).code, 0);
  const names = [...Deno.readDirSync(join(dir, "digits-1"))].map((f) => f.name).sort();
  assertEquals(names.sort((a, b) => parseInt(a) - parseInt(b)), [
    "1-light.png",
    "2-ink.png",
    "3-hand.png",
    "4-print.png",
    "5-cores-hand.png",
    "6-cores-print.png",
    "7-gaps.png",
    "8-rules.png",
    "9-lifted.png",
    "10-segments.png",
  ]);
  await Deno.remove(dir, { recursive: true });
});
