/**
 * Fetches a data set's files: goes on where a download was cut off, tries the next mirror when one fails, and keeps a file only when it
 * hashes to what it should.
 */
import { createHash } from "node:crypto";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { ScrawlError } from "../errors.ts";
import { filesOf, listed, type RemoteFile, type RemoteSet } from "./sets.ts";

/** Bytes so far, and of how many if the server says. */
export type OnProgress = (file: string, bytes: number, total: number | undefined) => void;

/** Files that are fetched at a time. */
const AT_A_TIME = 8;

/** The hash of a file, of the kind that `wanted` is. */
const hashOf = async (path: string, wanted: string) =>
  createHash(wanted.length === 32 ? "md5" : "sha256").update(await Deno.readFile(path)).digest("hex");
const sizeOf = (path: string) => Deno.stat(path).then((i) => i.size, () => 0);

/** Fetches what is missing of `set` into `data`, and makes of it what training reads; files that are there and whole are left. @throws ScrawlError */
export async function getSet(set: RemoteSet, data: string, onProgress: OnProgress = () => {}): Promise<string[]> {
  const folder = join(data, set.folder);
  await Deno.mkdir(folder, { recursive: true });
  const fetched: string[] = [];
  const get = async (file: RemoteFile) => {
    const path = join(folder, file.name);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (await sizeOf(path) > 0 && await hashOf(path, file.hash) === file.hash) return;
    await getFile(file, set.mirrors, path, onProgress);
    fetched.push(path);
  };
  const files = await filesOf(set);
  if (set.archive) return await getArchive(set, set.archive, folder, files, onProgress);
  for (const [name, isWanted] of Object.entries(set.lists ?? {})) {
    await get(files.find((f) => f.name === name)!);
    files.push(...listed(await Deno.readTextFile(join(folder, name))).filter((f) => isWanted(f.name)));
  }
  const worker = async () => {
    for (let file = files.shift(); file; file = files.shift()) await get(file);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  const sizes = await Promise.all((set.made?.names ?? []).map((name) => sizeOf(join(folder, name))));
  if (set.made && (fetched.length > 0 || sizes.includes(0))) await set.made.make(folder);
  return fetched;
}

/** Fetches an archive and makes the files of it, unless they are there. */
async function getArchive(
  { mirrors }: RemoteSet,
  { name, make }: NonNullable<RemoteSet["archive"]>,
  folder: string,
  files: RemoteFile[],
  onProgress: OnProgress,
): Promise<string[]> {
  const damaged = async () => {
    for (const { name, hash } of files) {
      const path = join(folder, name);
      if (await sizeOf(path) === 0 || await hashOf(path, hash) !== hash) return name;
    }
  };
  if (!await damaged()) return [];
  const part = join(folder, `${name}.part`);
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = new URL(name, mirror).href;
    try {
      await download(url, part, (bytes, total) => onProgress(name, bytes, total));
      const whole = await new Response((await Deno.open(part)).readable.pipeThrough(new DecompressionStream("gzip")))
        .bytes();
      const { parseTar } = await import("nanotar");
      // All lies in one folder, which is named after the archive.
      const entries = parseTar(whole).filter((e) => e.data).map((e) =>
        [e.name.slice(e.name.indexOf("/") + 1), e.data!] as const
      );
      await make(new Map(entries), folder);
      await Deno.remove(part);
      const wrong = await damaged();
      if (!wrong) return files.map((f) => join(folder, f.name));
      for (const f of files) await Deno.remove(join(folder, f.name));
      throw new Error(`${wrong}, which is made of it, does not hash to what it should`);
    } catch (e) {
      await Deno.remove(part).catch(() => {});
      failures.push(`${url}: ${(e as Error).message}`);
    }
  }
  throw new ScrawlError("input", `${name} could not be fetched, or is not what it was (${failures.join("; ")})`);
}

async function getFile(file: RemoteFile, mirrors: string[], path: string, onProgress: OnProgress): Promise<void> {
  const part = `${path}.part`;
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = new URL(file.name, mirror).href;
    try {
      await download(url, part, (bytes, total) => onProgress(file.name, bytes, total));
      const hash = await hashOf(part, file.hash);
      if (hash !== file.hash) {
        await Deno.remove(part);
        throw new Error(`its ${hash.length === 32 ? "MD5" : "SHA-256"} is ${hash}, not ${file.hash}`);
      }
      await Deno.rename(part, path);
      return;
    } catch (e) {
      failures.push(`${url}: ${(e as Error).message}`);
    }
  }
  throw new ScrawlError(
    "input",
    `${file.name} could not be fetched (${failures.join("; ")}); run the same command to go on`,
  );
}

/** Appends to `part` what is missing of it. */
async function download(url: string, part: string, onProgress: (bytes: number, total?: number) => void): Promise<void> {
  let have = await sizeOf(part);
  const response = await fetch(url, have > 0 ? { headers: { range: `bytes=${have}-` } } : {});
  // 416: the part is as long as the file already, or longer; its hash will tell.
  if (response.status === 416) return void await response.body?.cancel();
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status} ${response.statusText}`);
  }
  // A server without ranges sends the file from its beginning.
  if (response.status !== 206) have = 0;
  const length = Number(response.headers.get("content-length"));
  const total = length > 0 ? have + length : undefined;
  const out = await Deno.open(part, { write: true, create: true, truncate: have === 0, append: have > 0 });
  try {
    for await (const chunk of response.body!) {
      for (let at = 0; at < chunk.length;) at += await out.write(chunk.subarray(at));
      have += chunk.length;
      onProgress(have, total);
    }
  } finally {
    out.close();
  }
  if (total !== undefined && have < total) throw new Error(`the connection ended after ${have} of ${total} bytes`);
}
