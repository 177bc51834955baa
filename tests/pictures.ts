/** Pictures that tests make. */
import { deflateSync } from "node:zlib";
import { joined } from "../src/fuzz/mutate.ts";
import { pngChunk } from "../src/fuzz/structure.ts";

/** A grey PNG that claims a size, its pixels packed from `zeros` bytes, with other chunks before them. */
export function png(width: number, height: number, zeros: number, ...before: Uint8Array[]): Uint8Array {
  const head = new Uint8Array(13);
  const v = new DataView(head.buffer);
  v.setUint32(0, width);
  v.setUint32(4, height);
  head[8] = 8;
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    pngChunk("IHDR", head),
    ...before,
    pngChunk("IDAT", deflateSync(new Uint8Array(zeros))),
    pngChunk("IEND", new Uint8Array()),
  ]);
}
