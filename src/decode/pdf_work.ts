/**
 * How much a PDF page asks for, counted while its operators come: things that are drawn, states that are nested, pixels that are touched.
 * Counts give the same answer on every machine.
 */
import type { Pdfjs } from "./pdfjs.ts";

/** A page that draws more things (operators; four characters are one) is an attack: forms in forms in forms, megabytes of text. */
const MOST_THINGS = 250_000;
/** PDF itself lets states nest 28 deep (PDF 1.7, appendix C). */
const DEEPEST = 1000;
/** Pixels that a page may touch: a drawn page of nine megapixels a thousand times over, a minute or so. */
const MOST_PIXELS = 10e9;
/** What drawing any one thing costs, in pixels. */
const ONE = 500;

type Matrix = number[];

/** What is set and comes back with `restore`. */
interface State {
  ctm: Matrix;
  /** Pixels that making the pattern costs that is filled with. */
  pattern: number;
}

export class Work {
  #things = 0;
  #pixels = 0;
  readonly #names: Record<number, string>;
  #state: State = { ctm: [1, 0, 0, 1, 0, 0], pattern: 0 };
  readonly #stack: State[] = [];

  /** @param drawn pixels of the drawn page, and pixels to a unit of the page. */
  constructor(
    private readonly page: Pdfjs,
    private readonly pdfjs: Pdfjs,
    private readonly drawn: { pixels: number; scale: number },
  ) {
    this.#names = Object.fromEntries(Object.entries(pdfjs.OPS).map(([name, code]) => [code, name]));
  }

  /** Counts what a chunk of operators asks for. Returns what is too much, in words, or `undefined`. */
  add(chunk: { fnArray: number[]; argsArray: Pdfjs[] }): string | undefined {
    for (let i = 0; i < chunk.fnArray.length; i++) {
      this.#things++;
      this.#pixels += ONE + this.#one(this.#names[chunk.fnArray[i]], chunk.argsArray[i]);
      if (this.#things > MOST_THINGS) return `draws ${MOST_THINGS} things`;
      if (this.#stack.length > DEEPEST) return `nests ${DEEPEST} deep`;
      if (this.#pixels > MOST_PIXELS) return `touches ${MOST_PIXELS / 1e9} thousand million pixels`;
    }
  }

  /** Pixels that one operator touches, beside what any does. */
  #one(name: string, args: Pdfjs): number {
    switch (name) {
      case "save":
      case "paintFormXObjectBegin":
      case "beginAnnotation":
        this.#stack.push({ ...this.#state });
        if (name === "paintFormXObjectBegin" && args?.[0]) this.#transform(args[0]);
        return 0;
      case "restore":
      case "paintFormXObjectEnd":
      case "endAnnotation":
        this.#state = this.#stack.pop() ?? this.#state;
        return 0;
      case "transform":
        this.#transform(args);
        return 0;
      case "setFillColorN":
      case "setStrokeColorN":
        this.#state.pattern = args?.[0] === "TilingPattern" ? this.#tiles(args) : 0;
        return this.#state.pattern;
      case "setFillRGBColor":
        this.#state.pattern = 0;
        return 0;
      case "constructPath":
        return this.#names[args[0]] === "endPath" ? 0 : this.#state.pattern + this.#area(args[2]);
      case "showText":
      case "showSpacedText":
        this.#things += args[0].length / 4;
        return args[0].length * ONE + this.#state.pattern;
      case "paintImageXObject":
        return args[1] * args[2] + this.#area([0, 0, 1, 1]);
      case "paintInlineImageXObject":
      case "paintImageMaskXObject":
        return args[0].width * args[0].height + this.#area([0, 0, 1, 1]);
      case "paintImageXObjectRepeat":
      case "paintImageMaskXObjectRepeat":
        // Positions come in pairs; a name stands for its image's size, which is bounded.
        return (args.at(-1).length / 2) * this.#scaled(args[1], args.at(-2));
      case "paintInlineImageXObjectGroup":
        this.#things += args[1].length;
        return args[0].width * args[0].height;
      case "paintImageMaskXObjectGroup":
        this.#things += args[0].length;
        return args[0].reduce((n: number, m: { width: number; height: number }) => n + m.width * m.height, 0);
      case "shadingFill":
      case "beginGroup":
      case "endGroup":
        return this.drawn.pixels;
      default:
        return 0;
    }
  }

  #transform(m: Matrix): void {
    this.#state.ctm = this.pdfjs.Util.transform(this.#state.ctm, m);
  }

  /** Pixels of a box, no more than the page has. */
  #area(box: ArrayLike<number> | null): number {
    if (!box) return 0;
    const [a, b, c, d] = this.#state.ctm;
    const pixels = Math.abs(a * d - b * c) * this.drawn.scale ** 2 * (box[2] - box[0]) * (box[3] - box[1]);
    // What is not finite is as large as can be.
    return pixels <= this.drawn.pixels ? pixels : this.drawn.pixels;
  }

  #scaled(x: number, y: number): number {
    return this.#area([0, 0, Math.abs(x), Math.abs(y)]);
  }

  /** Pixels that making a tiling pattern costs: its cell, drawn once, laid on itself as often as its steps are smaller than it. */
  #tiles([, , list, matrix, box, xStep, yStep]: Pdfjs): number {
    const before = this.#state;
    const [width, height] = [Math.abs(box[2] - box[0]), Math.abs(box[3] - box[1])];
    const times = (Math.floor(width / Math.abs(xStep)) + 1) * (Math.floor(height / Math.abs(yStep)) + 1);
    this.#state = { ctm: matrix ?? [1, 0, 0, 1, 0, 0], pattern: 0 };
    const cell = this.#area(box);
    let pixels = times * (ONE + cell / times) + cell;
    for (let i = 0; i < list.fnArray.length && pixels < MOST_PIXELS; i++) {
      this.#things++;
      pixels += ONE + this.#one(this.#names[list.fnArray[i]], list.argsArray[i]);
    }
    this.#state = before;
    // Steps of nothing are as bad as can be.
    return pixels <= MOST_PIXELS ? pixels : Infinity;
  }
}
