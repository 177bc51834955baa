/** Bytes of what a path or an address names, where there are files and in a browser. The reading half asks for files here and nowhere else. */
import { ScrawlError } from "./errors.ts";

const { process } = globalThis as { process?: { versions?: { node?: string } } };
/** Whether this runs where there are files (Deno, Node), rather than in a browser. */
export const hasFiles = process?.versions?.node !== undefined;

/** @throws Error that says why it cannot be had. @throws ScrawlError where it has more bytes than `most`. */
export async function readBytes(source: string | URL, most = Infinity): Promise<Uint8Array> {
  if (hasFiles) {
    const { readFile, stat } = await import("node:fs/promises");
    if (most !== Infinity) {
      const { size } = await stat(source);
      if (size > most) throw tooLarge(size, most);
    }
    const { buffer, byteOffset, byteLength } = await readFile(source);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const response = await fetch(source);
  if (!response.ok) throw new Error(`the server says ${response.status} ${response.statusText}`);
  return response.body === null ? new Uint8Array() : await collected(response.body, most);
}

/** An input of `size` bytes or more is refused. */
export const tooLarge = (size: number, most: number): ScrawlError =>
  new ScrawlError("input", `it has ${size} bytes or more, and --max-bytes is ${most}`);

/** All bytes of a stream. @throws ScrawlError as soon as there are more than `most`. */
export async function collected(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > most) throw tooLarge(size, most);
    parts.push(part);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}
