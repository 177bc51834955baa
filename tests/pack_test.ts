/** Packs of lines: what goes in comes out, crops smaller, and what is no pack is refused. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { loadSamples } from "../src/train/backend/mod.ts";
import { readPack, shrunk, writePack } from "../src/train/lines/pack.ts";

await loadSamples();

/** A crop as plain pixels: paper with a dark bar from a quarter to three quarters. */
function crop(width: number, height: number): Uint8Array {
  const out = new Uint8Array(4 + width * height).fill(230);
  new DataView(out.buffer).setUint16(0, width, true);
  new DataView(out.buffer).setUint16(2, height, true);
  for (let y = 0; y < height; y++) {
    for (let x = width >> 2; x < 3 * width >> 2; x++) out[4 + y * width + x] = 40;
  }
  return out;
}

const source = {
  material: {
    glyphs: [{ size: 2, images: Uint8Array.of(1, 2, 3, 4), labels: Uint8Array.of(7), classes: "0123456789" }],
    handFonts: [Uint8Array.of(9, 8)],
    printFonts: [],
    numbers: [{ jpeg: crop(320, 96), text: "12" }],
    texts: [{ jpeg: crop(31, 30), text: "año\nx" }],
    prints: [{ jpeg: crop(200, 60) }],
    words: ["año", "$Uint8Array"],
    spelling: new Uint8Array(),
    drawings: [{ of: "3", lengths: Uint32Array.of(2), points: Int16Array.of(0, 0, 1, 1) }],
    writings: [{ of: "to", lengths: Uint32Array.of(2), points: Int16Array.of(0, 0, 80, 100) }],
    characters: [{ of: "t", writer: "a", lengths: Uint32Array.of(2), points: Int16Array.of(0, 0, 40, 100) }],
  },
  held: [{ jpeg: crop(64, 50), text: "7", numeric: true }],
  drawn: [{ jpeg: crop(64, 96), text: "8", kind: 0, digit: 60 }],
};

Deno.test("a pack holds what it was made of, crops at the height that is learnt", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "lines.pack");
  try {
    const bytes = await writePack(path, source, 40);
    assertStrictEquals((await Deno.stat(path)).size, bytes);
    const { material, held, drawn } = await readPack(path);
    assertEquals(material.glyphs, source.material.glyphs);
    assertEquals(material.drawings, source.material.drawings);
    assertEquals(material.writings, source.material.writings);
    assertEquals(material.characters, source.material.characters);
    assertEquals([material.handFonts, material.printFonts], [source.material.handFonts, []]);
    assertEquals(material.words, source.material.words);
    assertEquals(material.texts[0].text, "año\nx");
    assertEquals({ ...held[0], jpeg: 0 }, { ...source.held[0], jpeg: 0 });
    // Half as high, and so are its digits.
    assertEquals({ ...drawn[0], jpeg: 0 }, { ...source.drawn[0], jpeg: 0, digit: 30 });
    const { width, height, pixels } = shrunk(material.numbers[0].jpeg, 1000);
    assertEquals([width, height], [160, 48]);
    const row = pixels.subarray(24 * width, 25 * width);
    assert(Math.abs(row[10] - 230) < 12 && Math.abs(row[80] - 40) < 12, `${row[10]}, ${row[80]}`);
    // What is smaller stays as large as it is.
    assertStrictEquals(shrunk(material.texts[0].jpeg, 1000).height, 30);

    await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, bytes - 30));
    await assertRejects(() => readPack(path), Error, "is no pack of lines");
    await Deno.writeTextFile(path, "PK");
    await assertRejects(() => readPack(path), Error, "train line --pack FILE");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a crop is shrunk by means", () => {
  const { width, height, pixels } = shrunk(crop(8, 4), 2);
  assertEquals([width, height], [4, 2]);
  assertEquals([...pixels], [230, 40, 40, 230, 230, 40, 40, 230]);
});
