/** The scan that a PDF page is, where it is nothing else: exactly one visible, unmasked and unclipped image that fills it. */
import { type Picture, pictureOf } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";
import type { DecodeOptions } from "./mod.ts";
import type { Losses } from "./pdf_losses.ts";
import { dictionaryOf } from "./pdf_streams.ts";
import type { Pdfjs } from "./pdfjs.ts";

/** A page as a picture. */
export interface Drawn {
  picture: Picture;
  dpi: number | null;
}

/** Points of a PDF's unit to the inch. */
export const POINTS = 72;

/** Resolutions that can be meant, in dots per inch, as in other pictures; a page's own size may be nonsense. */
const [LOWEST, HIGHEST] = [30, 9600];

/** Whole dots per inch; `null` where they say nothing. */
export const resolution = (dpi: number): number | null => dpi >= LOWEST && dpi <= HIGHEST ? Math.round(dpi) : null;

/** Points, or share of a side, by which an image's edge may miss the page's: rounding, not a margin. */
const TOLERANCE = 1;
const TOLERANCE_SHARE = 0.005;

/** Operators that may stand around the one image of a scanned page. */
const QUIET = new Set([
  "dependency",
  "beginMarkedContent",
  "endMarkedContent",
  "beginText",
  "endText",
  "setFont",
  "setTextMatrix",
  "moveText",
  "setLeading",
  "setCharSpacing",
  "setWordSpacing",
  "setHScale",
  "nextLine",
  "setLeadingMoveText",
  "setTextRise",
  "setFillRGBColor",
  "setStrokeRGBColor",
  "setFillGray",
]);

type Box = [left: number, bottom: number, right: number, top: number];

/** The page's own pixels, or `undefined` where it must be drawn. @throws ScrawlError where its image is cut off or cannot be decoded. */
export async function scan(
  page: Pdfjs,
  pdfjs: Pdfjs,
  o: DecodeOptions,
  bytes: Uint8Array,
  losses: Losses,
): Promise<Drawn | undefined> {
  const list = await page.getOperatorList();
  losses.check();
  const placed = onlyImage(list, pdfjs, page.view);
  const [x0, y0, x1, y1] = page.view;
  if (!placed || page.rotate % 360 !== 0 || !same(placed.box, [x0, y0, x1, y1])) return undefined;
  // Images that several pages show are kept with the document.
  const objects = placed.image.startsWith("g_") ? page.commonObjs : page.objs;
  const found = await new Promise<Pdfjs>((resolve) => objects.get(placed.image, resolve));
  losses.check();
  if (!found?.data) throw new ScrawlError("input", "its image cannot be decoded");
  const { width, height, kind } = found;
  const data = new Uint8Array(found.data.buffer, found.data.byteOffset, found.data.byteLength);
  if (width * height > o.maxPixels) {
    throw new ScrawlError("input", `${width} x ${height} pixels are more than --max-pixels ${o.maxPixels}`);
  }
  const dpi = resolution(width / ((placed.box[2] - placed.box[0]) * page.userUnit / POINTS));
  // ImageKind of pdf.js: 1 is one bit a pixel, rows of whole bytes; 2 is RGB; 3 is RGBA.
  if (kind === 1) {
    if (data.length < ((width + 7) >> 3) * height) throw cutOff();
    if (found.ref && isLostJbig2(data, bytes, found.ref)) throw new ScrawlError("input", "its image cannot be decoded");
    return { picture: await pictureOf(unpack(data, width, height), width, height, 1), dpi };
  }
  const channels = kind === 2 ? 3 : 4;
  if (data.length < width * height * channels) throw cutOff();
  if (channels === 4 && !isOpaque(data)) {
    if (placed.masked) return undefined;
    throw cutOff();
  }
  return { picture: await pictureOf(data.subarray(0, width * height * channels), width, height, channels), dpi };
}

const cutOff = () => new ScrawlError("input", "its image is cut off: there is data for a part of its rows alone");

/** The one image that the operators paint, and where; `undefined` where they do anything else that shows. */
function onlyImage(list: Pdfjs, pdfjs: Pdfjs, view: Box): { image: string; box: Box; masked: boolean } | undefined {
  const { fnArray, argsArray } = list;
  const names = Object.fromEntries(Object.entries(pdfjs.OPS).map(([name, code]) => [code, name]));
  let image: { image: string; box: Box; masked: boolean } | undefined;
  let ctm = [1, 0, 0, 1, 0, 0];
  let [hidden, clips, masked] = [false, false, false];
  const stack: number[][] = [];
  for (let i = 0; i < fnArray.length; i++) {
    const [name, args] = [names[fnArray[i]], argsArray[i]];
    if (name === "save") stack.push(ctm);
    else if (name === "restore") ctm = stack.pop() ?? [1, 0, 0, 1, 0, 0];
    else if (name === "transform") ctm = pdfjs.Util.transform(ctm, args);
    else if (name === "setTextRenderingMode") hidden = args[0] === 3;
    else if (name === "showText" || name === "showSpacedText") {
      if (!hidden) return undefined;
    } else if (name === "setGState") {
      if (!isPlain(args[0])) return undefined;
      masked ||= args[0].some(([key]: [string]) => key === "SMask");
    } else if (name === "beginMarkedContentProps") {
      // Optional content may be switched off: drawing knows.
      if (args[0] === "OC") return undefined;
    } else if (name === "clip" || name === "eoClip") clips = true;
    else if (name === "constructPath") {
      // A path that is only clipped with draws nothing; its first argument is what is done with it.
      if (names[args[0]] !== "endPath") return undefined;
      if (clips && !surrounds(clipBox(args, ctm), view)) return undefined;
      clips = false;
    } else if (name === "paintImageXObject") {
      const upright = Math.abs(ctm[1]) + Math.abs(ctm[2]) < 1e-3 * (Math.abs(ctm[0]) + Math.abs(ctm[3]));
      if (image !== undefined || !upright || ctm[0] <= 0 || ctm[3] <= 0) return undefined;
      image = { image: args[0], box: [ctm[4], ctm[5], ctm[4] + ctm[0], ctm[5] + ctm[3]], masked };
    } else if (!QUIET.has(name)) return undefined;
  }
  return image;
}

/** Whether an extended graphics state changes nothing of how an image looks. */
function isPlain(state: [key: string, value: unknown][]): boolean {
  return state.every(([key, value]) => {
    if (key === "SMask" || key === "TR") return !value;
    if (key === "ca") return value === 1;
    if (key === "BM") return value === "source-over";
    return true;
  });
}

/** The box of a clip path that is an upright rectangle, on the page; `undefined` for any other path. */
function clipBox(args: Pdfjs, m: number[]): Box | undefined {
  const [, [path], bounds] = args;
  if (!path || !bounds || !((m[1] === 0 && m[2] === 0) || (m[0] === 0 && m[3] === 0))) return undefined;
  const [x0, y0, x1, y1] = bounds as Float32Array;
  // DrawOPS of pdf.js: 0 moves, 1 draws a line, 4 closes.
  let [corners, at] = [0, 0];
  while (at < path.length) {
    const op = path[at++];
    if (op === 4) continue;
    if (op !== 0 && op !== 1) return undefined;
    const [x, y] = [path[at++], path[at++]];
    if ((x !== x0 && x !== x1) || (y !== y0 && y !== y1)) return undefined;
    corners++;
  }
  if (corners < 4 || corners > 5) return undefined;
  const on = (x: number, y: number) => [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]];
  const [[ax, ay], [bx, by]] = [on(x0, y0), on(x1, y1)];
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
}

const tolerance = (view: Box) => Math.max(TOLERANCE, TOLERANCE_SHARE * Math.max(view[2] - view[0], view[3] - view[1]));

const same = (a: Box, view: Box) => a.every((v, i) => Math.abs(v - view[i]) <= tolerance(view));

function surrounds(box: Box | undefined, view: Box): boolean {
  const t = tolerance(view);
  return box !== undefined && box[0] <= view[0] + t && box[1] <= view[1] + t && box[2] >= view[2] - t &&
    box[3] >= view[3] - t;
}

function isOpaque(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

/** Bytes that a JBIG2 stream of an empty page may have: a header, and an arithmetic coder that learns at once that nothing comes. */
const EMPTY_JBIG2 = 300;

/** Whether a bilevel image is empty although its JBIG2 stream is not: the decoder of pdf.js gives that for what it cannot read. */
function isLostJbig2(data: Uint8Array, bytes: Uint8Array, ref: string): boolean {
  if (data.some((v) => v !== data[0])) return false;
  const dictionary = dictionaryOf(bytes, ref);
  return /\/JBIG2Decode\b/.test(dictionary) &&
    Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1]) > EMPTY_JBIG2;
}

function unpack(data: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const stride = (width + 7) >> 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[y * width + x] = (data[y * stride + (x >> 3)] >> (7 - (x & 7))) & 1 ? 255 : 0;
  }
  return out;
}
