/**
 * Letters of EMNIST's ByClass test part (Cohen, Afshar, Tapson, van Schaik 2017; NIST Special Database 19), the one set in reach that
 * holds small letters by hand. As it is fetched: lossless WebP pictures of tiles, and `test.json` with the class of each tile.
 */
import { join } from "@std/path/join";
import { decodePages } from "../../decode/mod.ts";
import type { Glyphs } from "./data.ts";

/** Where `data get letters` puts it, below the folder of data. */
export const LETTERS_FOLDER = join("chars", "emnist-byclass");

/** What is read of `test.json`. */
interface Tiles {
  /** Pixels of the side of a tile. */
  width: number;
  /** Pictures in order, each of rows of tiles. */
  files: string[];
  /** Characters of the classes, as code points. */
  mapping: number[];
  /** Classes of all tiles. */
  id: number[];
}

/** The letters of the set, no digits; nothing where it is not there. @throws Error that names the file that holds too little. */
export async function readLetters(data: string): Promise<Glyphs | undefined> {
  const folder = join(data, LETTERS_FOLDER);
  const text = await Deno.readTextFile(join(folder, "test.json")).catch(() => undefined);
  if (text === undefined) return undefined;
  const { width: side, files, mapping, id }: Tiles = JSON.parse(text);
  const characters = mapping.map((c) => String.fromCodePoint(c));
  const classes = characters.filter((c) => /\p{L}/u.test(c)).join("");
  const wanted = id.map((c) => classes.indexOf(characters[c]));
  const labels = Uint8Array.from(wanted.filter((c) => c >= 0));
  const images = new Uint8Array(labels.length * side * side);
  let [tile, image] = [0, 0];
  for (const file of files) {
    const path = join(folder, file);
    for await (const { picture } of decodePages(await Deno.readFile(path), { dpi: 300, maxPixels: 25e6 })) {
      const [columns, rows, row] = [picture.width / side, picture.height / side, picture.width];
      const gray = picture.gray();
      picture.free();
      for (let i = 0; i < columns * rows && tile < id.length; i++, tile++) {
        if (wanted[tile] < 0) continue;
        const from = (Math.floor(i / columns) * row + i % columns) * side;
        for (let y = 0; y < side; y++) {
          images.set(gray.subarray(from + y * row, from + y * row + side), (image * side + y) * side);
        }
        image++;
      }
    }
  }
  if (tile < id.length) {
    throw new Error(`${folder}: its pictures hold ${tile} tiles, test.json names ${id.length}; fetch them again`);
  }
  return { size: side, images, labels, classes };
}
