/** What a page says. Places are in pixels of the decoded page, x to the right, y downwards; confidences are probabilities, 0 to 1. */
import type { ErrorCode } from "../errors.ts";

/** `[x, y, width, height]`, upright. */
export type Box = [x: number, y: number, width: number, height: number];
/** Corners `[x, y]` clockwise from the upper left of the text, which may lean. */
export type Polygon = [x: number, y: number][];
/** Who made it: a hand or a press. */
export type Production = "handwritten" | "printed";
/** What became of it. `doubtful`: read, but as probably wrong as right. */
export type State = "read" | "doubtful" | "corrected" | "struck-out" | "suppressed";

/** Another reading, less probable. */
export interface Alternative {
  /** What it would say. */
  text: string;
  /** Its probability. */
  confidence: number;
}

/** One character of a word. */
export interface Character {
  /** The character; a power is one raised digit. */
  text: string;
  /** The probability of this character. */
  confidence: number;
  /** Where it stands. */
  box: Box;
  /** Where it stands, along its line. */
  polygon: Polygon;
  /** Other characters that it may be, the most probable first. */
  alternatives: Alternative[];
}

/** Characters without a space between. */
export interface Word {
  /** What it says. */
  text: string;
  /** Probability that all of it is right. */
  confidence: number;
  /** Where it stands. */
  box: Box;
  /** Where it stands, along its line. */
  polygon: Polygon;
  /** Who made it. */
  production: Production;
  /** Whether it is sure. */
  state: State;
  /** The next best readings, the most probable first. */
  alternatives: Alternative[];
  /** The probability that a hand made it. */
  handwritten: number;
  /** Its characters, left to right. */
  characters: Character[];
  /** What was read at first, where somebody corrected it. */
  read?: string;
}

/** One written line. */
export interface Line {
  /** Its words with spaces between. */
  text: string;
  /** The probability that the whole line is right. */
  confidence: number;
  /** Where it stands. */
  box: Box;
  /** Where it stands; it may lean. */
  polygon: Polygon;
  /** The line with one of its words read otherwise, the most probable first. */
  alternatives: Alternative[];
  /** Its words, left to right. */
  words: Word[];
}

/** What was found and not read out. */
export interface Suppressed {
  /** Where it stands. */
  box: Box;
  /** Where it stands, along its line. */
  polygon: Polygon;
  /** Who made it. */
  production: Production;
  /** Why: `other` is no writing, `no-match` does not fit the pattern, `doubtful` is less sure than `minConf` or `maxError` asks for. */
  reason: "printed" | "other" | "illegible" | "struck-out" | "no-match" | "doubtful";
  /** `struck-out` or `suppressed`. */
  state: State;
  /** What it would say. */
  text: string;
  /** How sure that is. */
  confidence: number;
  /** The probability that a hand made it. */
  handwritten: number;
}

/** A page as the engine reads it. */
export interface PageReading {
  /** Pixels of the decoded page. */
  width: number;
  /** Pixels of the decoded page. */
  height: number;
  /** Degrees clockwise that make the page upright. */
  rotation: number;
  /** What was read, in reading order. */
  lines: Line[];
  /** What was found and not read out. */
  suppressed: Suppressed[];
}

/** Lines that stand together: a column, a table, a note. */
export interface Region {
  /** Where they stand. */
  box: Box;
  /** The same as corners. */
  polygon: Polygon;
  /** Indices into the page's lines, in reading order. */
  lines: number[];
}

/** A page of a file. */
export interface Page extends PageReading {
  /** Lines that stand together. */
  regions: Region[];
  /** The file's name as it was given. */
  file: string;
  /** Its number in the file, from 1. */
  page: number;
  /** Dots per inch as the file says, or as it was drawn; null where nothing is known. */
  dpi: number | null;
  /** Version of scrawl. */
  version: string;
  /** SHA-256 of the model file. */
  model: string;
  /** SHA-256 of the input file. */
  digest: string;
  /** How it was read; `dpi` is for PDF pages that are drawn. */
  options: ReadOptions & { dpi: number };
  /** With `maxError`: how many fields there are, and how many of them were left blank to keep it. */
  promise?: { maxError: number; fields: number; blank: number };
  /** What its fields say, where it is a form whose template was named. */
  form?: FormReading;
  /** What the reader should know of how it was decoded, such as that it was not read at all; absent where there is nothing. */
  notes?: string[];
}

/** What a page says in the fields of a form. */
export interface FormReading {
  /** The template, or the blank, as it was named. */
  template: string;
  /** In the order of the template. */
  fields: FormField[];
  /** Sums of the template, by the names of their fields, and whether each adds up. */
  sums: { total: string; adds: boolean }[];
}

/** A field of a form. */
export interface FormField {
  /** As the template has it. */
  name: string;
  /** As the template has it. */
  type: "digits" | "amount" | "date" | "code" | "choice" | "text";
  /** As its type has it; null where there is none. */
  value: string | null;
  /** What was read. */
  text: string;
  /** How sure that is. */
  confidence: number;
  /** `empty`: nothing is written; `doubtful`: unsure, or no value of its type; `repaired`: what adds up, though another was read. */
  state: "read" | "empty" | "doubtful" | "repaired";
  /** What was read before it was repaired. */
  read?: string;
  /** Its cell on the page. */
  polygon: Polygon;
}

/** A file that could not be read, in place of its pages, or one of its pages. */
export interface Failure {
  /** The file's name as it was given. */
  file: string;
  /** The page's number in the file, from 1; absent where it is the whole file. */
  page?: number;
  /** What kind of error, and what to do. */
  error: { code: ErrorCode; message: string };
}

/** Characters that may be read: ten digits, what numbers are written with, or all. */
export type Charset = "digits" | "numeric" | "text";

/** How to read. */
export interface ReadOptions {
  /** Characters that may be read. */
  charset: Charset;
  /** Further narrows the charset to these characters. */
  allowedChars?: string;
  /** What becomes of print: left out, marked in the output, or treated like handwriting. */
  printed: "drop" | "mark" | "keep";
  /** 0..1: words less sure are suppressed, or with `rejectChar` their unsure characters are written as that. */
  minConf?: number;
  /** One character to write for each that is less sure than `minConf`. */
  rejectChar?: string;
  /** Share of the fields read out that may be wrong, 0 to 1: less sure ones are left blank. */
  maxError?: number;
  /** A regular expression that each word must match; see `pattern.rs` in crates/net for what it may hold. */
  pattern?: string;
}
