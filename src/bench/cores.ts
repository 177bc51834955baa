/** Pages over workers: as many pages by one and by two, in turn, from the start of the workers to the last page. */
import { fileURLToPath } from "node:url";
import { readAll } from "../cli/reading.ts";
import { DEFAULTS } from "../mod.ts";
import { median, spread } from "./median.ts";

const PICTURE = fileURLToPath(new URL("../../tests/pages/note.png", import.meta.url));
const PAGES = 40;
const ROUNDS = 5;

export async function benchCores() {
  const files = new Array<string>(PAGES).fill(PICTURE);
  const setup = { options: DEFAULTS, pictures: false };
  const times: Record<number, number[]> = { 1: [], 2: [] };
  const texts = new Set<string>();
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const jobs of [1, 2]) {
      const began = performance.now();
      let pages = 0;
      await readAll(files, setup, jobs, new AbortController().signal, (_, { page }) => {
        pages++;
        texts.add(page.lines.map((l) => l.text).join("\n"));
        return Promise.resolve();
      }, (_, error) => error ? Promise.reject(error) : Promise.resolve());
      if (pages !== PAGES || texts.size !== 1) throw new Error(`${pages} pages, ${texts.size} readings of one page`);
      if (round > 0) times[jobs].push((performance.now() - began) / PAGES);
    }
  }
  return {
    pages: PAGES,
    one_ms: Number(median(times[1]).toFixed(1)),
    two_ms: Number(median(times[2]).toFixed(1)),
    spread: Number(Math.max(spread(times[1]), spread(times[2])).toFixed(3)),
    ratio: Number((median(times[1]) / median(times[2])).toFixed(2)),
  };
}
