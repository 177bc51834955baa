/**
 * What a shard leaves in its folder: `NAME.jsonl`, the records of its inputs in order; `NAME.journal`, which says for each input that is done
 * where its records end; and `NAME.done` once all are. A run that was cut off at any byte is gone on with by cutting the records off where
 * the last whole line of the journal says: nothing is lost that was told, and nothing is there twice.
 */
import { join } from "@std/path/join";
import { ScrawlError } from "../errors.ts";
import { shardName } from "./shards.ts";

/** What the records were made of; the journal's first line. */
export interface Source {
  version: string;
  /** SHA-256 of the manifest, and how many inputs it lists. */
  manifest: string;
  inputs: number;
  shard: number;
  of: number;
  by: "count" | "bytes";
  /** SHA-256 of how pages are read. */
  how: string;
}

/** An input that is done; the journal's further lines. */
export interface Done {
  input: number;
  /** Bytes of the records up to and with its own. */
  end: number;
  /** Pages that were read, and records of errors. */
  pages: number;
  errors: number;
  /** Milliseconds by the clock that its pages took, each page's own added up. */
  ms: number;
}

/** What a whole shard holds. */
export interface Summary extends Source {
  /** Inputs of the shard. */
  done: number;
  pages: number;
  errors: number;
  bytes: number;
  /** Seconds by the clock that its pages took, each page's own added up. */
  seconds: number;
}

/** Milliseconds between writes of the journal: each waits for the disk. */
const NOTED = 1000;

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value) + "\n");

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** The journal's whole lines. @throws ScrawlError where it is none. */
export function parseJournal(text: string, path: string): { source?: Source; done: Done[] } {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  try {
    const [source, ...done] = whole.split("\n").filter((l) => l !== "").map((l) => JSON.parse(l));
    return { source, done };
  } catch (e) {
    throw new ScrawlError("output", `${path} is damaged: ${(e as Error).message}; --force begins the shard anew`);
  }
}

export class ShardFiles {
  /** What was done before, and since. */
  readonly done: Done[];
  private unnoted: Done[] = [];
  private noted = performance.now();

  private constructor(
    private readonly path: string,
    private readonly source: Source,
    private readonly records: Deno.FsFile,
    private readonly journal: Deno.FsFile,
    done: Done[],
    private end: number,
  ) {
    this.done = done;
  }

  /**
   * Opens the files of a shard, for itself alone: whoever has them open is waited for.
   * @returns the summary where the shard is done.
   * @throws ScrawlError where they are there and neither `resume` nor `force` says what to do, or were made of something else.
   */
  static async open(
    folder: string,
    source: Source,
    { resume, force }: { resume: boolean; force: boolean },
  ): Promise<ShardFiles | Summary> {
    const path = join(folder, shardName({ index: source.shard, of: source.of }));
    const opened: Deno.FsFile[] = [];
    try {
      await Deno.mkdir(folder, { recursive: true });
      const options = { read: true, write: true, create: true };
      const journal = await Deno.open(`${path}.journal`, options);
      opened.push(journal);
      await journal.lock(true);
      if (force && !resume) {
        await journal.truncate();
        await Deno.remove(`${path}.done`).catch(() => {});
      }
      const before = parseJournal(await Deno.readTextFile(`${path}.journal`), `${path}.journal`);
      if (before.source) {
        if (!resume) {
          throw new ScrawlError(
            "output",
            `${path}.jsonl is there already: --resume goes on with it, --force begins it anew`,
          );
        }
        sameSource(before.source, source, path);
      }
      const records = await Deno.open(`${path}.jsonl`, options);
      opened.push(records);
      const { size } = await records.stat();
      const summary = await Deno.readTextFile(`${path}.done`).then((t): Summary => JSON.parse(t), () => undefined);
      if (summary?.bytes === size) {
        opened.forEach((f) => f.close());
        return summary;
      }
      // Of what is gone on with, nothing says that it is done.
      await Deno.remove(`${path}.done`).catch(() => {});
      const done = before.done.filter((d) => d.end <= size);
      const end = done.at(-1)?.end ?? 0;
      await records.truncate(end);
      await records.seek(0, Deno.SeekMode.End);
      await journal.truncate(before.source ? [source, ...done].reduce((n, line) => n + encode(line).length, 0) : 0);
      await journal.seek(0, Deno.SeekMode.End);
      if (!before.source) await writeAll(journal, encode(source));
      return new ShardFiles(path, source, records, journal, done, end);
    } catch (e) {
      opened.forEach((f) => f.close());
      throw e instanceof ScrawlError ? e : new ScrawlError("output", `cannot write ${path}: ${(e as Error).message}`);
    }
  }

  /** Adds the records of the next input. */
  async add(records: string, done: Omit<Done, "end">): Promise<void> {
    try {
      const bytes = new TextEncoder().encode(records);
      await writeAll(this.records, bytes);
      this.end += bytes.length;
      const all = { ...done, end: this.end };
      this.done.push(all);
      this.unnoted.push(all);
      if (performance.now() - this.noted >= NOTED) await this.note();
    } catch (e) {
      throw new ScrawlError("output", `cannot write ${this.path}.jsonl: ${(e as Error).message}`);
    }
  }

  /** What is in the journal is on the disk. */
  private async note(): Promise<void> {
    await this.records.syncData();
    for (const d of this.unnoted) await writeAll(this.journal, encode(d));
    this.unnoted = [];
    this.noted = performance.now();
  }

  /** All inputs are done. */
  async finish(): Promise<Summary> {
    await this.note();
    await this.journal.syncData();
    const sum = (of: (d: Done) => number) => this.done.reduce((n, d) => n + of(d), 0);
    const summary: Summary = {
      ...this.source,
      done: this.done.length,
      pages: sum((d) => d.pages),
      errors: sum((d) => d.errors),
      bytes: this.end,
      seconds: Math.round(sum((d) => d.ms)) / 1000,
    };
    await Deno.writeFile(`${this.path}.done.part`, encode(summary));
    await Deno.rename(`${this.path}.done.part`, `${this.path}.done`);
    return summary;
  }

  /** Keeps what is done for another run. */
  async close(): Promise<void> {
    await this.note().catch(() => {});
    this.records.close();
    this.journal.close();
  }
}

/** What records were made with that others were made without, in words; none where nothing is. */
export function otherThan(one: Source, other: Source): string | undefined {
  const what: [keyof Source, string][] = [
    ["manifest", "another manifest"],
    ["by", "another --shard-by"],
    ["version", "another version of scrawl"],
    ["how", "other options"],
  ];
  return what.find(([key]) => one[key] !== other[key])?.[1];
}

/** @throws ScrawlError where the records in a folder were not made of `source`. */
function sameSource(before: Source, source: Source, path: string): void {
  const other = otherThan(before, source);
  if (other === undefined) return;
  throw new ScrawlError(
    "arguments",
    `${path} was begun with ${other}: go on with that, choose another -o, or begin it anew with --force`,
  );
}
