/** Crops of lines as `lines/NAME` has them: JPEGs of what is written, one after another, and what they say. */
import { join } from "@std/path/join";
import type { Gray } from "../train/lines/pack.ts";

/** A line's crop, what it says, and the page or writer that it is from. */
export interface LineCrop {
  text: string;
  page: string;
  gray: Gray;
}

const QUALITY = 80;

/** Whether a line counts as a number: at least half of what is no space are digits. */
const isNumeric = (text: string) => 2 * (text.match(/\d/g)?.length ?? 0) >= text.replaceAll(/\s/g, "").length;

/** Writes `lines.bin` and `lines.jsonl` into a folder. */
export async function writeCrops(folder: string, crops: AsyncIterable<LineCrop>): Promise<void> {
  // The trainer's WASM comes with it, which fetching does without.
  const { jpeg, openCanvas } = await import("../train/lines/pack.ts");
  const kit = await openCanvas();
  const pictures: Uint8Array[] = [];
  const lines: string[] = [];
  let offset = 0;
  for await (const { text, page, gray } of crops) {
    const bytes = jpeg(kit, gray, QUALITY);
    const { width, height } = gray;
    const row = { offset, length: bytes.length, width, height, text, page, numeric: isNumeric(text) };
    lines.push(JSON.stringify(row) + "\n");
    pictures.push(bytes);
    offset += bytes.length;
  }
  await Deno.writeFile(join(folder, "lines.bin"), new Blob(pictures as Uint8Array<ArrayBuffer>[]).stream());
  await Deno.writeTextFile(join(folder, "lines.jsonl"), lines.join(""));
}
