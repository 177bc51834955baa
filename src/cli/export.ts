/** `export`: a model in a form for other programs, or prepared for integers. */
import { basename } from "@std/path/basename";
import { EXIT, ScrawlError } from "../errors.ts";
import type { Values } from "../options.ts";
import { dataFolder } from "./data.ts";
import { writeWhole } from "./output.ts";

/** Images that ranges are measured on. */
const CALIBRATION = 1024;

export async function exportCommand(values: Values, [model, ...rest]: string[]): Promise<number> {
  if (!model || rest.length > 0) throw new ScrawlError("arguments", "name one model file");
  const bytes = await Deno.readFile(model).catch((e) => {
    throw new ScrawlError("access", `cannot read the model ${model}: ${e.message}`);
  });
  const form = values.to as "onnx" | "int8";
  const to = values.output as string | undefined ??
    `${basename(model, ".safetensors")}${form === "onnx" ? ".onnx" : "-int8.safetensors"}`;
  let out: Uint8Array;
  if (form === "onnx") {
    const { toOnnx } = await import("../export/onnx.ts");
    out = toOnnx(bytes, model);
  } else {
    const { toInt8 } = await import("../export/int8.ts");
    const { readNamed } = await import("../train/glyphs/data.ts");
    const { loadSamples } = await import("../train/backend/mod.ts");
    await loadSamples();
    const { images } = await readNamed(dataFolder(values), values.set as string);
    out = await toInt8(bytes, images.subarray(0, CALIBRATION * 28 * 28));
  }
  await writeWhole([[to, out]], true);
  console.error(`${to}: ${out.length} bytes`);
  return EXIT.ok;
}
