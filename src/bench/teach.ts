/**
 * `bench teach`: what some twenty minutes of corrections are worth. Up to 200 lines of a writer that no training saw are learnt, and the rest of that
 * writer's lines are read before and after.
 */
import { join } from "@std/path/join";
import { decodePages } from "../decode/mod.ts";
import { ScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { isHeldOut, readCrops, writerInSet } from "../train/lines/data.ts";
import type { TruthLine } from "../train/lines/truth.ts";
import { Engine } from "../engine/engine.ts";
import { figures } from "../evaluate/strings.ts";

const MOST_LEARNT = 200;
/** Lines that are read before and after, at least and at most. */
const [LEAST_REST, MOST_REST] = [50, 150];
/** Lines to learn from without which nothing is told. */
const LEAST_LEARNT = 100;

/** Figures of the held-out writer with the most lines. @throws ScrawlError where none has enough. */
export async function benchTeach(data: string | undefined) {
  if (data === undefined) throw new ScrawlError("arguments", "say where the data sets are: --data DIR or SCRAWL_DATA");
  const held = (await readCrops(data)).filter(isHeldOut);
  const byWriter = Map.groupBy(held, writerInSet);
  const [name, crops] = [...byWriter].sort((a, b) => b[1].length - a[1].length)[0] ?? ["", []];
  const learnt = Math.min(MOST_LEARNT, crops.length - LEAST_REST);
  if (learnt < LEAST_LEARNT) {
    throw new ScrawlError("access", `no held-out writer in ${data} has ${LEAST_LEARNT + LEAST_REST} lines`);
  }
  const lines: TruthLine[] = [];
  for (const { jpeg, text, page } of crops.slice(0, learnt + MOST_REST)) {
    for await (const { picture } of decodePages(jpeg.slice(), DEFAULTS)) {
      lines.push({ text, page, width: picture.width, height: picture.height, pixels: picture.gray() });
      picture.free();
    }
  }
  const run = await Deno.makeTempDir({ prefix: "scrawl-teach-" });
  const { teachLines } = await import("../cli/train.ts");
  const began = performance.now();
  await teachLines(lines.slice(0, learnt), run, data);
  const minutes = (performance.now() - began) / 60_000;
  const rest = lines.slice(learnt);
  const cer = async (model?: string) => {
    const pictures = rest.map(({ width, height, pixels }) => ({ width, height, gray: pixels }));
    const read = (await Engine.open(model)).readLines(pictures, { charset: "text", printed: "keep" });
    return figures(rest.map((l) => l.text), read.map((r) => r.text)).cer;
  };
  const [before, after] = [await cer(), await cer(join(run, "model.safetensors"))];
  console.log(
    `${name}: ${learnt} lines learnt in ${
      minutes.toFixed(1)
    } minutes; of ${rest.length} others the characters wrong went from ${(100 * before).toFixed(1)} to ${
      (100 * after).toFixed(1)
    } %`,
  );
  await Deno.remove(run, { recursive: true });
  return { writer: name, learnt, rest: rest.length, minutes, before, after };
}
