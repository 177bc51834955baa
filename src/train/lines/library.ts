/** Fills the Rust line library from what was read, and makes batches of lines of like width. */
import { decodeGray, lineInput, LineLibrary } from "../../wasm/train/train.js";
import { toBytes } from "../backend/fused.ts";
import { encodeText } from "./alphabet.ts";
import type { Drawing, LineMaterial } from "./data.ts";
import type { DrawnLine } from "./drawn.ts";

/** How a line net takes its input, written into the model file. */
export interface LineContract {
  height: number;
  margin: number;
  stretch: number;
  /** Columns of the input to one frame of the output. */
  frame: number;
}

/** Shares of the kinds of samples; see `Mix` in crates/train. */
export interface Mix {
  glyphNumbers: number;
  /** Texts of any kind by the hands that fill in pages. */
  writers: number;
  fontWords: number;
  realNumbers: number;
  realTexts: number;
  print: number;
  realPrint: number;
  mixed: number;
  junk: number;
  /** What the page stage cut out of drawn pages; runs that began before there were such have none. */
  drawn?: number;
  /** Words and lines along the strokes that people wrote; likewise. */
  strokes?: number;
}

/** The shares as `LineLibrary.make` takes them; kinds that are not named have none. */
export function sharesOf(m: Partial<Mix>): Float32Array {
  const { glyphNumbers, writers, fontWords, realNumbers, realTexts, print, realPrint, mixed, junk, drawn, strokes } = m;
  const all = [glyphNumbers, writers, fontWords, realNumbers, realTexts, print, realPrint, mixed, junk, drawn, strokes];
  return Float32Array.from(all, (share) => share ?? 0);
}

export interface LineBatch {
  /** `[n, height, width, 1]`, ink 0..255, lines filled up on the right. */
  x: Uint8Array;
  shape: [number, number, number, number];
  labels: Uint32Array[];
  /** 0 where the text is unknown. */
  known: Uint8Array;
  frames: Uint32Array;
  /** `[n][frames]`: 0 hand, 1 print, 2 other, 255 unknown. */
  kinds: Uint8Array[];
}

export function fillLibrary(m: LineMaterial): LineLibrary {
  const library = new LineLibrary();
  for (const g of m.glyphs) library.addGlyphs(g.size, g.images, g.labels, g.classes);
  for (const [fonts, printed] of [[m.handFonts, false], [m.printFonts, true]] as const) {
    fonts.forEach((f, i) => {
      if (!library.addFont(f, printed)) throw new Error(`${printed ? "print" : "hand"} font ${i} cannot be parsed`);
    });
  }
  [m.numbers, m.texts, m.prints].forEach((shelf, i) =>
    shelf.forEach(({ jpeg, text, times = 1 }) => {
      for (let k = 0; k < times; k++) library.addLine(jpeg, text, i);
    })
  );
  m.words.forEach((w) => library.addWord(w));
  const floats = (d: Drawing) => Float32Array.from(d.points);
  m.drawings.forEach((d) => library.addDrawing(d.of, d.lengths, floats(d)));
  m.writings.forEach((d) => library.addWriting(d.of, d.lengths, floats(d)));
  m.characters.forEach((d) => library.addCharacter(d.writer, d.of, d.lengths, floats(d)));
  library.finish();
  return library;
}

/** Adds what was cut out of drawn pages. */
export function addDrawn(library: LineLibrary, lines: DrawnLine[]): void {
  lines.forEach(({ jpeg, text, kind, digit }) => library.addDrawn(jpeg, text, kind, digit));
}

interface Line {
  x: Uint8Array;
  width: number;
  label: Uint32Array;
  known: boolean;
  kinds: Uint8Array;
}

/** Widest line learnt from: longer ones cost much and teach nothing more. */
const WIDEST = 900;
/** Lines are made in pools of this many batches and sorted by width, so that little of a batch is filling. */
const POOL = 12;

/** Endless batches whose contents follow from seed, rank and number alone. */
export class LineBatches {
  private pool: Line[][] = [];
  private made = -1;
  private shares: Float32Array;

  constructor(
    private library: LineLibrary,
    mix: Mix,
    private contract: LineContract,
    private size: number,
    private seed: number,
    private rank: number,
    private ranks: number,
  ) {
    this.shares = sharesOf(mix);
  }

  /** Batch `step`; steps of a pool should be asked for in turn. */
  at(step: number): LineBatch {
    const number = Math.floor(step / POOL);
    if (number !== this.made) this.fill(number);
    // The same order in every worker, so that all of them have wide lines at the same time.
    const order = shuffled(POOL, this.seed * 7919 + number);
    return this.assemble(this.pool[order[step % POOL]]);
  }

  private line(seed: bigint): Line | undefined {
    const { height, margin, stretch, frame } = this.contract;
    const width = this.library.make(seed, this.shares, height, margin, stretch, frame);
    const text = this.library.text();
    const label = text === undefined ? undefined : encodeText(text);
    if (width > WIDEST) return undefined;
    return {
      x: toBytes(this.library.input()),
      width,
      label: label ?? new Uint32Array(),
      known: !!label,
      kinds: this.library.kinds(),
    };
  }

  private fill(number: number): void {
    const wanted = POOL * this.size;
    const lines: Line[] = [];
    // A range of seeds of its own for each run, pool and worker.
    let seed = (BigInt(this.seed) << 40n) + BigInt(number * this.ranks + this.rank) * 65536n;
    while (lines.length < wanted) {
      const line = this.line(seed++);
      if (line) lines.push(line);
    }
    lines.sort((a, b) => a.width - b.width);
    this.pool = Array.from({ length: POOL }, (_, i) => lines.slice(i * this.size, (i + 1) * this.size));
    this.made = number;
  }

  private assemble(lines: Line[]): LineBatch {
    const { height, frame } = this.contract;
    const width = Math.ceil(Math.max(...lines.map((l) => l.width)) / frame) * frame;
    const x = new Uint8Array(lines.length * height * width);
    lines.forEach((l, i) => {
      for (let y = 0; y < height; y++) {
        x.set(l.x.subarray(y * l.width, (y + 1) * l.width), (i * height + y) * width);
      }
    });
    return {
      x,
      shape: [lines.length, height, width, 1],
      labels: lines.map((l) => l.label),
      known: Uint8Array.from(lines, (l) => l.known ? 1 : 0),
      frames: Uint32Array.from(lines, (l) => Math.max(1, Math.floor(l.width / frame))),
      kinds: lines.map((l) => l.kinds),
    };
  }
}

function shuffled(n: number, seed: number): number[] {
  const out = Array.from({ length: n }, (_, i) => i);
  let h = seed >>> 0;
  for (let i = n - 1; i > 0; i--) {
    h = (Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const j = h % (i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

/** A real crop as input, unchanged: for validation. */
export function plainInput(jpeg: Uint8Array, c: LineContract): { x: Float32Array; width: number } {
  const raw = decodeGray(jpeg);
  const v = new DataView(raw.buffer, raw.byteOffset);
  const size = [v.getUint32(0, true), v.getUint32(4, true)] as const;
  const x = lineInput(raw.subarray(8), ...size, c.height, c.margin, c.stretch);
  return { x, width: x.length / c.height };
}

/** The shares of several workers as one batch; `multiple`: its width is one of this many columns. */
export function joinBatches(shares: LineBatch[], multiple: number): LineBatch {
  const [, height] = shares[0].shape;
  const width = Math.ceil(Math.max(...shares.map((s) => s.shape[2])) / multiple) * multiple;
  const n = shares.reduce((sum, s) => sum + s.shape[0], 0);
  const x = new Uint8Array(n * height * width);
  let row = 0;
  for (const s of shares) {
    const own = s.shape[2];
    for (let at = 0; at < s.x.length; at += own) x.set(s.x.subarray(at, at + own), width * row++);
  }
  return {
    x,
    shape: [n, height, width, 1],
    labels: shares.flatMap((s) => s.labels),
    known: Uint8Array.from(shares.flatMap((s) => [...s.known])),
    frames: Uint32Array.from(shares.flatMap((s) => [...s.frames])),
    kinds: shares.flatMap((s) => s.kinds),
  };
}
