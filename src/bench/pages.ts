/** Whole pages, decoding included, warm, over two workers: the dev pages, or the project's own where those are not at hand. */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { decodePages } from "../decode/mod.ts";
import { Engine, pictureOf } from "../engine/engine.ts";
import { readAll } from "../cli/pool.ts";
import { DEFAULTS } from "../mod.ts";
import { median, spread } from "./median.ts";

const OWN = fromFileUrl(new URL("../../tests/pages/", import.meta.url));
const ROUNDS = 5;
const WORKERS = 2;

async function files(data: string | undefined): Promise<string[]> {
  const dev = data && join(data, "pages", "dev");
  const folder = dev && await Deno.stat(dev).then(() => true, () => false) ? dev : OWN;
  const names = [...Deno.readDirSync(folder)].map((f) => f.name).filter((n) => n !== "locked.pdf");
  return names.filter((n) => /\.(jpe?g|png|tiff?|pdf)$/.test(n)).sort().map((n) => join(folder, n));
}

export async function benchPages(data: string | undefined) {
  const all = await files(data);
  const setup = { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes };
  const rounds: number[] = [];
  let stages: Record<string, number> = {};
  let pages = 0;
  for (let round = 0; round < ROUNDS; round++) {
    stages = {};
    pages = 0;
    // Workers begin with the first page that is asked for: starting them is not counted.
    let began = 0;
    await readAll(
      [all[0], ...all],
      setup,
      { jobs: WORKERS, pageSeconds: 60 },
      new AbortController().signal,
      (file, read) => {
        if ("error" in read) throw new Error(read.error.message);
        if (file === 0) return Promise.resolve();
        pages++;
        for (const [stage, ms] of Object.entries(read.times)) stages[stage] = (stages[stage] ?? 0) + ms;
        return Promise.resolve();
      },
      (file, error) => {
        if (file === 0) began = performance.now();
        return error ? Promise.reject(error) : Promise.resolve();
      },
    );
    rounds.push((performance.now() - began) / pages);
  }
  return {
    files: all.length,
    pages,
    workers: WORKERS,
    mean_ms: Math.round(median(rounds)),
    spread: Number(spread(rounds).toFixed(3)),
    // Of one worker's time.
    stages: Object.fromEntries(Object.entries(stages).map(([k, ms]) => [k, Number((ms / pages).toFixed(1))])),
  };
}

/** A4 at 300 dots per inch. */
const [A4_WIDTH, A4_HEIGHT] = [2480, 3508];

/** A sheet of A4 with our own form and note on it, from pixels to lines: all stages but decoding. */
export async function benchA4() {
  const engine = await Engine.open();
  const sheet = new Uint8Array(A4_WIDTH * A4_HEIGHT).fill(240);
  let top = 150;
  for (const name of ["form.png", "note.png", "digits.png", "print.png"]) {
    for await (const { picture } of decodePages(await Deno.readFile(join(OWN, name)), DEFAULTS)) {
      const gray = picture.gray();
      // Twice as large: the pages are drawn for 150 dots per inch.
      for (let y = 0; y < 2 * picture.height && top + y < A4_HEIGHT; y++) {
        for (let x = 0; x < 2 * picture.width; x++) {
          sheet[(top + y) * A4_WIDTH + 150 + x] = gray[(y >> 1) * picture.width + (x >> 1)];
        }
      }
      top += 2 * picture.height;
      picture.free();
    }
  }
  const times: number[] = [];
  let stages: Record<string, number> = {};
  let lines = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const picture = await pictureOf(sheet, A4_WIDTH, A4_HEIGHT, 1);
    const began = performance.now();
    lines = engine.read(picture, DEFAULTS).lines.length;
    if (round > 0) times.push(performance.now() - began);
    stages = engine.times();
    picture.free();
  }
  return {
    lines,
    ms: Math.round(median(times)),
    spread: Number(spread(times).toFixed(3)),
    stages: Object.fromEntries(Object.entries(stages).map(([k, ms]) => [k, Number(ms.toFixed(1))])),
  };
}
