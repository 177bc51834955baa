/** A few seconds of the fuzzer, with a seed of their own, and cases that it found once. */
import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { fuzz } from "../src/fuzz/run.ts";
import { decode } from "../src/safetensors.ts";

Deno.test("mutated files give clear errors, and leave the engine whole", async () => {
  const seconds = Number(Deno.env.get("SCRAWL_FUZZ_SECONDS") ?? 5);
  const keep = await Deno.makeTempDir();
  const report = await fuzz(seconds, 7, keep);
  deepStrictEqual(report.findings, []);
  ok(Object.values(report.cases).every((n) => n > 0));
});

Deno.test("a tensor without shape or place is told", () => {
  for (const header of ['{"a":{"dtype":"F32"}}', '{"a":{"dtype":"F32","shape":[1]}}', '{"a":null}', "3", "{"]) {
    const json = new TextEncoder().encode(header.padEnd(64));
    const bytes = new Uint8Array(8 + json.length);
    bytes[0] = json.length;
    bytes.set(json, 8);
    throws(() => decode(bytes, "broken"), /broken is not a whole safetensors file/);
  }
});
