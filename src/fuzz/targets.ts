/** What is fuzzed: parsers with real files to begin with, and whether an error of theirs is one that a user is told. */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { decodePages } from "../decode/mod.ts";
import { type Engine, release } from "../engine/engine.ts";
import type { ReadOptions } from "../engine/types.ts";
import { openRunner } from "../engine/runner.ts";
import { ScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { COMMANDS, parse } from "../options.ts";
import { decode } from "../safetensors.ts";
import { parseIdx } from "../train/idx.ts";
import { parseCsv } from "../train/glyphs/sources.ts";
import { bmp, drawPage, type Patch } from "./geometry.ts";
import * as structure from "./structure.ts";

export const PAGES = fromFileUrl(new URL("../../tests/pages/", import.meta.url));
const MODELS = fromFileUrl(new URL("../../models/", import.meta.url));
/** Small enough that a bomb is refused and a good page is not. */
const MOST_PIXELS = 4_000_000;
/** Reading costs a hundred times what decoding does. */
const READ_EVERY = 50;

export interface Target {
  name: string;
  seeds: Uint8Array[];
  mutate: structure.Mutator;
  run(bytes: Uint8Array, number: number): Promise<void> | void;
  /** Whether plain errors are what a user is told. */
  plain?: boolean;
  /** Whether its cases are whole files: bytes are not changed further. */
  whole?: boolean;
}

/** What is fuzzed: mutated files, or drawn pages. */
export type Kind = "files" | "geometry";

export function targets(kind: Kind, engine: Engine): Promise<Target[]> {
  return kind === "files" ? mutated(engine) : drawn(engine);
}

/** How pages are read in turn. */
const WAYS: ReadOptions[] = [
  DEFAULTS,
  { charset: "digits", printed: "keep" },
  { charset: "text", printed: "mark", pattern: "\\d+(\\.\\d\\d)?" },
  { charset: "numeric", printed: "drop", minConf: 0.5 },
];

/** Drawn pages through the whole reader. */
async function drawn(engine: Engine): Promise<Target[]> {
  const numbers: Patch[] = [];
  for (const name of ["digits.png", "form.png"]) {
    for await (const { picture } of decodePages(await Deno.readFile(join(PAGES, name)), DEFAULTS)) {
      numbers.push(...engine.crops(picture));
      picture.free();
    }
  }
  const run = async (bytes: Uint8Array, number: number) => {
    for await (const { picture } of decodePages(bytes, DEFAULTS)) {
      try {
        await engine.renew();
        const { width, height, lines } = engine.read(picture, WAYS[number % WAYS.length]);
        for (const { box: [x, y, w, h], confidence } of lines) {
          if (!(x >= 0 && y >= 0 && x + w <= width && y + h <= height && confidence >= 0 && confidence <= 1)) {
            throw new Error(`a line at ${[x, y, w, h]} of ${width} x ${height} with confidence ${confidence}`);
          }
        }
      } finally {
        release(picture);
      }
    }
  };
  return [{
    name: "geometry",
    seeds: [new Uint8Array()],
    mutate: (_, g) => bmp(drawPage(numbers, g)),
    run,
    whole: true,
  }];
}

/** Real files, mutated, through every parser. */
async function mutated(engine: Engine): Promise<Target[]> {
  const names = [...Deno.readDirSync(PAGES)].map((f) => f.name).sort();
  const pages = (ending: string) =>
    Promise.all(names.filter((n) => n.endsWith(ending)).map((n) => Deno.readFile(join(PAGES, n))));
  const read = async (bytes: Uint8Array, number: number) => {
    for await (const { picture } of decodePages(bytes, { dpi: 72, maxPixels: MOST_PIXELS })) {
      try {
        await engine.renew();
        if (number % READ_EVERY === 0) engine.read(picture, DEFAULTS);
      } finally {
        release(picture);
      }
    }
  };
  const files = { jpeg: ".jpg", png: ".png", tiff: ".tif", webp: ".webp", bmp: ".bmp", gif: ".gif", pdf: ".pdf" };
  const pictures = Object.entries(files).map(async ([name, ending]): Promise<Target> => ({
    name,
    seeds: await pages(ending),
    mutate: structure[name as keyof typeof files],
    run: read,
  }));
  // A small model with everything that a large one has, and the head of a large one.
  const probe = await Deno.readFile(join(MODELS, "line", "probe.safetensors"));
  const model = await Deno.readFile(join(MODELS, "digits", "model.safetensors"));
  const idx = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4, ...new Array(32).fill(7)]);
  const row = (label: number) => [label, ...Array.from({ length: 16 }, (_, i) => (37 * i) % 256)].join();
  const csv = `label,${Array.from({ length: 16 }, (_, i) => `pixel${i}`).join()}\n${[3, 1, 4].map(row).join("\n")}\n`;
  const words = "-f txt --pages 1,3-5 --dpi 300 --min-conf 0.5 -j 2 --charset digits --pattern \\d+ a.png".split(" ");
  const encode = (s: string) => new TextEncoder().encode(s);
  return [
    ...await Promise.all(pictures),
    {
      name: "safetensors",
      seeds: [probe, model],
      mutate: structure.safetensors,
      run: async (bytes) => {
        decode(bytes, "fuzz");
        (await openRunner(bytes)).free();
      },
      plain: true,
    },
    { name: "idx", seeds: [idx], mutate: structure.idx, run: (b) => void parseIdx(b, "fuzz"), plain: true },
    {
      name: "csv",
      seeds: [encode(csv)],
      mutate: structure.csv,
      run: (b) => void parseCsv(new TextDecoder().decode(b), "fuzz"),
      plain: true,
    },
    {
      name: "options",
      seeds: [encode(words.join("\n"))],
      mutate: structure.options(COMMANDS.ocr.options.map((o) => o.name)),
      run: (b) => void parse(COMMANDS.ocr, new TextDecoder().decode(b).split("\n")),
    },
  ];
}

/** Whether an error is one that a user is told, not one that shows a fault of ours. */
export function isClear(e: unknown, target: Target): boolean {
  if (e instanceof WebAssembly.RuntimeError || e instanceof RangeError || e instanceof TypeError) return false;
  if (e instanceof ScrawlError) return e.code !== "other";
  return (!!target.plain && e instanceof Error && e.message.length > 0);
}
