/** The README's block of options is what `--help` prints; SCRAWL_UPDATE=1 writes it anew. */
import { ok, strictEqual } from "node:assert/strict";
import { COMMANDS, usage } from "../src/options.ts";

const README = new URL("../README.md", import.meta.url);
const MARKS = /(<!-- options -->\n)[\s\S]*?(\n<!-- \/options -->)/;

Deno.test("README: options", async () => {
  const text = await Deno.readTextFile(README);
  ok(MARKS.test(text), "the marks are gone");
  const wanted = text.replace(MARKS, (_, a, b) => `${a}\`\`\`\n${usage(COMMANDS.ocr).trimEnd()}\n\`\`\`${b}`);
  if (Deno.env.get("SCRAWL_UPDATE") === "1") await Deno.writeTextFile(README, wanted);
  else strictEqual(text, wanted);
});

Deno.test("README: the page shown reads as shown", async () => {
  const text = await Deno.readTextFile(README);
  const golden = await Deno.readTextFile(new URL("pages/form.png.txt", import.meta.url));
  ok(text.includes(`$ deno task ocr tests/pages/form.png\n${golden}`));
});
