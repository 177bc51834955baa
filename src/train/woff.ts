/** Unpacks WOFF 1.0 (W3C 2012) into the TrueType or OpenType font inside: tables are zlib streams or plain. */
import { inflateSync } from "node:zlib";

export function unpackWoff(woff: Uint8Array, name = "font"): Uint8Array {
  const v = new DataView(woff.buffer, woff.byteOffset, woff.byteLength);
  if (woff.length < 44 || v.getUint32(0) !== 0x774f4646) throw new Error(`${name}: not a WOFF file`);
  const n = v.getUint16(12);
  const tables = Array.from({ length: n }, (_, i) => {
    const at = 44 + 20 * i;
    const [offset, packed, size] = [v.getUint32(at + 4), v.getUint32(at + 8), v.getUint32(at + 12)];
    const raw = woff.subarray(offset, offset + packed);
    const data = packed < size ? new Uint8Array(inflateSync(raw)) : raw;
    return { tag: v.getUint32(at), checksum: v.getUint32(at + 16), data };
  });
  const padded = (k: number) => (k + 3) & ~3;
  const out = new Uint8Array(12 + 16 * n + tables.reduce((s, t) => s + padded(t.data.length), 0));
  const o = new DataView(out.buffer);
  const power = 2 ** Math.floor(Math.log2(n));
  o.setUint32(0, v.getUint32(4));
  o.setUint16(4, n);
  o.setUint16(6, power * 16);
  o.setUint16(8, Math.log2(power));
  o.setUint16(10, (n - power) * 16);
  let at = 12 + 16 * n;
  tables.forEach((t, i) => {
    [t.tag, t.checksum, at, t.data.length].forEach((x, j) => o.setUint32(12 + 16 * i + 4 * j, x));
    out.set(t.data, at);
    at += padded(t.data.length);
  });
  return out;
}
