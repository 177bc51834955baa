/** Bytes of what a path or an address names, where there are files and in a browser. The reading half asks for files here and nowhere else. */

const { process } = globalThis as { process?: { versions?: { node?: string } } };
/** Whether this runs where there are files (Deno, Node), rather than in a browser. */
export const hasFiles = process?.versions?.node !== undefined;

/** @throws Error that says why it cannot be had. */
export async function readBytes(source: string | URL): Promise<Uint8Array> {
  if (hasFiles) {
    const { readFile } = await import("node:fs/promises");
    const { buffer, byteOffset, byteLength } = await readFile(source);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const response = await fetch(source);
  if (!response.ok) throw new Error(`the server says ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}
