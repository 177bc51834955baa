/** The ONNX export, run by onnxruntime-web, gives the trainer's outputs. */
import { assert, assertStrictEquals } from "@std/assert";
import { toOnnx } from "../src/export/onnx.ts";
import { openSession, ort } from "../src/bench/ort.ts";
import { decode } from "../src/safetensors.ts";

const MODELS = new URL("../models/", import.meta.url);

/** Channels last as channels first. */
function planes(x: Float32Array, n: number, pixels: number, c: number): Float32Array {
  return x.map((_, to) => {
    const [image, rest] = [Math.floor(to / (pixels * c)), to % (pixels * c)];
    return x[(image * pixels + rest % pixels) * c + Math.floor(rest / pixels)];
  }).slice(0, n * pixels * c);
}

for (const name of [...Deno.readDirSync(MODELS)].map((d) => d.name).sort()) {
  Deno.test(`model ${name} as ONNX gives the trainer's outputs within 1e-3`, async () => {
    const folder = new URL(`${name}/`, MODELS);
    const session = await openSession(toOnnx(await Deno.readFile(new URL("model.safetensors", folder)), name));
    const { tensors } = decode(await Deno.readFile(new URL("probe.safetensors", folder)), name);
    const [n, h, w, c] = tensors.input.shape;
    const input = planes(tensors.input.data, n, h * w, c);
    const { logits } = await session.run({ input: new ort.Tensor("float32", input, [n, c, h, w]) });
    const got = logits.data as Float32Array;
    assertStrictEquals(got.length, tensors.logits.data.length);
    const worst = got.reduce((m, v, i) => Math.max(m, Math.abs(v - tensors.logits.data[i])), 0);
    assert(worst < 1e-3, `the largest difference is ${worst}`);
  });
}
