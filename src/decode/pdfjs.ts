/** Loads pdf.js in this thread, with its decoders' WASM, CMaps and fonts read from the package. */
import { readBytes } from "../files.ts";
import { CanvasFactory, FilterFactory, installGlobals } from "./canvas.ts";

// deno-lint-ignore no-explicit-any
export type Pdfjs = any;

interface Loaded {
  pdfjs: Pdfjs;
  /** Options of `getDocument` that hold everywhere. */
  options: Record<string, unknown>;
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

async function load(): Promise<Loaded> {
  installGlobals();
  ignoreStrays();
  // pdf.js takes Deno for Node by its `process`, and would look for a native canvas that we neither have nor want.
  const { process } = globalThis as Pdfjs;
  (globalThis as Pdfjs).process = undefined;
  const pdfjs: Pdfjs = await import("pdfjs-dist/legacy/build/pdf.mjs").finally(() =>
    (globalThis as Pdfjs).process = process
  );
  // The worker's code runs in this thread: pages are spread over workers one level up.
  // @ts-ignore the package types only its main file
  const worker = await import("pdfjs-dist/legacy/build/pdf.worker.mjs");
  Object.assign(globalThis, { pdfjsWorker: worker });
  class BinaryDataFactory {
    fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
      return readBytes(new URL(import.meta.resolve(`pdfjs-dist/${FOLDERS[kind]}/${filename}`)));
    }
  }
  return {
    pdfjs,
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
