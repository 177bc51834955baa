/** Every shipped model reproduces its probe: inputs and outputs that the trainer wrote beside the weights. */
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { Engine } from "../src/engine/engine.ts";
import { openRunner } from "../src/engine/runner.ts";
import { classify } from "../src/evaluate/chars.ts";
import { withSecond } from "../src/export/second.ts";
import { Classifier } from "../src/train/glyphs/classifier.ts";
import { originsOf } from "../src/train/checkpoint.ts";
import { loadSamples } from "../src/train/backend/mod.ts";
import { drawnDigits, drawnJunk } from "../src/wasm/train/train.js";
import { decode, encode } from "../src/safetensors.ts";

const MODELS = fromFileUrl(new URL("../models/", import.meta.url));

for (const name of [...Deno.readDirSync(MODELS)].map((d) => d.name).sort()) {
  Deno.test(`model ${name} reproduces its probe within 1e-3`, async () => {
    const { tensors } = decode(await Deno.readFile(join(MODELS, name, "probe.safetensors")), name);
    const [n, h, w] = tensors.input.shape;
    const runner = await openRunner(join(MODELS, name, "model.safetensors"));
    const logits = runner.run(tensors.input.data, n, h, w);
    assertStrictEquals(logits.length, tensors.logits.data.length);
    let worst = 0;
    logits.forEach((v, i) => worst = Math.max(worst, Math.abs(v - tensors.logits.data[i])));
    assert(worst < 1e-3, `the largest difference is ${worst}`);
  });
}

Deno.test("the digit net refuses rules and blots, and takes digits", async () => {
  await loadSamples();
  const net = await Classifier.open(join(MODELS, "digits", "model.safetensors"));
  const n = 400;
  // Other seeds than the training's.
  const refused = (images: Uint8Array) =>
    classify(net, { images, labels: new Uint8Array(n) }).filter((c) => c.confidence < net.refuse).length / n;
  const [digits, junk] = [refused(drawnDigits(n, 77n)), refused(drawnJunk(n, 77n))];
  assert(digits < 0.03 && junk > 0.9, `refused are ${digits} of the digits and ${junk} of what is none`);
});

Deno.test("all models together stay under 12 MB", () => {
  let bytes = 0;
  const walk = (folder: string) => {
    for (const e of Deno.readDirSync(folder)) {
      if (e.isDirectory) walk(join(folder, e.name));
      else bytes += Deno.statSync(join(folder, e.name)).size;
    }
  };
  walk(MODELS);
  assert(bytes < 12e6, `${bytes} bytes`);
});

Deno.test("a line net takes a second one beside it, and refuses what is no pair", async () => {
  const file = await Deno.readFile(join(MODELS, "line", "model.safetensors"));
  const first = decode(file);
  const moved = (by: number) => ({
    ...first,
    tensors: Object.fromEntries(
      Object.entries(first.tensors).map(([name, { shape, data }]) => [name, { shape, data: data.map((v) => v * by) }]),
    ),
  });
  const pair = withSecond(file, encode(moved(1.01), true), ["first", "second"]);
  const { metadata, tensors, packed } = decode(pair);
  assertEquals([metadata, Object.keys(tensors)], [first.metadata, Object.keys(first.tensors)]);
  const sizes = Object.values(tensors).map(({ shape, data }) =>
    shape.length > 1 ? 2 * shape[shape.length - 1] + Math.ceil(data.length / 2) : 2 * data.length
  );
  assertEquals(packed?.second.length, sizes.reduce((a, b) => a + b));
  // Both are loaded, and what is cut off is not.
  await Engine.open(pair);
  const short = encode({ metadata, tensors, packed: { second: packed!.second.subarray(0, -1) } }, true);
  await assertRejects(() => Engine.open(short), Error, "second net is cut off");
  const digits = await Deno.readFile(join(MODELS, "digits", "model.safetensors"));
  assertThrows(() => withSecond(file, digits, ["first", "digits"]), Error, "no pair: they differ in their task");
  assertThrows(() => withSecond(digits, digits, ["digits", "digits"]), Error, "they are no line nets");
});

Deno.test("metadata that mean nothing are refused with what they say", async () => {
  const { metadata, tensors } = decode(await Deno.readFile(join(MODELS, "line", "model.safetensors")));
  const contract = JSON.parse(metadata.contract);
  const wrong: [Record<string, string>, string][] = [
    [{ temperature: "NaN" }, "temperature is no number: NaN"],
    [{ temperature: "hot" }, "temperature is no number: hot"],
    [{ temperature: "-1" }, "temperature is not above 0: -1"],
    [{ printBias: "inf" }, "printBias is no number: inf"],
    [{ lineConfidence: "1,2,NaN,4,5" }, "lineConfidence wants five numbers"],
    [{ contract: JSON.stringify({ ...contract, slant: 1 }) }, "unknown field `slant`"],
    [{ alphabet: metadata.alphabet.replace("b", "a") }, "alphabet holds a twice"],
    [{ colour: "blue" }, "metadata say colour, which nothing here knows"],
  ];
  for (const [change, why] of wrong) {
    const file = encode({ metadata: { ...metadata, ...change }, tensors }, true);
    await assertRejects(() => Engine.open(file), Error, why);
  }
});

Deno.test("files to begin with have shares that add up to one", () => {
  assertEquals(originsOf("a,b"), { paths: ["a", "b"], shares: [0.5, 0.5] });
  assertEquals(originsOf("a@0.25,b@0.75").shares, [0.25, 0.75]);
  assertEquals(originsOf("C:\\x@2.safetensors").paths, ["C:\\x@2.safetensors"]);
  for (const bad of ["a@0.5,b", "a@0.5,b@0.6"]) assertThrows(() => originsOf(bad), Error, "add up to 1");
});

Deno.test("safetensors files are read as they were written, and cut ones are refused", () => {
  const file = encode({ metadata: { a: "1" }, tensors: { x: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } } });
  const { metadata, tensors } = decode(file);
  assertStrictEquals(metadata.a, "1");
  assertStrictEquals(tensors.x.data.join(), "1,2,3,4");
  for (const cut of [4, 12, file.length - 1]) {
    let message = "";
    try {
      decode(file.subarray(0, cut), "x");
    } catch (e) {
      message = (e as Error).message;
    }
    assert(message.includes("not a whole safetensors file"), `cut at ${cut}: ${message}`);
  }
});

Deno.test("weights that are no finite numbers are refused, and their tensor is named", () => {
  for (const odd of [NaN, Infinity, -Infinity]) {
    const data = Float32Array.of(1, odd, 3, 4);
    for (const half of [false, true]) {
      const file = encode({ metadata: {}, tensors: { w: { shape: [2, 2], data } } }, half);
      assertThrows(() => decode(file, "x"), Error, `x: tensor w holds ${odd} at 1: it comes from a run that diverged`);
    }
  }
});
