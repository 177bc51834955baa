/** `--dump-stages`: every stage of a page as a PNG, by imagescript. */
import { join } from "node:path";
import type { Engine, Picture } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";

export async function writeStages(folder: string, engine: Engine, picture: Picture): Promise<void> {
  // imagescript's main file loads a native addon; its PNG encoder stands by itself.
  const { encode } = (await import("imagescript/png/node.js")).default;
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { name, width, height, gray } of engine.stages(picture)) {
      const png = encode(gray, { width, height, channels: 1, level: 3 });
      await Deno.writeFile(join(folder, `${name}.png`), png);
    }
  } catch (e) {
    throw new ScrawlError("output", `cannot write the stages to ${folder}: ${(e as Error).message}`);
  }
}
