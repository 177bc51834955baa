/** Public data sets that `data get` fetches: their files, where they are, and what they must hash to. */
import { join } from "@std/path/join";
import { LETTERS_FOLDER } from "../train/lines/letters.ts";
import { DHSD_TABLE, isDhsdCrop, makeDhsd } from "./dhsd.ts";
import { PAIR_FOLDER } from "../train/lines/pairs.ts";
import { OUTLINES } from "../train/pages/real.ts";
import { makeOutlines, makeWritten } from "./outlines.ts";
import { type Files, makeUnipen, strokesOf } from "./unipen.ts";

export interface RemoteFile {
  name: string;
  /** What it must hash to, as published beside the originals: MD5 (32 digits; it tells damage, not malice) or SHA-256 (64). */
  hash: string;
}

export interface RemoteSet {
  /** Folder below the data folder. */
  folder: string;
  /** Tried in order; a file's name is appended. */
  mirrors: string[];
  /** The files, or a list of theirs as md5sum and sha256sum write it, names with folders. */
  files: RemoteFile[] | URL;
  /**
   * Sets of very many small files come as one archive instead, tar in gzip, from which `files` are made. Servers pack it anew, so
   * that its own hash is not known; it is removed when the files are there.
   */
  archive?: { name: string; make(files: Files, folder: string): Promise<void> };
  /** Those of the files that are such lists themselves; the files in them that are wanted are fetched as well. */
  lists?: Record<string, (name: string) => boolean>;
  /** What is made of them, where training reads another form: names in the folder, and what makes these of the files there. */
  made?: { names: string[]; make(folder: string): Promise<void> };
}

/** google-books-ngram-frequency: the most frequent words and pairs of words of several languages in Google's books; they lie beside the fonts. */
export const PAIRS: RemoteSet = {
  folder: PAIR_FOLDER,
  mirrors: [
    "https://raw.githubusercontent.com/orgtre/google-books-ngram-frequency/4c2a4e2e5564b4ba6524b0094caee90ea32889ca/ngrams/",
  ],
  files: [
    { name: "1grams_french.csv", hash: "0d8a32a9febd07c131dd77dd90502813" },
    { name: "2grams_french.csv", hash: "415672d8462cb09c7bb641b073e90a3a" },
    { name: "1grams_german.csv", hash: "a09fe276960e067d24e9771dae0e6b5d" },
    { name: "2grams_german.csv", hash: "72c9544380def70af415d553884d6e35" },
    { name: "1grams_spanish.csv", hash: "a6a8740da9f31090c1ec856873b91bf5" },
    { name: "2grams_spanish.csv", hash: "dbd10c5eb094507a8fb86e3a154274ca" },
    { name: "1grams_italian.csv", hash: "17394fc5950ca4a1b576508905f34e59" },
    { name: "2grams_italian.csv", hash: "1566337b3f0a04420786e725449ff2e7" },
  ],
};

export const REMOTE_SETS: Record<string, RemoteSet> = {
  // LeCun, Cortes, Burges: the MNIST database of handwritten digits.
  mnist: {
    folder: "chars/mnist",
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    files: [
      { name: "train-images-idx3-ubyte.gz", hash: "f68b3c2dcbeaaa9fbdd348bbdeb94873" },
      { name: "train-labels-idx1-ubyte.gz", hash: "d53e105ee54ea40749a09fcbcd1e9432" },
      { name: "t10k-images-idx3-ubyte.gz", hash: "9fb629c4189551a2d022fa330f9573f3" },
      { name: "t10k-labels-idx1-ubyte.gz", hash: "ec29112dd5afa0611ce80d1b7f02629c" },
    ],
  },
  // Xiao, Rasul, Vollgraf 2017: clothes in MNIST's format, to try a trainer with.
  "fashion-mnist": {
    folder: "chars/fashion-mnist",
    mirrors: [
      "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    files: [
      { name: "train-images-idx3-ubyte.gz", hash: "8d4fb7e6c68d591d4c3dfef9ec88bf0d" },
      { name: "train-labels-idx1-ubyte.gz", hash: "25c81989df183df01b3e8a0aad5dffbe" },
      { name: "t10k-images-idx3-ubyte.gz", hash: "bef4ecab320f06d8554ea6380940ec79" },
      { name: "t10k-labels-idx1-ubyte.gz", hash: "bb300cfdad3c16e7a12a480ee83cd310" },
    ],
  },
  // Cohen, Afshar, Tapson, van Schaik 2017: EMNIST's ByClass test part, packed without loss.
  letters: {
    folder: LETTERS_FOLDER,
    mirrors: [
      "https://raw.githubusercontent.com/0r4nd/emnist-packed/0f121efc642634809af4f2f443b70152f71b9a51/emnist-byclass/",
    ],
    files: new URL("../../data/letters.md5", import.meta.url),
  },
  // Alpaydin, Alimoglu 1998: digits of 44 writers as a pen wrote them.
  pendigits: {
    folder: "strokes/pendigits",
    mirrors: [
      "https://raw.githubusercontent.com/choucavalier/pendigits-hmm/03382e1457941714439d40b67e53eaf117fe4d08/data/",
    ],
    files: [
      { name: "pendigits-train", hash: "28e269fb7eaf8cb51af3f561743a0de5" },
      { name: "pendigits-test", hash: "af059c4c2017f25d371999f05757d1dc" },
    ],
    made: {
      names: ["train.jsonl", "test.jsonl"],
      async make(folder) {
        for (const part of ["train", "test"]) {
          const strokes = strokesOf(await Deno.readTextFile(join(folder, `pendigits-${part}`)));
          await Deno.writeTextFile(join(folder, `${part}.jsonl`), strokes);
        }
      },
    },
  },
  // International Unipen Foundation 1999 (Guyon et al. 1994): words, lines, letters and digits of 551 writers as their pens wrote them.
  unipen: {
    folder: "strokes/unipen",
    mirrors: ["https://codeload.github.com/GreenCappuccino/train_r01_v07/tar.gz/"],
    files: [
      { name: "words.jsonl", hash: "426bf928c0e486b3965e528f40a20fc4" },
      { name: "characters.jsonl", hash: "847f37dd68db648b126b45ebfa5b53d1" },
    ],
    archive: { name: "552a4d440bc94bb34710650c0826be7deb986f7c", make: makeUnipen },
  },
  // Riaz, Saifullah, Agne, Dengel, Ahmed 2026: German place names by today's writers.
  dhsd: {
    folder: "lines/dhsd",
    mirrors: ["https://raw.githubusercontent.com/nauman-riaz/DHSD/ab871d395966c3f1177444a2db847e047b9559b8/"],
    files: [{ name: "checksums.sha256", hash: "20478ae8e6ac93b3e76c48e9c683611f" }],
    lists: { "checksums.sha256": (name) => name === DHSD_TABLE || isDhsdCrop(name) },
    made: { names: ["lines.bin", "lines.jsonl"], make: makeDhsd },
  },
  // Wicht, Hennebert 2014: photos of sudokus whose empty cells were filled with written digits.
  sudokus: {
    folder: "pages/sudoku-mixed",
    mirrors: ["https://raw.githubusercontent.com/wichtounet/sudoku_dataset/0db6de036b80b4e8e4574abe6e15026331bd5c2c/"],
    files: new URL("../../data/sudokus.md5", import.meta.url),
  },
  // Guimarães, Ozturk, Maurel 2021: letters of 1905 by many hands, typed ones, and the print of their heads.
  memorials: {
    folder: "pages/memorials",
    mirrors: [
      "https://raw.githubusercontent.com/PSL-Chartes-HTR-Students/HN2021-Memorials_Jane_Lathrop_Stanford/9266adbc8aea6564b4b8447bcbe205ae1c1e87f2/",
    ],
    files: new URL("../../data/memorials.md5", import.meta.url),
    made: {
      names: [OUTLINES, "lines.bin", "lines.jsonl"],
      async make(folder) {
        await makeOutlines(folder);
        await makeWritten(folder);
      },
    },
  },
  // LECTAUREP 2018-2021: registers of some thirteen clerks, hand in printed columns.
  registers: {
    folder: "pages/registers",
    mirrors: [
      "https://raw.githubusercontent.com/HTR-United/lectaurep-repertoires/3d1c86cf5389265a1ce8b620301d36b4709eb435/",
    ],
    files: new URL("../../data/registers.md5", import.meta.url),
    made: { names: [OUTLINES], make: makeOutlines },
  },
  // Chagué 2021, TAPUSCORPUS: typed pages, with what was written between.
  typed: {
    folder: "pages/typed",
    mirrors: [
      "https://raw.githubusercontent.com/HTR-United/tapuscorpus/f18a6afe067bdb213d58ba2b69c3a04013149685/",
    ],
    files: new URL("../../data/typed.md5", import.meta.url),
    made: { names: [OUTLINES], make: makeOutlines },
  },
};

/** The files of a set. */
export async function filesOf({ files }: RemoteSet): Promise<RemoteFile[]> {
  return Array.isArray(files) ? [...files] : listed(await Deno.readTextFile(files));
}

/** The files of a list as md5sum and sha256sum write it. */
export const listed = (list: string): RemoteFile[] =>
  list.split("\n").filter(Boolean).map((line) => {
    const [, hash, name] = /^(\w+)\s+(.+?)\r?$/.exec(line) ?? [];
    return { name, hash };
  });
