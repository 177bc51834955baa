/**
 * PDF pages by pdfjs-dist. A page that is nothing but one scan gives the scan's own pixels; any other is drawn.
 */
import { type Picture, pictureOf } from "../engine/engine.ts";
import { ScrawlError, toScrawlError } from "../errors.ts";
import type { DecodedPage, DecodeOptions, FailedPage } from "./mod.ts";
import { chosenPages } from "./pages.ts";
import { loadPdfjs } from "./pdfjs.ts";

// deno-lint-ignore no-explicit-any
type Pdfjs = any;

/** Points of a PDF's unit to the inch. */
const POINTS = 72;
/** Most pixels of a drawn page: A3 at 600 dpi is 70 million. */
const MOST_DRAWN = 100_000_000;

/**
 * A page that asks for more operators, deeper nesting or more milliseconds than this is an attack: forms in forms in forms, a stream of
 * nothing. PDF itself lets states nest 28 deep (PDF 1.7, appendix C).
 */
const MOST_OPERATORS = 250_000;
const DEEPEST = 1000;
const PATIENCE = 8_000;

export async function* decodePdf(bytes: Uint8Array, o: DecodeOptions): AsyncGenerator<DecodedPage | FailedPage> {
  const { pdfjs, options } = await loadPdfjs();
  const open = () => pdfjs.getDocument({ ...options, data: bytes.slice(), password: o.password });
  let task = open();
  try {
    let document: Pdfjs = await task.promise.catch((e: Error) => {
      throw explain(e, o.password);
    });
    const count: number = document.numPages;
    if (count === 0) throw new ScrawlError("input", "the PDF has no pages");
    for (const number of chosenPages(o.pages, count)) {
      let page: DecodedPage | FailedPage;
      try {
        page = { page: number, ...await drawn(await document.getPage(number), pdfjs, o) };
      } catch (e) {
        const { code, message } = toScrawlError(e, "input");
        const why = /call stack/.test(message) ? "it is nested too deeply" : message;
        page = { page: number, error: new ScrawlError(code, `page ${number} of the PDF: ${why}`) };
        if (count === 1) throw page.error;
        // What pdf.js still does for that page ends with the document alone.
        await task.destroy();
        task = open();
        document = await task.promise;
      }
      yield page;
    }
  } finally {
    await task.destroy();
  }
}

/** The page's scan, or the page as it is drawn. */
async function drawn(page: Pdfjs, pdfjs: Pdfjs, o: DecodeOptions): Promise<Drawn> {
  const found = await bounded(page, pdfjs, () => scan(page, pdfjs, o)) ??
    await bounded(page, pdfjs, () => draw(page, o));
  page.cleanup();
  return found;
}

/** What `work` makes of a page. @throws ScrawlError where the page asks for more than any page needs. */
async function bounded<T>(page: Pdfjs, pdfjs: Pdfjs, work: () => Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const refuse = (why: string) =>
    limit.reject(new ScrawlError("input", `it ${why}, more than any page that scrawl reads`));
  const timer = setTimeout(() => refuse(`takes ${PATIENCE / 1000} s`), PATIENCE);
  const { save, restore } = pdfjs.OPS;
  let [operators, depth] = [0, 0];
  // Operators come in chunks through this method, which has the class's own behind it.
  page._renderPageChunk = (chunk: { fnArray: number[] }, state: unknown) => {
    operators += chunk.fnArray.length;
    for (const fn of chunk.fnArray) depth += Number(fn === save) - Number(fn === restore);
    if (operators > MOST_OPERATORS) refuse(`draws ${MOST_OPERATORS} things`);
    else if (depth > DEEPEST) refuse(`nests ${DEEPEST} deep`);
    else Object.getPrototypeOf(page)._renderPageChunk.call(page, chunk, state);
  };
  try {
    return await Promise.race([work(), limit.promise]);
  } finally {
    clearTimeout(timer);
    delete page._renderPageChunk;
  }
}

function explain(e: Error, password: string | undefined): ScrawlError {
  if (e.name === "PasswordException") {
    return new ScrawlError(
      "encrypted",
      password === undefined
        ? "the PDF is encrypted: give its password with --password"
        : "the password does not open the PDF",
    );
  }
  return new ScrawlError("input", `the PDF is damaged or cut off: ${e.message}`);
}

interface Drawn {
  picture: Picture;
  dpi: number | null;
}

/** Operators that may stand around the one image of a scanned page. */
const QUIET = new Set([
  "save",
  "restore",
  "transform",
  "dependency",
  "setGState",
  "beginMarkedContent",
  "beginMarkedContentProps",
  "endMarkedContent",
  "constructPath",
  "clip",
  "eoClip",
  "endPath",
  "rectangle",
  "beginText",
  "endText",
  "setFont",
  "setTextRenderingMode",
  "showText",
  "setTextMatrix",
  "moveText",
  "setLeading",
  "setCharSpacing",
  "setWordSpacing",
  "setHScale",
  "nextLine",
  "setLeadingMoveText",
  "setTextRise",
  "showSpacedText",
  "setFillRGBColor",
  "setStrokeRGBColor",
  "setFillGray",
]);

/** The page's own pixels where it is one image over (nearly) the whole page, the text on it at most invisible. */
async function scan(page: Pdfjs, pdfjs: Pdfjs, o: DecodeOptions): Promise<Drawn | undefined> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const names = Object.fromEntries(Object.entries(pdfjs.OPS).map(([name, code]) => [code, name]));
  let image: string | undefined;
  let ctm = [1, 0, 0, 1, 0, 0];
  const stack: number[][] = [];
  let [at, hidden, drawn]: [number[], boolean, boolean] = [ctm, false, false];
  for (let i = 0; i < fnArray.length; i++) {
    const name = names[fnArray[i]];
    if (name === "save") stack.push(ctm);
    else if (name === "restore") ctm = stack.pop() ?? [1, 0, 0, 1, 0, 0];
    else if (name === "transform") ctm = pdfjs.Util.transform(ctm, argsArray[i]);
    else if (name === "setTextRenderingMode") hidden = argsArray[i][0] === 3;
    else if (name === "showText" || name === "showSpacedText") drawn ||= !hidden;
    else if (name === "constructPath") {
      // A path that is only clipped with draws nothing; its first argument is what is done with it.
      if (names[argsArray[i][0]] !== "endPath") return undefined;
    } else if (name === "paintImageXObject") {
      if (image !== undefined) return undefined;
      image = argsArray[i][0];
      at = ctm;
    } else if (!QUIET.has(name)) return undefined;
  }
  if (image === undefined || drawn) return undefined;
  const [x0, y0, x1, y1] = page.view;
  const upright = Math.abs(at[1]) + Math.abs(at[2]) < 1e-3 * (Math.abs(at[0]) + Math.abs(at[3]));
  const covers = Math.abs(at[0] * at[3]) > 0.8 * (x1 - x0) * (y1 - y0);
  if (!upright || !covers || at[0] < 0 || at[3] < 0 || page.rotate % 360 !== 0) return undefined;
  const found = await new Promise<Pdfjs>((resolve) =>
    page.objs.has(image) ? resolve(page.objs.get(image)) : page.objs.get(image, resolve)
  );
  if (!found?.data) return undefined;
  const { width, height, kind, data } = found;
  if (width * height > o.maxPixels) {
    throw new ScrawlError("input", `${width} x ${height} pixels are more than --max-pixels ${o.maxPixels}`);
  }
  // ImageKind of pdf.js: 1 is one bit a pixel, rows of whole bytes; 2 is RGB; 3 is RGBA.
  const picture = kind === 1 ? await pictureOf(unpack(data, width, height), width, height, 1) : await pictureOf(
    data instanceof Uint8Array ? data : new Uint8Array(data.buffer),
    width,
    height,
    kind === 2 ? 3 : 4,
  );
  return { picture, dpi: Math.round(width / (at[0] / POINTS)) };
}

function unpack(data: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const stride = (width + 7) >> 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[y * width + x] = (data[y * stride + (x >> 3)] >> (7 - (x & 7))) & 1 ? 255 : 0;
  }
  return out;
}

async function draw(page: Pdfjs, o: DecodeOptions): Promise<Drawn> {
  const size = page.getViewport({ scale: 1 });
  const most = Math.min(o.maxPixels, MOST_DRAWN);
  // A plan of two metres is drawn coarser rather than refused.
  const scale = Math.min(o.dpi / POINTS, Math.sqrt(most / (size.width * size.height)));
  const viewport = page.getViewport({ scale });
  const { createSurface } = await loadPdfjs();
  const surface = await createSurface(
    Math.max(1, Math.floor(viewport.width)),
    Math.max(1, Math.floor(viewport.height)),
  );
  try {
    await page.render({ canvas: null, canvasContext: surface.context, viewport, background: "white" }).promise;
    const { pixels, width, height } = surface.pixels();
    return { picture: await pictureOf(pixels, width, height, 4), dpi: Math.round(scale * POINTS) };
  } finally {
    surface.dispose();
  }
}
