/** The README's block of options is what `--help` prints; SCRAWL_UPDATE=1 writes it anew. What is stated twice is the same. */
import { assert, assertStrictEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { COMMANDS, usage } from "../src/options.ts";
import { VERSION } from "../src/version.ts";

const README = new URL("../README.md", import.meta.url);
const MARKS = /(<!-- options -->\n)[\s\S]*?(\n<!-- \/options -->)/;

Deno.test("README: options", async () => {
  const text = await Deno.readTextFile(README);
  assert(MARKS.test(text), "the marks are gone");
  const wanted = text.replace(MARKS, (_, a, b) => `${a}\`\`\`\n${usage(COMMANDS.ocr).trimEnd()}\n\`\`\`${b}`);
  if (Deno.env.get("SCRAWL_UPDATE") === "1") await Deno.writeTextFile(README, wanted);
  else assertStrictEquals(text, wanted);
});

Deno.test("README: the page shown reads as shown", async () => {
  const text = await Deno.readTextFile(README);
  const golden = await Deno.readTextFile(new URL("pages/form.png.txt", import.meta.url));
  assert(text.includes(`$ deno task ocr tests/pages/form.png\n${golden}`));
});

Deno.test("the version is that of deno.json", () => assertStrictEquals(VERSION, config.version));
