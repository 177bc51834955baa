/** Whole pages, decoding included, warm, on one core: the dev pages, or the project's own where those are not at hand. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodePages } from "../decode/mod.ts";
import { Engine } from "../engine/engine.ts";
import { DEFAULTS } from "../mod.ts";
import { median, spread } from "./median.ts";

const OWN = fileURLToPath(new URL("../../tests/pages/", import.meta.url));
const ROUNDS = 5;

async function files(data: string | undefined): Promise<string[]> {
  const dev = data && join(data, "pages", "dev");
  const folder = dev && await Deno.stat(dev).then(() => true, () => false) ? dev : OWN;
  const names = [...Deno.readDirSync(folder)].map((f) => f.name).filter((n) => n !== "locked.pdf");
  return names.filter((n) => /\.(jpe?g|png|tiff?|pdf)$/.test(n)).sort().map((n) => join(folder, n));
}

export async function benchPages(data: string | undefined) {
  const engine = await Engine.open();
  const all = await files(data);
  const rounds: number[] = [];
  let stages: Record<string, number> = {};
  let pages = 0;
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    stages = {};
    pages = 0;
    const began = performance.now();
    for (const file of all) {
      const bytes = await Deno.readFile(file);
      let from = performance.now();
      for await (const { picture } of decodePages(bytes, DEFAULTS)) {
        stages.decode = (stages.decode ?? 0) + performance.now() - from;
        engine.read(picture, DEFAULTS);
        picture.free();
        for (const [stage, ms] of Object.entries(engine.times())) stages[stage] = (stages[stage] ?? 0) + ms;
        pages++;
        from = performance.now();
      }
    }
    if (round > 0) rounds.push((performance.now() - began) / pages);
  }
  return {
    files: all.length,
    pages,
    mean_ms: Math.round(median(rounds)),
    spread: Number(spread(rounds).toFixed(3)),
    stages: Object.fromEntries(Object.entries(stages).map(([k, ms]) => [k, Number((ms / pages).toFixed(1))])),
  };
}
