/** The library: its examples, its errors, its signal, and that it asks nothing of Deno. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { toFileUrl } from "@std/path/to-file-url";
import { encodePng } from "../src/format/png.ts";
import { Engine, type Page, read, ScrawlError } from "../src/mod.ts";
import { inFolder, PAGES, ROOT, run } from "./command.ts";

const page = (name: string) => join(PAGES, name);
const all = async (pages: AsyncIterable<Page>) => await Array.fromAsync(pages);

/** Examples of README and module: blocks of TypeScript, in comments or not. */
const examples = (await Promise.all(["README.md", "src/mod.ts"].map((f) => Deno.readTextFile(join(ROOT, f)))))
  .flatMap((text) => [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((m) => m[1].replaceAll(/^ \* ?/gm, "")));

for (const [i, example] of examples.entries()) {
  Deno.test(`library: example ${i + 1} runs as it stands, with read access alone`, () =>
    inFolder(async (folder) => {
      const file = join(folder, "example.ts");
      await Deno.writeTextFile(file, example.replace("./src/mod.ts", toFileUrl(join(ROOT, "src/mod.ts")).href));
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-prompt", "--check", "--config", join(ROOT, "deno.json"), "--allow-read", file],
        cwd: ROOT,
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      assertMatch(new TextDecoder().decode(stdout), /\d/);
    }));
}
Deno.test("library: there are examples", () => assert(examples.length >= 3));

Deno.test("library: a path, an address and bytes read alike, with a kept engine or without", async () => {
  const engine = await Engine.open();
  const sources = [page("form.png"), toFileUrl(page("form.png")), await Deno.readFile(page("form.png"))];
  const read3 = await Promise.all(sources.map((s) => all(read(s, { engine }))));
  const [alone] = await all(read(sources[0]));
  for (const [pages, file] of read3.map((p, i) => [p, ["", "", "-"][i] || String(sources[i])] as const)) {
    assertEquals(pages, [{ ...alone, file }]);
  }
  // Options of one reading leave no trace in the next.
  const [digits] = await all(read(page("note.png"), { engine, charset: "digits" }));
  assertMatch(digits.lines.map((l) => l.text).join(""), /^[\d ]*$/);
  assertEquals(await all(read(page("form.png"), { engine })), [alone]);
});

Deno.test("library: light writing in a dark bar is read, and specks before numbers are no points", async () => {
  const { decode } = (await import("imagescript/png/node.js")).default;
  const { width, height, pixels } = await decode(await Deno.readFile(page("digits.png")));
  const gray = Uint8Array.from({ length: width * height }, (_, i) => pixels[4 * i]);
  const engine = await Engine.open();
  const lines = async (changed: Uint8Array) => {
    const [{ lines }] = await all(read(await encodePng(changed, width, height), { engine }));
    return lines.map((l) => ({ text: l.text, box: l.box }));
  };
  const plain = await lines(gray);
  const texts = ["4071", "93826", "15"];
  assertEquals(plain.map((l) => l.text), texts);

  const [left, top, wide, high] = plain[1].box;
  const bar = gray.slice();
  for (let y = top - 12; y < top + high + 12; y++) {
    for (let x = left - 40; x < left + wide + 200; x++) bar[y * width + x] = 255 - bar[y * width + x];
  }
  assertEquals((await lines(bar)).map((l) => l.text), texts);

  // In the middle of the digits' height; a point stands on their line.
  const speck = gray.slice();
  for (const { box: [x0, y0, , h] } of plain) {
    for (let y = -3; y < 3; y++) {
      speck.fill(30, (y0 + h / 2 + y | 0) * width + x0 - 26, (y0 + h / 2 + y | 0) * width + x0 - 20);
    }
  }
  assertEquals((await lines(speck)).map((l) => l.text), texts);
});

Deno.test("library: pages come one at a time, and a signal ends them", async () => {
  const stop = new AbortController();
  const pages = read(page("two-pages.tif"), { signal: stop.signal });
  assertStrictEquals((await pages.next()).value.page, 1);
  const reason = new Error("enough");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => pages.next()), reason);
  assertStrictEquals((await pages.next()).done, true);
  const aborted = read(page("form.png"), { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await assertRejects(() => aborted.next()), reason);
  // Leaving the loop is another way to stop.
  for await (const p of read(page("two-pages.tif"))) {
    assertStrictEquals(p.page, 1);
    break;
  }
});

Deno.test("library: errors have a code and say what to do", async () => {
  const wrong: [() => Promise<unknown>, string, RegExp][] = [
    [() => all(read("no-such-file.png")), "access", /cannot read no-such-file\.png/],
    [() => all(read(new TextEncoder().encode("dear diary"))), "input", /the file is text; scrawl reads JPEG/],
    [() => all(read(page("locked.pdf"))), "encrypted", /password/],
    [() => all(read(page("form.png"), { pages: "3-1" })), "arguments", /write it like 1,3-5,8-/],
    [() => all(read(page("form.png"), { pattern: "[" })), "arguments", /pattern \[ cannot be used/],
    [() => all(read(page("form.png"), { allowedChars: "12☃" })), "arguments", /☃ is not among what can be read/],
    [() => all(read(page("form.png"), { charset: "digits", allowedChars: "12a" })), "arguments", /a is not among/],
    [() => all(read(page("form.png"), { allowedChars: "" })), "arguments", /no characters are read/],
    [() => all(read(page("form.png"), { charset: "letters" as "text" })), "arguments", /choose one of digits, numeric/],
    [() => all(read(page("form.png"), { printed: "yes" as "keep" })), "arguments", /printed "yes": choose one of drop/],
    [() => all(read(page("form.png"), { minConf: 2 })), "arguments", /minConf 2: a number from 0 to 1/],
    [() => all(read(page("form.png"), { rejectChar: "?" })), "arguments", /give one of them/],
    [() => all(read(page("form.png"), { dpi: 0 })), "arguments", /dpi 0: a whole number above 0/],
    [() => all(read(page("form.png"), { charSet: "digits" } as object)), "arguments", /no option charSet/],
    [() => Engine.open("no-such-model"), "access", /cannot read the model/],
  ];
  for (const [attempt, code, message] of wrong) {
    const e = await attempt().then(() => undefined, (e) => e);
    assert(e instanceof ScrawlError, String(e));
    assertStrictEquals(e.code, code);
    assertMatch(e.message, message);
  }
  assertStrictEquals((await all(read(page("locked.pdf"), { password: "scrawl" }))).length, 2);
});

Deno.test("library: no module of it asks for Deno", async () => {
  const { out } = (await run(Deno.execPath(), ["info", "--json", join(ROOT, "src/mod.ts")]))!;
  const modules: string[] = JSON.parse(out).modules.map((m: { specifier: string }) => m.specifier);
  const ours = modules.filter((m) => m.startsWith("file:")).map((m) => fromFileUrl(m));
  assert(ours.length > 20);
  for (const file of ours) assert(!/\bDeno\./.test(await Deno.readTextFile(file)), file);
});
