/** Where results go: stdout, or files that appear only when they are whole. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import { shown } from "./say.ts";

export interface Sink {
  /** Whether a person reads it as it comes. */
  terminal: boolean;
  write(content: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing half-written behind. */
  abandon(): Promise<void>;
}

const encoder = new TextEncoder();
const bytesOf = (content: string | Uint8Array) => typeof content === "string" ? encoder.encode(content) : content;
/** A write may take a part alone. */
async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
/** A name that is too long: the fault of that file alone. */
export class NameError extends ScrawlError {}

function cannot(path: string, e: unknown): ScrawlError {
  const { message } = e as Error;
  const Kind = /name too long/i.test(message) ? NameError : ScrawlError;
  return new Kind("output", `cannot write ${path}: ${message}`);
}

/** Bytes of a file's name at most, on most systems. */
const LONGEST_NAME = 255;

/** What a file is called while it is written. */
async function temporary(path: string): Promise<string> {
  const name = basename(path);
  if (encoder.encode(`${name}.part`).length <= LONGEST_NAME) return `${path}.part`;
  return join(dirname(path), `.scrawl-${(await sha256(encoder.encode(name))).slice(0, 16)}.part`);
}

/** @throws ScrawlError where an output would be written over an input, by whatever name. */
export async function keepInputs(inputs: string[], outputs: (string | undefined)[]): Promise<void> {
  const identity = async (path: string | undefined) => {
    const info = path === undefined || path === "-" ? undefined : await Deno.stat(path).catch(() => undefined);
    if (!info?.isFile) return undefined;
    return info.ino ? `${info.dev} ${info.ino}` : await Deno.realPath(path!);
  };
  const there = new Map<string, string>();
  for (const output of outputs) {
    const id = await identity(output);
    if (id !== undefined) there.set(id, output!);
  }
  if (there.size === 0) return;
  for (const input of inputs) {
    const output = there.get(await identity(input) ?? "");
    if (output === undefined) continue;
    throw new ScrawlError("arguments", `${output} is an input, ${input}: write somewhere else with -o`);
  }
}

export const isFolder = (path: string) => Deno.stat(path).then((i) => i.isDirectory, () => false);

/** An output that is there already. @param instead what else may be done about it. */
export const existing = (path: string, instead = "-o writes elsewhere") =>
  new ScrawlError("output", `${path} is there already: --force writes over it, ${instead}`);

export const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

/** Before anything costs time. @throws ScrawlError where one of the outputs is there already. */
export async function refuseExisting(paths: Iterable<string>): Promise<void> {
  for (const path of paths) if (await isThere(path)) throw existing(path);
}

/**
 * @param path absent for stdout. @param force whether a file that is there is written over.
 * @throws ScrawlError where it is there already, or cannot be written.
 */
export async function open(path: string | undefined, force: boolean): Promise<Sink> {
  if (path === undefined) {
    return {
      terminal: Deno.stdout.isTerminal(),
      write: (content) =>
        writeAll(Deno.stdout, bytesOf(content)).catch((e) => {
          throw e instanceof Deno.errors.BrokenPipe ? e : cannot("to stdout", e);
        }),
      close: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    };
  }
  const file = await begin(path, force);
  return {
    terminal: false,
    write: (content) =>
      writeAll(file.handle, bytesOf(content)).catch((e) => {
        throw cannot(path, e);
      }),
    close: () => file.finish(),
    abandon: () => file.abandon(),
  };
}

/** A file that is being written. */
interface Unfinished {
  handle: Deno.FsFile;
  /** Makes it the file that was asked for. */
  finish(): Promise<void>;
  /** Leaves nothing of it. */
  abandon(): Promise<void>;
}

/** Whether a file may have a temporary name first: renaming asks for read access as well as for writing. */
export function mayRename(path: string): boolean {
  const granted = (name: "read" | "write", path: string) =>
    Deno.permissions.querySync({ name, path }).state === "granted";
  return granted("read", path) && granted("read", `${path}.part`) && granted("write", `${path}.part`);
}

/**
 * Begins a file under a temporary name that it loses when it is whole; where access to it alone allows no other name, it has its
 * own from the start, and goes where it does not become whole.
 */
async function begin(path: string, force: boolean): Promise<Unfinished> {
  if (!force) await refuseExisting([path]);
  const renames = mayRename(path);
  const at = renames ? await temporary(path) : path;
  const anew = force || renames ? { create: true, truncate: true } : { createNew: true };
  const handle = await Deno.open(at, { write: true, ...anew }).catch((e) => {
    throw e instanceof Deno.errors.AlreadyExists ? existing(path) : cannot(path, e);
  });
  let open = true;
  const close = () => {
    if (open) handle.close();
    open = false;
  };
  return {
    handle,
    async finish() {
      close();
      if (!renames) return;
      await Deno.rename(at, path).catch((e) => {
        throw cannot(path, e);
      });
    },
    async abandon() {
      close();
      await Deno.remove(at).catch(() => {});
    },
  };
}

/** Writes several files: all of them or none, and each whole. */
export async function writeWhole(files: [path: string, content: Uint8Array][], force: boolean): Promise<void> {
  const begun: Unfinished[] = [];
  try {
    for (const [path, content] of files) {
      await Deno.mkdir(dirname(path), { recursive: true }).catch((e) => {
        throw cannot(path, e);
      });
      const file = await begin(path, force);
      begun.push(file);
      await writeAll(file.handle, content);
    }
    for (const file of begun) await file.finish();
  } catch (e) {
    await Promise.all(begun.map((f) => f.abandon()));
    throw e instanceof ScrawlError ? e : cannot(files.map(([path]) => path).join(", "), e);
  }
}

/** The text as this sink may have it. */
export function plain(text: string, sink: Sink): string {
  return sink.terminal ? shown(text, "\n\f") : text;
}
