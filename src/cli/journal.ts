/**
 * `--resume`: a journal of what is finished, a JSON line a file. A line that was cut off by a crash is not counted, so that its file is read
 * again: nothing is lost, and as results are renamed into place before their line is written, nothing is there twice.
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { ScrawlError } from "../errors.ts";

interface Entry {
  file: string;
  size: number;
  modified: number;
  /** Hash of how it was read. */
  how: string;
}

export class Journal {
  private constructor(private path: string, private how: string, private done: Map<string, Entry>) {}

  /** @param settings whatever decides what the results look like. */
  static async open(path: string, settings: unknown): Promise<Journal> {
    const how = createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
    const text = await Deno.readTextFile(path).catch(() => "");
    const done = new Map<string, Entry>();
    for (const line of text.split("\n")) {
      try {
        const entry: Entry = JSON.parse(line);
        done.set(entry.file, entry);
      } catch {
        // The last line before a crash.
      }
    }
    if (text !== "" && !text.endsWith("\n")) await Deno.writeTextFile(path, "\n", { append: true });
    return new Journal(path, how, done);
  }

  private static async entry(file: string, how: string): Promise<Entry> {
    const info = await Deno.stat(file);
    return { file, size: info.size, modified: info.mtime?.getTime() ?? 0, how };
  }

  /** Whether the file was read to the end in this way, and is the same still. */
  has(file: string): boolean {
    const entry = this.done.get(file);
    if (!entry || entry.how !== this.how) return false;
    try {
      const info = Deno.statSync(file);
      return info.size === entry.size && (info.mtime?.getTime() ?? 0) === entry.modified;
    } catch {
      return false;
    }
  }

  async add(file: string): Promise<void> {
    try {
      await Deno.mkdir(dirname(this.path), { recursive: true });
      await Deno.writeTextFile(this.path, JSON.stringify(await Journal.entry(file, this.how)) + "\n", { append: true });
    } catch (e) {
      throw new ScrawlError("output", `cannot write the journal ${this.path}: ${(e as Error).message}`);
    }
  }
}
