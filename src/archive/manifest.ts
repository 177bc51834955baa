/** A manifest: a text file with an input a line, a path or a JSON object. It is read as a stream, however long it is. */
import { createHash } from "node:crypto";
import { ScrawlError } from "../errors.ts";
import { type Entry, parseEntry } from "./entry.ts";
import { byBytes, type Shard } from "./shards.ts";
import { textLines } from "./text_lines.ts";

export interface Manifest {
  path: string;
  /** SHA-256 of the file. */
  digest: string;
  /** Inputs that it lists. */
  inputs: number;
}

/** @throws ScrawlError where it cannot be read. */
async function opened(path: string): Promise<ReadableStream<Uint8Array>> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (!isFile) throw new Error(isDirectory ? "it is a folder" : "it is read more than once, and so cannot be a pipe");
    return (await Deno.open(path)).readable;
  } catch (e) {
    throw new ScrawlError("arguments", `--manifest ${path}: cannot be read: ${(e as Error).message}`);
  }
}

/** @throws ScrawlError where it cannot be read, or lists nothing. */
export async function openManifest(path: string): Promise<Manifest> {
  const hash = createHash("sha256");
  const hashed = (await opened(path)).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, to) {
        hash.update(bytes);
        to.enqueue(bytes);
      },
    }),
  );
  let inputs = 0;
  for await (const _ of textLines(hashed)) inputs++;
  if (inputs === 0) throw new ScrawlError("arguments", `--manifest ${path}: it lists nothing; write a path a line`);
  return { path, digest: hash.digest("hex"), inputs };
}

/** The inputs that a manifest lists, with their numbers from 0. */
export async function* entriesOf(manifest: Manifest): AsyncGenerator<[input: number, Entry]> {
  let input = 0;
  for await (const line of textLines(await opened(manifest.path))) yield [input++, parseEntry(line)];
}

/** Whether an input is in the shard. With `bytes` every file is looked at; one that is not there counts as empty. */
export async function membership(
  manifest: Manifest,
  { index, of }: Shard,
  by: "count" | "bytes",
): Promise<(input: number) => boolean> {
  if (by === "count") return (input) => input % of === index;
  const sizes = new Float64Array(manifest.inputs);
  for await (const [input, { file, error }] of entriesOf(manifest)) {
    if (!error) sizes[input] = await Deno.stat(file).then((i) => i.isFile ? i.size : 0, () => 0);
  }
  const shards = byBytes(sizes, of);
  return (input) => shards[input] === index;
}
