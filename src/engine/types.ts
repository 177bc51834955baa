/** What a page says. Boxes are `[x, y, width, height]` and polygons four corners, in pixels of the decoded page. */

export type Box = [x: number, y: number, width: number, height: number];
export type Polygon = [number, number][];
export type Production = "handwritten" | "printed";
/** `doubtful`: less sure than `DOUBTFUL`. */
export type State = "read" | "doubtful" | "struck-out" | "suppressed";
/** Another reading, less probable. */
export interface Alternative {
  text: string;
  confidence: number;
}

export interface Character {
  text: string;
  /** 0..1, the probability of this character. */
  confidence: number;
  box: Box;
  alternatives: Alternative[];
}

export interface Word {
  text: string;
  confidence: number;
  box: Box;
  polygon: Polygon;
  production: Production;
  state: State;
  /** The next best readings, the most probable first. */
  alternatives: Alternative[];
  /** 0..1, the probability that a hand made it. */
  handwritten: number;
  characters: Character[];
}

/** One written line. */
export interface Line {
  text: string;
  confidence: number;
  box: Box;
  polygon: Polygon;
  words: Word[];
}

/** What was found and not read out. */
export interface Suppressed {
  box: Box;
  /** `doubtful`: less sure than `--min-conf` asks for. */
  reason: "printed" | "other" | "illegible" | "struck-out" | "doubtful";
  state: State;
  text: string;
  confidence: number;
  handwritten: number;
}

/** A page as the engine reads it. */
export interface PageReading {
  width: number;
  height: number;
  /** Degrees clockwise that make the page upright. */
  rotation: number;
  lines: Line[];
  suppressed: Suppressed[];
}

/** Lines that stand together: a column, a table, a note. */
export interface Region {
  box: Box;
  /** Indices into the page's lines, in reading order. */
  lines: number[];
}

/** A page of a file. */
export interface Page extends PageReading {
  regions: Region[];
  file: string;
  /** From 1. */
  page: number;
  /** Dots per inch as the file says, or as it was rendered; null where it says nothing. */
  dpi: number | null;
  /** Version of scrawl. */
  version: string;
  /** SHA-256 of the model file, and of the input file. */
  model: string;
  digest: string;
  /** How it was read. */
  options: ReadOptions;
}

/** A file that could not be read, in place of its pages. */
export interface Failure {
  file: string;
  error: { code: string; message: string };
}

export type Charset = "digits" | "numeric" | "text";

/** How to read. */
export interface ReadOptions {
  charset: Charset;
  /** Further narrows the charset to these characters. */
  allowedChars?: string;
  /** What becomes of print: left out, marked in the output, or treated like handwriting. */
  printed: "drop" | "mark" | "keep";
  /** 0..1: words less sure are suppressed, or with `rejectChar` their unsure characters are written as that. */
  minConf?: number;
  rejectChar?: string;
  /** A regular expression that each word must match; see `pattern.rs` in crates/net for what it may hold. */
  pattern?: string;
}
