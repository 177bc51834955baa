/** DHSD's pictures of words, as crops of lines. */
import { join } from "@std/path/join";
import { parse } from "csv-parse/sync";
import { decodeImage } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";
import type { Gray } from "../train/lines/pack.ts";
import { type LineCrop, writeCrops } from "./crops.ts";

/** Who wrote what: file, text, writer. */
export const DHSD_TABLE = "data.csv";

/** Writers that are left for measuring: no shipped weights learnt from them, nor from the one crop. */
const LEFT = /^german_hw_data\/(?:writer(?:3|11|19|27|35)\/|writer33\/33_43\.png)/;

/** Whether a file is a crop that may be learnt from. */
export const isDhsdCrop = (name: string) => name.endsWith(".png") && !LEFT.test(name);

/** Grey, 0..255, below which a pixel is ink: the crops lie on white of 64 rows. */
const INK = 220;
/** White that is left about the ink, in pixels. */
const MARGIN = 4;
const MOST_PIXELS = 1 << 20;

/** Makes `lines.bin` and `lines.jsonl` of the pictures in the folder. @throws ScrawlError where one cannot be read, or nothing is on it. */
export const makeDhsd = (folder: string): Promise<void> => writeCrops(folder, cropsIn(folder));

async function* cropsIn(folder: string): AsyncGenerator<LineCrop> {
  const table = await Deno.readTextFile(join(folder, DHSD_TABLE));
  const rows: Record<string, string>[] = parse(table, { columns: true, bom: true });
  for (const { file_name, text, writer_id } of rows.filter((r) => isDhsdCrop(r.file_name))) {
    const told = (e: unknown) => new ScrawlError("input", `${file_name}: ${(e as Error).message}`);
    const picture = await decodeImage(await Deno.readFile(join(folder, file_name)), 0, MOST_PIXELS).catch((e) => {
      throw told(e);
    });
    const whole = { width: picture.width, height: picture.height, pixels: picture.gray() };
    picture.free();
    const gray = inked(whole);
    if (!gray) throw told(new Error("nothing is written on it"));
    yield { text, page: `writer${writer_id}`, gray };
  }
}

/** The part of a picture that has ink, with a margin; `undefined` where there is none. */
function inked({ width, height, pixels }: Gray): Gray | undefined {
  let [left, right, top, bottom] = [width, 0, height, 0];
  pixels.forEach((v, i) => {
    if (v >= INK) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x + 1), Math.min(top, y), Math.max(bottom, y + 1)];
  });
  if (right === 0) return undefined;
  [left, top] = [Math.max(0, left - MARGIN), Math.max(0, top - MARGIN)];
  [right, bottom] = [Math.min(width, right + MARGIN), Math.min(height, bottom + MARGIN)];
  const out = new Uint8Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    out.set(pixels.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return { width: right - left, height: bottom - top, pixels: out };
}
