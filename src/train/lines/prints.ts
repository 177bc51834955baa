/**
 * Lines of print from whole printed pages, cut by the very page stage that reading uses: what the kind of a frame is
 * learnt from. Nobody wrote down what they say. Made once and kept in a folder.
 */
import { join } from "@std/path/join";
import { decodePages } from "../../decode/mod.ts";
import type { Engine } from "../../engine/engine.ts";
import { plainCrop } from "./plain.ts";

/** Folders below `pages/` on which nothing is written by hand. */
const PRINTED = ["printed-only", "sudoku-printed"];
/** No page gives more crops than this, so that one table does not outweigh the rest. */
const MOST_OF_A_PAGE = 60;
/** Crops above this height or width are pictures or titles. */
const [HIGHEST, WIDEST] = [160, 3000];

/** Crops of print (see {@linkcode plainCrop}); reads them from `cache` where they are, else makes and keeps them there. */
export async function readPrints(data: string, cache: string, engine: () => Promise<Engine>): Promise<Uint8Array[]> {
  const file = join(cache, "prints.bin");
  const index = join(cache, "prints.json");
  const kept = await Deno.readFile(file).catch(() => undefined);
  if (kept) {
    const ends: number[] = JSON.parse(await Deno.readTextFile(index));
    return ends.map((end, i) => kept.subarray(i ? ends[i - 1] : 0, end));
  }
  const made: Uint8Array[] = [];
  const reader = await engine();
  for (const folder of PRINTED) {
    const root = join(data, "pages", folder);
    const names = [...Deno.readDirSync(root)].map((f) => f.name).filter((n) => /\.(jpe?g|png|tiff?)$/i.test(n)).sort();
    for (const name of names) {
      for await (
        const { picture } of decodePages(await Deno.readFile(join(root, name)), { dpi: 300, maxPixels: 250e6 })
      ) {
        const crops = reader.crops(picture);
        picture.free();
        // Evenly over the page.
        const every = Math.max(1, Math.ceil(crops.length / MOST_OF_A_PAGE));
        for (const c of crops.filter((_, i) => i % every === 0)) {
          if (c.width < 6 || c.height < 8 || c.width > WIDEST || c.height > HIGHEST) continue;
          made.push(plainCrop({ width: c.width, height: c.height, pixels: c.gray }));
        }
      }
    }
  }
  await Deno.mkdir(cache, { recursive: true });
  let end = 0;
  await Deno.writeTextFile(index, JSON.stringify(made.map((m) => end += m.length)));
  const all = new Uint8Array(end);
  let at = 0;
  for (const m of made) {
    all.set(m, at);
    at += m.length;
  }
  await Deno.writeFile(file, all);
  return made;
}
