/** `export`: a model in a form for other programs, prepared for integers, or with a second net. */
import { basename } from "@std/path/basename";
import { modelBytes } from "../engine/models.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import type { Values } from "../options.ts";
import { dataFolder } from "./data.ts";
import { writeWhole } from "./output.ts";

/** Images that ranges are measured on. */
const CALIBRATION = 1024;
const ENDINGS = { onnx: ".onnx", int8: "-int8.safetensors", pair: "-pair.safetensors" };

export async function exportCommand(values: Values, [model, ...rest]: string[]): Promise<number> {
  if (!model || rest.length > 0) throw new ScrawlError("arguments", "name one model file");
  const bytes = await modelBytes(model);
  const form = values.to as "onnx" | "int8" | "pair";
  const to = values.output as string | undefined ?? `${basename(model, ".safetensors")}${ENDINGS[form]}`;
  if ((form === "pair") !== (values.second !== undefined)) {
    throw new ScrawlError("arguments", "--to pair wants --second FILE, and nothing else takes it");
  }
  let out: Uint8Array;
  if (form === "onnx") {
    const { toOnnx } = await import("../export/onnx.ts");
    out = toOnnx(bytes, model);
  } else if (form === "pair") {
    const { withSecond } = await import("../export/second.ts");
    const other = values.second as string;
    out = withSecond(bytes, await modelBytes(other), [model, other]);
  } else {
    const { toInt8 } = await import("../export/int8.ts");
    const { readNamed } = await import("../train/glyphs/data.ts");
    const { loadSamples } = await import("../train/backend/mod.ts");
    await loadSamples();
    const { images } = await readNamed(dataFolder(values), values.set as string);
    out = await toInt8(bytes, images.subarray(0, CALIBRATION * 28 * 28));
  }
  await writeWhole([[to, out]], values.force === true);
  console.error(`${to}: ${out.length} bytes`);
  return EXIT.ok;
}
