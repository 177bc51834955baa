/** Where results go: stdout, or a file that appears only when it is whole. */
import { ScrawlError } from "../errors.ts";

export interface Sink {
  /** Whether a person reads it as it comes. */
  terminal: boolean;
  write(text: string): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing half-written behind. */
  abandon(): Promise<void>;
}

const encoder = new TextEncoder();

export async function open(path: string | undefined): Promise<Sink> {
  if (path === undefined || path === "-") {
    return {
      terminal: Deno.stdout.isTerminal(),
      async write(text) {
        const bytes = encoder.encode(text);
        for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
      },
      close: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    };
  }
  const part = `${path}.part`;
  const fail = (e: unknown) => new ScrawlError("output", `cannot write ${path}: ${(e as Error).message}`);
  const file = await Deno.open(part, { write: true, create: true, truncate: true }).catch((e) => {
    throw fail(e);
  });
  let closed = false;
  const end = () => closed || (file.close(), closed = true);
  return {
    terminal: false,
    async write(text) {
      const bytes = encoder.encode(text);
      try {
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      } catch (e) {
        throw fail(e);
      }
    },
    async close() {
      end();
      await Deno.rename(part, path).catch((e) => {
        throw fail(e);
      });
    },
    async abandon() {
      end();
      await Deno.remove(part).catch(() => {});
    },
  };
}
