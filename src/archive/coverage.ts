/** Whether the shards in a folder hold each input of their manifest exactly once, and where each input's records are. */
import { join } from "@std/path/join";
import { ScrawlError } from "../errors.ts";
import { type Done, otherThan, parseJournal, type Source, type Summary } from "./shard_files.ts";
import { type Shard, shardName, shardOf } from "./shards.ts";

/** Shards or inputs that a message names. */
const NAMED = 10;

/** A shard that is done. */
interface Part {
  /** Its records. */
  path: string;
  summary: Summary;
  done: Done[];
}

export interface Coverage {
  source: Source;
  parts: Part[];
  /** Of each input the part that holds it, and the bytes of its records there, from and to. */
  part: Int32Array;
  from: Float64Array;
  to: Float64Array;
}

const wrong = (why: string) => new ScrawlError("input", why);

/** Some of many, as a message names them. */
function some(all: (string | number)[]): string {
  return all.slice(0, NAMED).join(", ") + (all.length > NAMED ? ` and ${all.length - NAMED} more` : "");
}

/** @throws ScrawlError that says what is missing, there twice, or made of something else. */
export async function coverage(folder: string): Promise<Coverage> {
  const shards = await shardsIn(folder);
  const parts: Part[] = [];
  for (const shard of shards) parts.push(await readPart(folder, shard));
  const [{ summary: source }] = parts;
  for (const { path, summary } of parts) {
    const other = otherThan(summary, source);
    if (other !== undefined) {
      throw wrong(`${path} was made with ${other} than ${parts[0].path}: read one of them anew with --force`);
    }
  }
  const part = new Int32Array(source.inputs).fill(-1);
  const [from, to] = [new Float64Array(source.inputs), new Float64Array(source.inputs)];
  const twice: number[] = [];
  for (const [p, { done }] of parts.entries()) {
    let begins = 0;
    for (const { input, end } of done) {
      if (part[input] !== -1) twice.push(input);
      [part[input], from[input], to[input]] = [p, begins, end];
      begins = end;
    }
  }
  if (twice.length > 0) {
    throw wrong(`there are ${twice.length} inputs twice: ${some(twice)}; read the shards anew with --force`);
  }
  const missing = Array.from(part.entries()).filter(([, p]) => p === -1).map(([input]) => input);
  if (missing.length > 0) {
    throw wrong(`${missing.length} inputs are in no shard: ${some(missing)}; read the shards anew with --force`);
  }
  return { source, parts, part, from, to };
}

/** All shards of a folder. @throws ScrawlError where there are none, or some are missing. */
async function shardsIn(folder: string): Promise<Shard[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name).catch((e) => {
    throw new ScrawlError("access", `cannot read the folder ${folder}: ${e.message}`);
  });
  const there = names.flatMap((name) => shardOf(name) ?? []);
  if (there.length === 0) {
    throw wrong(`${folder} holds no shards: ocr --manifest FILE --shard I/N -o ${folder} makes them`);
  }
  const counts = [...new Set(there.map((s) => s.of))].sort((a, b) => a - b);
  if (counts.length > 1) {
    throw wrong(
      `${folder} holds shards of ${counts.join(" and of ")}: put those of one division into a folder of their own`,
    );
  }
  const [of] = counts;
  const done = new Set(names.filter((n) => n.endsWith(".done")));
  const all = Array.from({ length: of }, (_, index) => ({ index, of }));
  const missing = all.filter((s) => !done.has(`${shardName(s)}.done`)).map((s) => `${s.index}/${of}`);
  if (missing.length > 0) {
    throw wrong(`${missing.length} of ${of} shards are not done: ${some(missing)}; run them again with --resume`);
  }
  return all;
}

async function readPart(folder: string, shard: Shard): Promise<Part> {
  const path = join(folder, shardName(shard));
  try {
    const summary: Summary = JSON.parse(await Deno.readTextFile(`${path}.done`));
    const { done } = parseJournal(await Deno.readTextFile(`${path}.journal`), `${path}.journal`);
    const { size } = await Deno.stat(`${path}.jsonl`);
    if (size !== summary.bytes || (done.at(-1)?.end ?? 0) !== size || done.length !== summary.done) {
      throw new Error("its files do not belong together");
    }
    return { path: `${path}.jsonl`, summary, done };
  } catch (e) {
    throw wrong(`the shard ${path} cannot be joined: ${(e as Error).message}; run it again with --resume`);
  }
}

/** Files that are open at a time: systems allow about a thousand. */
const OPEN = 500;

/** Reads records of inputs, wherever they are. */
export class Records {
  private readonly open = new Map<number, Deno.FsFile>();

  constructor(private readonly coverage: Coverage) {}

  /** The records of an input, as the text that they are. */
  async of(input: number): Promise<string> {
    const { parts, part, from, to } = this.coverage;
    const file = await this.file(part[input], parts[part[input]].path);
    const bytes = new Uint8Array(to[input] - from[input]);
    await file.seek(from[input], Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const n = await file.read(bytes.subarray(at));
      if (n === null) throw wrong(`${parts[part[input]].path} became shorter while it was read`);
      at += n;
    }
    return new TextDecoder().decode(bytes);
  }

  private async file(part: number, path: string): Promise<Deno.FsFile> {
    const there = this.open.get(part);
    if (there) return there;
    if (this.open.size >= OPEN) {
      const [oldest, file] = this.open.entries().next().value!;
      file.close();
      this.open.delete(oldest);
    }
    const file = await Deno.open(path);
    this.open.set(part, file);
    return file;
  }

  close(): void {
    for (const file of this.open.values()) file.close();
  }
}
