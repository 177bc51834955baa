/** The ONNX export, run by onnxruntime-web, gives the trainer's outputs. */
import { assert, assertStrictEquals } from "@std/assert";
import { toOnnx } from "../src/export/onnx.ts";
import { openSession, ort } from "../src/bench/ort.ts";
import { decode } from "../src/safetensors.ts";

const MODELS = new URL("../models/", import.meta.url);

for (const name of [...Deno.readDirSync(MODELS)].map((d) => d.name).sort()) {
  Deno.test(`model ${name} as ONNX gives the trainer's outputs within 1e-3`, async () => {
    const folder = new URL(`${name}/`, MODELS);
    const session = await openSession(toOnnx(await Deno.readFile(new URL("model.safetensors", folder)), name));
    const { tensors } = decode(await Deno.readFile(new URL("probe.safetensors", folder)), name);
    const [n, h, w] = tensors.input.shape;
    // One channel: NHWC and NCHW are the same bytes.
    const { logits } = await session.run({ input: new ort.Tensor("float32", tensors.input.data, [n, 1, h, w]) });
    const got = logits.data as Float32Array;
    assertStrictEquals(got.length, tensors.logits.data.length);
    const worst = got.reduce((m, v, i) => Math.max(m, Math.abs(v - tensors.logits.data[i])), 0);
    assert(worst < 1e-3, `the largest difference is ${worst}`);
  });
}
