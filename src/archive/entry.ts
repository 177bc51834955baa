/** What one line of a manifest, or of `--lines`, asks for: a path, or a JSON object. */
import { ScrawlError } from "../errors.ts";
import { LONGEST_LINE } from "./text_lines.ts";

export interface Entry {
  file: string;
  /** Pages to read, like `1,3-5,8-`. */
  pages?: string;
  password?: string;
  /** The document that its pages belong to; else the file is one. */
  document?: string;
  /** The form that its pages are: a template, or a blank. */
  template?: string;
  /** Why the line asks for nothing that can be read. */
  error?: ScrawlError;
}

/** Keys of a JSON line, and what each is called here. */
const KEYS: Record<string, "file" | "pages" | "password" | "document" | "template"> = {
  path: "file",
  file: "file",
  pages: "pages",
  password: "password",
  document: "document",
  template: "template",
  id: "document",
};

/** Characters of a line that is no entry that are shown. */
const SHOWN = 200;

/** Reads a line. One that asks for nothing that can be read becomes an entry with an error. */
export function parseEntry(line: string): Entry {
  try {
    if (line.length > LONGEST_LINE) throw wrong(`the line has more than ${LONGEST_LINE} characters`);
    const entry = line.startsWith("{") ? fromJson(line) : { file: line };
    if (entry.file === "-") throw wrong("- is standard input, which is no file here");
    return entry;
  } catch (e) {
    return { file: line.slice(0, SHOWN), error: e as ScrawlError };
  }
}

const wrong = (why: string) => new ScrawlError("arguments", why);

function fromJson(line: string): Entry {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch (e) {
    throw wrong(`the line begins like a JSON object and is none: ${(e as Error).message}`);
  }
  const entry: Partial<Entry> = {};
  for (const [key, content] of Object.entries(value)) {
    if (!Object.hasOwn(KEYS, key)) {
      throw wrong(`the line has a key ${key}; known are ${Object.keys(KEYS).join(", ")}`);
    }
    const name = KEYS[key];
    const text = name === "pages" && typeof content === "number" ? String(content) : content;
    if (typeof text !== "string" || text === "") throw wrong(`${key} is to be a text that is not empty`);
    if (entry[name] !== undefined) throw wrong(`the line says ${key} twice, by two names`);
    entry[name] = text;
  }
  if (entry.file === undefined) throw wrong('the line names no file: {"path": "scan.png"}');
  return entry as Entry;
}
