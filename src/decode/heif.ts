/**
 * AVIF by libavif in WASM (@jsquash/avif, Apache-2.0), loaded when such a picture comes; in a browser by the browser itself. For HEIC there is
 * no decoder that could come along: those in WASM are all libheif with libde265, whose licence (LGPL-3.0) asks of whoever passes on a binary
 * or a bundle what this project's does not, so that its error says how to convert.
 */
import { decodeImage, decodeRgb, type Picture } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";
import { hasFiles, readBytes } from "../files.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

/** Bytes at the front in which a picture's properties stand. */
const FRONT = 1 << 16;

/** What a file of the HEIF family is, by its brands (ISO/IEC 23008-12, 10.2); `undefined` for any other. */
export function heifKind(bytes: Uint8Array): "avif" | "heic" | undefined {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 256));
  if (head.slice(4, 8) !== "ftyp") return undefined;
  const brands = head.slice(8, (bytes[2] << 8 | bytes[3]) || 32);
  if (/avif|avis/.test(brands)) return "avif";
  return /hei[cxms]|hev[cxms]|mif1|msf1/.test(brands) ? "heic" : undefined;
}

/** @throws ScrawlError that says how to convert a HEIC picture. */
export function refuseHeic(): never {
  throw new ScrawlError(
    "input",
    "the file is a HEIC picture, which scrawl does not read: convert it to JPEG (heif-convert photo.heic photo.jpg; on a Mac " +
      "sips -s format jpeg photo.heic --out photo.jpg), or let the phone save JPEG (iPhone: Settings, Camera, Formats, Most Compatible)",
  );
}

/** A picture's pixels, upright. */
interface Rgba {
  /** Red, green, blue and opacity, `[height][width][4]`. */
  data: Uint8Array;
  width: number;
  height: number;
}

/** @throws ScrawlError where it is damaged or has too many pixels. */
export async function decodeAvif(bytes: Uint8Array, maxPixels: number): Promise<Picture> {
  return await decodeImage(asPam(await rgba(bytes, maxPixels)), 0, maxPixels);
}

/** Red, green and blue, `[height][width][3]`. @throws ScrawlError as `decodeAvif` does. */
export async function avifRgb(bytes: Uint8Array, maxPixels: number): Promise<Uint8Array> {
  return await decodeRgb(asPam(await rgba(bytes, maxPixels)), 0, maxPixels);
}

/** As a file of netpbm's PAM, so that what is transparent, or uses a small part of its range, is treated as in all other pictures. */
function asPam({ data, width, height }: Rgba): Uint8Array {
  const head = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n`;
  const file = new Uint8Array(head.length + data.length);
  file.set(new TextEncoder().encode(head));
  file.set(data, head.length);
  return file;
}

async function rgba(bytes: Uint8Array, maxPixels: number): Promise<Rgba> {
  const { sides, quarters, mirror } = properties(bytes);
  const tooLarge = sides.find(([width, height]) => width * height > maxPixels);
  if (tooLarge) {
    throw new ScrawlError("input", `${tooLarge.join(" x ")} pixels are more than --max-pixels ${maxPixels}`);
  }
  const damaged = new ScrawlError("input", "the AVIF picture is damaged or cut off");
  if (sides.length === 0) throw damaged;
  if (!hasFiles) return await byBrowser(bytes).catch(() => Promise.reject(damaged));
  const decoder = await loadDecoder();
  let found: { data: Uint8ClampedArray; width: number; height: number } | null;
  try {
    found = decoder.decode(bytes, 8);
  } catch {
    throw damaged;
  }
  if (!found) throw damaged;
  const { width, height } = found;
  const pixels = new Uint32Array(found.data.buffer, found.data.byteOffset, width * height);
  const upright = turned(pixels, width, height, quarters, mirror);
  const data = new Uint8Array(upright.buffer, upright.byteOffset, upright.byteLength);
  return quarters % 2 === 0 ? { data, width, height } : { data, width: height, height: width };
}

let loading: Promise<Any> | undefined;

function loadDecoder(): Promise<Any> {
  loading ??= (async () => {
    // @ts-ignore the package's types ask for those of Emscripten
    const { default: make } = await import("@jsquash/avif/codec/dec/avif_dec.js") as Any;
    const wasm = await readBytes(new URL(import.meta.resolve("@jsquash/avif/codec/dec/avif_dec.wasm")));
    const module = await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
    return await make({
      noInitialRun: true,
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
        const instance = new WebAssembly.Instance(module, imports);
        done(instance);
        return instance.exports;
      },
    });
  })();
  return loading;
}

/** A browser decodes and turns by itself. */
async function byBrowser(bytes: Uint8Array): Promise<Rgba> {
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  return { data: new Uint8Array(context.getImageData(0, 0, width, height).data.buffer), width, height };
}

/** Sizes of the picture and its tiles, and how it is turned (ISO/IEC 23008-12, 6.5: ispe, irot, imir). */
function properties(bytes: Uint8Array) {
  const front = new TextDecoder("latin1").decode(bytes.subarray(0, FRONT));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sides = [...front.matchAll(/ispe/g)].filter(({ index }) => index + 16 <= bytes.length)
    .map(({ index }) => [view.getUint32(index + 8), view.getUint32(index + 12)] as const);
  const property = (name: string) => {
    const at = front.indexOf(name);
    return at < 0 ? undefined : bytes[at + 4];
  };
  // Stored as quarters against the clock.
  const quarters = (4 - ((property("irot") ?? 0) & 3)) & 3;
  const axis = property("imir");
  return { sides, quarters, mirror: axis === undefined ? undefined : axis & 1 ? "sideways" as const : "over" as const };
}

/** Turned clockwise by quarters, then mirrored: over, top to bottom, or sideways, left to right. */
function turned(
  pixels: Uint32Array<ArrayBufferLike>,
  width: number,
  height: number,
  quarters: number,
  mirror?: "over" | "sideways",
): Uint32Array<ArrayBufferLike> {
  if (quarters === 0 && !mirror) return pixels;
  const [w, h] = quarters % 2 === 0 ? [width, height] : [height, width];
  const out = new Uint32Array(pixels.length);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [tx, ty] = [mirror === "sideways" ? w - 1 - x : x, mirror === "over" ? h - 1 - y : y];
      const from = [
        ty * width + tx,
        (height - 1 - tx) * width + ty,
        (height - 1 - ty) * width + width - 1 - tx,
        tx * width + width - 1 - ty,
      ][quarters];
      out[y * w + x] = pixels[from];
    }
  }
  return out;
}
