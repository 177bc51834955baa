/** Loads pdf.js in this thread, with its decoders' WASM, CMaps and fonts read from the package, and something to draw on. */
import { hasFiles, readBytes } from "../files.ts";

// deno-lint-ignore no-explicit-any
export type Pdfjs = any;

interface Loaded {
  pdfjs: Pdfjs;
  /** Options of `getDocument` that hold everywhere. */
  options: Record<string, unknown>;
  createSurface(width: number, height: number): Surface | Promise<Surface>;
}

/** What a page is drawn on. */
export interface Surface {
  context: unknown;
  /** RGBA, `[height][width][4]`. */
  pixels(): { pixels: Uint8Array; width: number; height: number };
  dispose(): void;
}

let loaded: Promise<Loaded> | undefined;

export function loadPdfjs(): Promise<Loaded> {
  loaded ??= load();
  return loaded;
}

/** Folders of the package by the names that pdf.js asks with. */
const FOLDERS: Record<string, string> = { cMapUrl: "cmaps", standardFontDataUrl: "standard_fonts", wasmUrl: "wasm" };

/**
 * Damaged files make pdf.js drop promises that fail with nobody waiting for them, which would end the whole process; what is waited for
 * fails by itself or takes too long.
 */
function ignoreStrays(): void {
  globalThis.addEventListener("unhandledrejection", (e) => {
    if (/pdf\.js|pdfjs-dist|pdf(\.worker)?\.mjs/.test(String(e.reason?.stack))) e.preventDefault();
  });
}

/** A file of the package: beside the bundle in a browser (`deno task browser` puts it there). */
const packageFile = (path: string) =>
  hasFiles ? import.meta.resolve(`pdfjs-dist/${path}`) : new URL(`../../pdfjs-dist/${path}`, import.meta.url).href;

async function modules(): Promise<{ pdfjs: Pdfjs; worker: unknown }> {
  const [main, worker] = ["pdf", "pdf.worker"].map((name) => `legacy/build/${name}.mjs`);
  if (!hasFiles) return { pdfjs: await import(packageFile(main)), worker: await import(packageFile(worker)) };
  // pdf.js takes Deno for Node by its `process`, and would look for a native canvas that we neither have nor want.
  const { process } = globalThis as Pdfjs;
  (globalThis as Pdfjs).process = undefined;
  const pdfjs: Pdfjs = await import("pdfjs-dist/legacy/build/pdf.mjs").finally(() =>
    (globalThis as Pdfjs).process = process
  );
  // @ts-ignore the package types only its main file
  return { pdfjs, worker: await import("pdfjs-dist/legacy/build/pdf.worker.mjs") };
}

async function load(): Promise<Loaded> {
  ignoreStrays();
  if (hasFiles) await (await import("./inflate.ts")).replaceDecompressionStream();
  // Before pdf.js is loaded: here it is given what a browser has.
  const { createSurface, CanvasFactory, FilterFactory } =
    await (hasFiles ? import("./canvas.ts") : import("./offscreen.ts"));
  // The worker's code runs in this thread: pages are spread over workers one level up.
  const { pdfjs, worker } = await modules();
  Object.assign(globalThis, { pdfjsWorker: worker });
  class BinaryDataFactory {
    fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
      return readBytes(new URL(packageFile(`${FOLDERS[kind]}/${filename}`)));
    }
  }
  return {
    pdfjs,
    createSurface,
    options: {
      verbosity: 0,
      isEvalSupported: false,
      isOffscreenCanvasSupported: false,
      isImageDecoderSupported: false,
      useSystemFonts: false,
      disableFontFace: true,
      useWorkerFetch: false,
      cMapUrl: "cmaps/",
      standardFontDataUrl: "standard_fonts/",
      wasmUrl: "wasm/",
      BinaryDataFactory,
      CanvasFactory,
      FilterFactory,
    },
  };
}
