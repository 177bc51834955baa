/**
 * A 2d canvas for pdf.js: CanvasKit's own emulation, with what pdf.js asks beyond it (`canvas`, `getTransform`, `Path2D`,
 * `DOMMatrix`, drawing one canvas onto another, through the filter of a soft mask as well).
 */
import { applyFilter } from "./filters.ts";
export { FilterFactory } from "./filters.ts";
import { checkStop } from "./stop.ts";
// CanvasKit's emulation is typed loosely, and pdf.js not at all.
// deno-lint-ignore no-explicit-any
type Any = any;

/** A 2D affine matrix as the Geometry Interfaces Module has it; only what pdf.js uses. */
class Matrix {
  a = 1;
  b = 0;
  c = 0;
  d = 1;
  e = 0;
  f = 0;
  constructor(init?: ArrayLike<number> | Partial<Matrix>) {
    if (!init) return;
    const m = "length" in init ? init as ArrayLike<number> : undefined;
    if (m) {
      [this.a, this.b, this.c, this.d, this.e, this.f] = m.length === 16
        ? [m[0], m[1], m[4], m[5], m[12], m[13]]
        : Array.from(m);
    } else Object.assign(this, pick(init as Matrix));
  }
  get is2D() {
    return true;
  }
  multiplySelf(o: Matrix): this {
    return Object.assign(this, product(this, o));
  }
  preMultiplySelf(o: Matrix): this {
    return Object.assign(this, product(o, this));
  }
  multiply(o: Matrix): Matrix {
    return new Matrix(this).multiplySelf(o);
  }
  translateSelf(x = 0, y = 0): this {
    return this.multiplySelf(new Matrix([1, 0, 0, 1, x, y]));
  }
  translate(x = 0, y = 0): Matrix {
    return new Matrix(this).translateSelf(x, y);
  }
  scaleSelf(x = 1, y = x): this {
    return this.multiplySelf(new Matrix([x, 0, 0, y, 0, 0]));
  }
  scale(x = 1, y = x): Matrix {
    return new Matrix(this).scaleSelf(x, y);
  }
  rotateSelf(degrees = 0): this {
    const [s, c] = [Math.sin(degrees * Math.PI / 180), Math.cos(degrees * Math.PI / 180)];
    return this.multiplySelf(new Matrix([c, s, -s, c, 0, 0]));
  }
  rotate(degrees = 0): Matrix {
    return new Matrix(this).rotateSelf(degrees);
  }
  invertSelf(): this {
    const { a, b, c, d, e, f } = this;
    const n = a * d - b * c;
    const inverse = { a: d / n, b: -b / n, c: -c / n, d: a / n, e: (c * f - d * e) / n, f: (b * e - a * f) / n };
    return Object.assign(this, inverse);
  }
  inverse(): Matrix {
    return new Matrix(this).invertSelf();
  }
  transformPoint({ x = 0, y = 0 }: { x?: number; y?: number }) {
    return { x: this.a * x + this.c * y + this.e, y: this.b * x + this.d * y + this.f, z: 0, w: 1 };
  }
}

const pick = ({ a, b, c, d, e, f }: Matrix) => ({ a, b, c, d, e, f });

function product(m: Matrix, o: Matrix) {
  return {
    a: m.a * o.a + m.c * o.b,
    b: m.b * o.a + m.d * o.b,
    c: m.a * o.c + m.c * o.d,
    d: m.b * o.c + m.d * o.d,
    e: m.a * o.e + m.c * o.f + m.e,
    f: m.b * o.e + m.d * o.f + m.f,
  };
}

let kit: Promise<Any> | undefined;
let ready: Any;

function loadKit(): Promise<Any> {
  kit ??= (async () => {
    const { default: init } = await import("canvaskit-wasm/full") as Any;
    const { fromFileUrl } = await import("@std/path/from-file-url");
    const wasm = fromFileUrl(import.meta.resolve("canvaskit-wasm/bin/full/canvaskit.wasm"));
    ready = await init({ locateFile: () => wasm });
    // Only drawing makes paths: a scanned page does without CanvasKit's eight megabytes.
    const maker = ready.MakeCanvas(1, 1);
    (globalThis as Any).Path2D = function (from?: unknown) {
      return maker.makePath2D(from);
    };
    return ready;
  })();
  return kit;
}

// What pdf.js expects of a browser when it is loaded, which comes after this module.
const scope = globalThis as Any;
scope.DOMMatrix ??= Matrix;
scope.ImageData ??= class {
  constructor(readonly data: Uint8ClampedArray, readonly width: number, readonly height = data.length / 4 / width) {}
};

const SURFACE = Symbol("surface");

/** A canvas that pdf.js can draw on and from. */
class Surface {
  readonly canvas: Any;
  readonly context: Any;
  readonly facade: Any;

  constructor(readonly width: number, readonly height: number) {
    this.canvas = ready.MakeCanvas(width, height);
    if (!this.canvas) throw new Error(`no memory for a canvas of ${width} x ${height} pixels`);
    this.facade = { width, height, [SURFACE]: this, getContext: () => this.context };
    this.context = wrap(this.canvas.getContext("2d"), this.facade);
  }

  pixels(): { pixels: Uint8Array; width: number; height: number } {
    const { data } = this.canvas.getContext("2d").getImageData(0, 0, this.width, this.height);
    return {
      pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      width: this.width,
      height: this.height,
    };
  }

  /** What is on it, through a filter; to be given back. */
  image(filter = "none"): Any {
    const { pixels, width, height } = this.pixels();
    applyFilter(pixels, filter);
    const info = {
      width,
      height,
      alphaType: ready.AlphaType.Unpremul,
      colorType: ready.ColorType.RGBA_8888,
      colorSpace: ready.ColorSpace.SRGB,
    };
    return ready.MakeImage(info, pixels, 4 * width);
  }

  dispose(): void {
    this.canvas.dispose();
  }
}

/** Pictures made for one call are given back after it; CanvasKit's objects are not garbage-collected. */
function withImage(source: Any, filter: string, use: (image: Any) => Any): Any {
  const surface = source?.[SURFACE] as Surface | undefined;
  if (!surface) return use(source);
  const image = surface.image(filter);
  try {
    return use(image);
  } finally {
    image.delete();
  }
}

function wrap(context: Any, facade: Any): Any {
  const own: Record<string, Any> = {
    canvas: facade,
    filter: "none",
    getTransform: () => new Matrix(context.currentTransform),
    setTransform: (...m: Any[]) =>
      m[0]?.a === undefined ? context.setTransform(...m) : context.setTransform(...Object.values(pick(m[0]))),
    drawImage: (source: Any, ...rest: number[]) =>
      withImage(source, own.filter, (image) => context.drawImage(image, ...rest)),
    createPattern: (source: Any, repetition: string) => {
      const surface = source?.[SURFACE] as Surface | undefined;
      return context.createPattern(surface ? surface.image() : source, repetition);
    },
    getContextAttributes: () => ({ alpha: true }),
  };
  // The target is our own object: CanvasKit's context pins its `canvas`, which a proxy of it could not replace.
  return new Proxy(own, {
    get(_, name: string) {
      checkStop();
      if (name in own) return own[name];
      const value = context[name];
      return typeof value === "function" ? value.bind(context) : value;
    },
    has: (_, name) => name in own || name in context,
    set(_, name: string, value) {
      if (name in own) own[name] = value;
      else context[name] = value;
      return true;
    },
  });
}

/** A canvas to draw a page on. */
export async function createSurface(width: number, height: number): Promise<Surface> {
  await loadKit();
  return new Surface(width, height);
}

/** Makes the canvases that pdf.js asks for while it draws. */
export class CanvasFactory {
  create(width: number, height: number) {
    const surface = new Surface(Math.ceil(width), Math.ceil(height));
    return { canvas: surface.facade, context: surface.context };
  }
  reset(pair: Any, width: number, height: number): void {
    this.destroy(pair);
    Object.assign(pair, this.create(width, height));
  }
  destroy(pair: Any): void {
    pair.canvas?.[SURFACE].dispose();
    pair.canvas = null;
    pair.context = null;
  }
}
