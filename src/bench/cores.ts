/** Pages over workers: as many pages by one and by two, in turn, warm: what workers read first is not counted, nor their start. */
import { fromFileUrl } from "@std/path/from-file-url";
import { readAll } from "../cli/pool.ts";
import { DEFAULTS } from "../mod.ts";
import { median, spread } from "./median.ts";

const PICTURES = ["form.png", "note.png", "digits.png", "print.png"]
  .map((name) => fromFileUrl(new URL(`../../tests/pages/${name}`, import.meta.url)));
const PAGES = 40;
/** Pages that warm each worker up. */
const FIRST = 4;
const ROUNDS = 5;

export async function benchCores() {
  const files = Array.from({ length: FIRST + PAGES }, (_, i) => PICTURES[i % PICTURES.length]);
  const setup = { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes };
  const times: Record<number, number[]> = { 1: [], 2: [] };
  const texts = new Set<string>();
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const jobs of [1, 2]) {
      let began = 0;
      let pages = 0;
      await readAll(files, setup, { jobs, pageSeconds: 60 }, new AbortController().signal, (_, read) => {
        if ("error" in read) throw new Error(read.error.message);
        pages++;
        texts.add(read.page.lines.map((l) => l.text).join("\n"));
        return Promise.resolve();
      }, (file, error) => {
        if (file === FIRST - 1) began = performance.now();
        return error ? Promise.reject(error) : Promise.resolve();
      });
      if (pages !== FIRST + PAGES || texts.size !== PICTURES.length) {
        throw new Error(`${pages} pages, ${texts.size} readings of ${PICTURES.length} different ones`);
      }
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
