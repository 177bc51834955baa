/** The shipped digit net in integers: alike on both builds of the WASM, near to floats, and refused where it is not prepared. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { openRunner } from "../src/engine/runner.ts";
import { withRanges } from "../src/export/int8.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
const MODEL = await Deno.readFile(join(ROOT, "models/digits/model.safetensors"));
const N = 16;

/** Rings, bars and crosses of many sizes, ink 0..1. */
const INPUT = Float32Array.from({ length: N * 784 }, (_, i) => {
  const [n, x, y] = [Math.floor(i / 784), i % 28 - 13.5, Math.floor(i / 28) % 28 - 13.5];
  const d = n % 3 === 0
    ? Math.abs(Math.hypot(x, y) - 4 - n / 3)
    : n % 3 === 1
    ? Math.abs(x - n / 4)
    : Math.abs(x * y) / 10;
  return Math.max(0, Math.min(1, 2.5 - d));
});

/** A build by itself: another query makes another module. */
async function build(name: "relaxed" | "simd") {
  const module = await import(`../src/wasm/ocr/ocr.js?${name}`);
  await module.default({ module_or_path: await Deno.readFile(join(ROOT, `src/wasm/ocr/ocr.${name}.bin`)) });
  return module as typeof import("../src/wasm/ocr/ocr.js");
}

Deno.test("int8: the same logits on relaxed and on plain SIMD, near those in float", async () => {
  const float = await openRunner(MODEL);
  const wanted = float.run(INPUT, N, 28, 28);
  const prepared = withRanges(MODEL, float.ranges(INPUT, N, 28, 28));
  const [relaxed, plain] = await Promise.all((["relaxed", "simd"] as const).map(async (b) => {
    const { Runner } = await build(b);
    const runner = new Runner(prepared, true);
    const first = runner.run(INPUT, N, 28, 28);
    // Buffers are kept between calls; nothing of the last one may show.
    runner.run(INPUT.slice(0, 784).fill(1), 1, 28, 28);
    assertEquals(runner.run(INPUT, N, 28, 28), first);
    return first;
  }));
  assertEquals(relaxed, plain);
  const off = relaxed.reduce((m, v, i) => Math.max(m, Math.abs(v - wanted[i])), 0);
  const most = wanted.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  assert(off > 0 && off < 0.08 * most, `off by ${off} of ${most}`);
});

Deno.test("int8: a model that states no ranges is refused with what to do", async () => {
  await assertRejects(() => openRunner(MODEL, true), Error, "export --to int8");
});
