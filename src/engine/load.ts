/** The reading WASM, compiled once a thread. After a fault another instance takes its place: what a trap was working on stays borrowed. */
import * as first from "../wasm/ocr/ocr.js";
import { ScrawlError } from "../errors.ts";
import { readBytes } from "../files.ts";
import { wasmFile } from "./simd.ts";

/** An instance of the reading WASM. */
export type Ocr = typeof first & {
  /** Red, green and blue of page `page` (from 0) of an image file, upright, `[height][width][3]`. */
  decodeRgb(bytes: Uint8Array, page: number, maxPixels: number): Uint8Array;
};

let compiled: Promise<WebAssembly.Module> | undefined;
let loading: Promise<Ocr> | undefined;
let current: Ocr | undefined;
/** Instances that were given up. */
let faults = 0;

/** The instance that is used now. */
export function loadOcr(): Promise<Ocr> {
  return loading ??= load();
}

async function load(): Promise<Ocr> {
  compiled ??= readBytes(wasmFile("ocr")).then((bytes) => WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>));
  // The module holds its one instance: by another name it is another module.
  const ocr: Ocr = faults === 0 ? first as Ocr : await import(`../wasm/ocr/ocr.js?fault=${faults}`);
  await ocr.default({ module_or_path: await compiled });
  return current = ocr;
}

/** What a call into `ocr` gives. @throws ScrawlError where it trapped; the instance is given up then. */
export function guarded<T>(ocr: Ocr, call: () => T): T {
  try {
    return call();
  } catch (e) {
    if (!isFault(e)) throw e;
    if (current === ocr) {
      current = loading = undefined;
      faults++;
    }
    const { message } = e as Error;
    const [, stage = "", what] = /^(?:fault in (\w+): )?(.*)$/s.exec(message)!;
    const where = stage && ` in its stage ${stage}`;
    throw new ScrawlError("other", `scrawl itself failed${where} (${what}): please report it with the page`);
  }
}

/** Whether the WASM trapped; a panic says where first (crates/wasm/src/fault.rs). */
const isFault = (e: unknown) =>
  e instanceof WebAssembly.RuntimeError || e instanceof RangeError ||
  (e instanceof Error && e.message.startsWith("fault in "));
