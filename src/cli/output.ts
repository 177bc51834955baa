/** Where results go: stdout, or files that appear only when they are whole. */
import { dirname } from "node:path";
import { ScrawlError } from "../errors.ts";
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
const cannot = (path: string, e: unknown) => new ScrawlError("output", `cannot write ${path}: ${(e as Error).message}`);

export const isFolder = (path: string) => Deno.stat(path).then((i) => i.isDirectory, () => false);

export async function open(path: string | undefined): Promise<Sink> {
  if (path === undefined || path === "-") {
    return {
      terminal: Deno.stdout.isTerminal(),
      async write(content) {
        const bytes = bytesOf(content);
        for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
      },
      close: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    };
  }
  const part = `${path}.part`;
  const file = await Deno.open(part, { write: true, create: true, truncate: true }).catch((e) => {
    throw cannot(path, e);
  });
  let closed = false;
  const end = () => closed || (file.close(), closed = true);
  return {
    terminal: false,
    async write(content) {
      const bytes = bytesOf(content);
      try {
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      } catch (e) {
        throw cannot(path, e);
      }
    },
    async close() {
      end();
      await Deno.rename(part, path).catch((e) => {
        throw cannot(path, e);
      });
    },
    async abandon() {
      end();
      await Deno.remove(part).catch(() => {});
    },
  };
}

/** Writes several files: all under temporary names first, then renamed, so that none of them is ever half there. */
export async function writeWhole(files: [path: string, content: Uint8Array][]): Promise<void> {
  const parts: string[] = [];
  try {
    for (const [path, content] of files) {
      await Deno.mkdir(dirname(path), { recursive: true });
      parts.push(`${path}.part`);
      await Deno.writeFile(`${path}.part`, content);
    }
    for (const [path] of files) await Deno.rename(`${path}.part`, path);
  } catch (e) {
    await Promise.all(parts.map((p) => Deno.remove(p).catch(() => {})));
    throw cannot(files.map(([path]) => path).join(", "), e);
  }
}

/** The text as this sink may have it. */
export function plain(text: string, sink: Sink): string {
  return sink.terminal ? shown(text, "\n\f") : text;
}
