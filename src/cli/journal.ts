/**
 * The journal of a batch, for `--resume`: JSON lines, one before a file's results are written and one when they are. A line that was cut
 * off by a crash is not counted, so that its file is read again: nothing is lost, and as results get their names before the second line is
 * written, nothing is there twice.
 */
import { dirname } from "@std/path/dirname";
import { ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";

interface Entry {
  file: string;
  /** What the file was like before it was read. */
  size: number;
  modified: number;
  /** Hash of how it was read. */
  how: string;
  /** Absent while its results are being written. */
  done?: true;
}

export class Journal {
  private readonly seen = new Map<string, Entry>();

  private constructor(
    private path: string,
    private how: string,
    private entries: Map<string, Entry>,
    /** Whether the first line takes the place of an earlier journal. */
    private anew: boolean,
  ) {}

  /** @param settings whatever decides what the results look like. @param resume whether an earlier journal is gone on with. */
  static async open(path: string, settings: unknown, resume: boolean): Promise<Journal> {
    const how = (await sha256(new TextEncoder().encode(JSON.stringify(settings)))).slice(0, 16);
    const text = !resume ? "" : await Deno.readTextFile(path).catch((e) => {
      if (e instanceof Deno.errors.NotFound) return "";
      throw new ScrawlError("access", `cannot read the journal ${path}: ${e.message}`);
    });
    const entries = new Map<string, Entry>();
    for (const line of text.split("\n")) {
      try {
        const entry: Entry = JSON.parse(line);
        entries.set(entry.file, entry);
      } catch {
        // The last line before a crash.
      }
    }
    const journal = new Journal(path, how, entries, !resume);
    if (text !== "" && !text.endsWith("\n")) await journal.write("\n");
    return journal;
  }

  /** Whether the file was read to the end in this way, and is the same still. Looks at it once, for the entry that it will get. */
  async has(file: string): Promise<boolean> {
    const info = await Deno.stat(file).catch(() => undefined);
    const now = { file, size: info?.size ?? 0, modified: info?.mtime?.getTime() ?? 0, how: this.how };
    this.seen.set(file, now);
    const entry = this.entries.get(file);
    return !!entry?.done && entry.how === now.how && entry.size === now.size && entry.modified === now.modified;
  }

  /** Whether there was no earlier journal. */
  get empty(): boolean {
    return this.entries.size === 0;
  }

  /** Whether results of the file may be there because this batch wrote them. */
  owns(file: string): boolean {
    return this.entries.has(file);
  }

  /** Before the results of a file are written, and after. */
  async note(file: string, done?: true): Promise<void> {
    await this.write(JSON.stringify({ ...this.seen.get(file)!, done }) + "\n");
  }

  /** Where nothing is left to go on with. */
  async remove(): Promise<void> {
    if (!this.anew) await Deno.remove(this.path).catch(() => {});
  }

  private async write(text: string): Promise<void> {
    try {
      await Deno.mkdir(dirname(this.path), { recursive: true });
      await Deno.writeTextFile(this.path, text, { append: !this.anew });
      this.anew = false;
    } catch (e) {
      throw new ScrawlError("output", `cannot write the journal ${this.path}: ${(e as Error).message}`);
    }
  }
}
