/** Crops of drawn pages: what the page stage cuts out of them, and what they say. */
import { assert, assertEquals } from "@std/assert";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { Engine } from "../src/engine/engine.ts";
import { loadSamples } from "../src/train/backend/mod.ts";
import { addDrawn, fillLibrary, LineBatches, type Mix, sharesOf } from "../src/train/lines/library.ts";
import { type DrawnLine, drawPage, readDrawn } from "../src/train/lines/drawn.ts";
import { plainCrop } from "../src/train/lines/plain.ts";

await loadSamples();
const engine = await Engine.open();

/** A library without data: its hands write digits and marks with the pen, and nothing is printed. */
const library = () =>
  fillLibrary({
    glyphs: [],
    handFonts: [],
    printFonts: [],
    numbers: [],
    texts: [],
    prints: [],
    words: [],
    spelling: new Uint8Array(),
    drawings: [],
    writings: [],
    characters: [],
  });

/** What the shipped nets read in a crop, as share of the characters that it says. */
function likeness({ jpeg, text = "" }: DrawnLine): number {
  const [width, height] = new Uint16Array(jpeg.buffer, jpeg.byteOffset, 2);
  const [{ text: read }] = engine.readLines([{ gray: jpeg.subarray(4), width, height }], { charset: "text" } as never);
  const plain = (s: string) => s.replaceAll(" ", "");
  return 1 - levenshteinDistance(plain(text), plain(read)) / Math.max(1, plain(text).length);
}

Deno.test("crops of drawn pages say what is written in them", async () => {
  const drawn: DrawnLine[] = [];
  for (let page = 0; page < 8; page++) drawn.push(...await drawPage(library(), engine, page));
  const written = drawn.filter((d) => d.kind === 0 && d.text);
  assert(written.length > 40, `${written.length} crops`);
  // Where texts belonged to other crops, hardly a character would be the same.
  const mean = written.reduce((sum, d) => sum + likeness(d), 0) / written.length;
  assert(mean > 0.6, `of the characters ${mean.toFixed(2)} are read as they were written`);
  for (const { jpeg, digit } of written) assert(digit > 4 && digit < 3 * new Uint16Array(jpeg.buffer, 0, 2)[1]);
  const other = drawn.filter((d) => d.kind === 2);
  assertEquals(other.map((d) => d.text), other.map(() => ""));
});

/** Two strokes on paper. */
const seventeen: DrawnLine = (() => {
  const pixels = new Uint8Array(60 * 40).fill(250);
  for (const x of [20, 40]) for (let y = 8; y < 34; y++) pixels.fill(10, y * 60 + x, y * 60 + x + 4);
  return { jpeg: plainCrop({ width: 60, height: 40, pixels }), text: "17", kind: 0, digit: 30 };
})();

Deno.test("parts that are there are not drawn again, and lines are made of them", async () => {
  const cache = await Deno.makeTempDir();
  try {
    const empty = () => Promise.reject(new Error("nothing is to be drawn"));
    const { jpeg: crop, ...line } = seventeen;
    await Deno.mkdir(`${cache}/drawn`);
    for (let part = 0; part < 24; part++) {
      const rows = part === 7 ? [{ ...line, length: crop.length }] : [];
      await Deno.writeTextFile(`${cache}/drawn/${part}.json`, JSON.stringify(rows));
      await Deno.writeFile(`${cache}/drawn/${part}.bin`, part === 7 ? crop : new Uint8Array());
    }
    const kept = await readDrawn(cache, library, empty, { rank: 1, ranks: 2 });
    assertEquals(kept.map(({ jpeg, ...rest }) => ({ ...rest, jpeg: jpeg.length })), [{ ...line, jpeg: crop.length }]);

    const lines = library();
    addDrawn(lines, kept);
    const shares = sharesOf({ drawn: 1 });
    for (let seed = 0n; seed < 5n; seed++) {
      const width = lines.make(seed, shares, 32, 3, 1.4, 4);
      assertEquals([lines.text(), lines.input().length], ["17", 32 * width]);
      assert(lines.kinds().includes(0), "written");
    }
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("a run that began before there were such crops goes on with the lines that it had", () => {
  const none = {
    glyphNumbers: 0,
    fontWords: 0,
    realNumbers: 0,
    realTexts: 0,
    print: 0,
    realPrint: 0,
    mixed: 0,
    junk: 0,
  };
  const mix: Mix = { ...none, writers: 1 };
  const contract = { height: 32, margin: 3, stretch: 1.4, frame: 4 };
  const lines = library();
  addDrawn(lines, [seventeen]);
  const { labels } = new LineBatches(lines, mix, contract, 4, 1, 0, 1).at(0);
  // Marks that say nothing are what is left where shares are no numbers.
  assert(labels.some((l) => l.length > 0));
});
