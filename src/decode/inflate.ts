/**
 * A `DecompressionStream` that holds to its standard. Deno's takes a deflated stream that is cut off for a whole one, so that pdf.js would
 * draw half a page and know of nothing. It has a limit too: beyond it pdf.js unpacks by itself, and of a picture no more than it needs.
 */

/** Bytes: a picture of a hundred million pixels in four channels. */
const MOST = 400_000_000;

/** Puts a strict one in the place of Deno's; other formats than `deflate` go on to that. */
export async function replaceDecompressionStream(): Promise<void> {
  const { inflateSync } = await import("node:zlib");
  const Own = globalThis.DecompressionStream;
  globalThis.DecompressionStream = class {
    readonly readable: ReadableStream;
    readonly writable: WritableStream;

    constructor(format: CompressionFormat) {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      const whole = format !== "deflate" ? new Own(format) : new TransformStream({
        transform: (chunk) => void chunks.push(chunk),
        async flush(controller) {
          const packed = chunks.length === 1 ? chunks[0] : new Uint8Array(await new Blob(chunks).arrayBuffer());
          controller.enqueue(new Uint8Array(inflateSync(packed, { maxOutputLength: MOST })));
        },
      });
      [this.readable, this.writable] = [whole.readable, whole.writable];
    }
  };
}
