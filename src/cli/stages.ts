/** `--dump-stages`: every stage of a page as a PNG. */
import { join } from "@std/path/join";
import type { Engine, Picture } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";
import { stem } from "./inputs.ts";
import { encodePng } from "../format/png.ts";

/** Writes into `FOLDER/NAME-PAGE`. */
export async function writeStages(
  folder: string,
  file: string,
  page: number,
  engine: Engine,
  picture: Picture,
): Promise<void> {
  const to = join(folder, `${stem(file)}-${page}`);
  try {
    await Deno.mkdir(to, { recursive: true });
    for (const { name, width, height, gray } of engine.stages(picture)) {
      await Deno.writeFile(join(to, `${name}.png`), await encodePng(gray, width, height));
    }
  } catch (e) {
    throw new ScrawlError("output", `cannot write the stages to ${to}: ${(e as Error).message}`);
  }
}
