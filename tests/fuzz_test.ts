/** A few seconds of the fuzzer, with a seed of its own, and cases that it found once. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { fuzz } from "../src/fuzz/run.ts";
import { decode } from "../src/safetensors.ts";
import { ocr, program, ROOT } from "./command.ts";

Deno.test("mutated files give clear errors, and leave the engine whole", async () => {
  // Unasked a number of cases, not of seconds: a machine that has much else to do would come to none of some target.
  const asked = Deno.env.get("SCRAWL_FUZZ_SECONDS");
  const limit = asked === undefined ? { seconds: 600, most: 220 } : { seconds: Number(asked) };
  const report = await fuzz({ kind: "files", ...limit, seed: 7, keep: await Deno.makeTempDir() });
  assertEquals(report.findings, []);
  assertStrictEquals(Object.keys(report.cases).length, 11);
  assert(Object.values(report.cases).every((n) => n > 0));
});

Deno.test("drawn pages are read, whatever is on them", async () => {
  const asked = Deno.env.get("SCRAWL_FUZZ_SECONDS");
  const limit = asked === undefined ? { seconds: 600, most: 60 } : { seconds: Number(asked) };
  const report = await fuzz({ kind: "geometry", ...limit, seed: 7, keep: await Deno.makeTempDir() });
  assertEquals(report.findings, []);
  assert(report.cases.geometry > 0);
});

// Files that once ended the process, trapped, or took for ever: see tests/found/README.md.
const FOUND = join(ROOT, "tests", "found");
for (const { name } of [...Deno.readDirSync(FOUND)].filter((f) => f.name !== "README.md")) {
  Deno.test(`found once: ${name}`, async () => {
    const { code, err } = await ocr(["-q", "--dpi", "72", join(FOUND, name)]);
    assert(code === 0 || code === 2, `${code}: ${err}`);
    assertMatch(err, code === 0 ? /^$/ : /^scrawl ocr: [^\n]+\n$/);
  });
}

Deno.test("a tensor without shape or place is told", () => {
  for (const header of ['{"a":{"dtype":"F32"}}', '{"a":{"dtype":"F32","shape":[1]}}', '{"a":null}', "3", "{"]) {
    const json = new TextEncoder().encode(header.padEnd(64));
    const bytes = new Uint8Array(8 + json.length);
    bytes[0] = json.length;
    bytes.set(json, 8);
    assertThrows(() => decode(bytes, "broken"), Error, "broken is not a whole safetensors file");
  }
});

Deno.test("fuzz --help says what there is, and feeds nothing", async () => {
  const { code, out, err } = await program("fuzz/run.ts", ["--help"]);
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^Usage: deno task fuzz /);
});
