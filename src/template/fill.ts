/** Reads the fields of a page that lies on its blank. */
import type { Engine } from "../engine/engine.ts";
import type { Box } from "../engine/types.ts";
import { sideBySide } from "./comb.ts";
import { at, type Raster } from "./raster.ts";
import type { Sum, Template, TemplateField } from "./template.ts";
import { amountOf, centsOf, optionsOf, unstruck, valueOf } from "./values.ts";

export interface FilledField {
  name: string;
  /** As its type has it: digits as they are, amounts as 1234.50, dates as 1987-09-24, ticked boxes by their names; null where there is none. */
  value: string | null;
  /** What was read. */
  text: string;
  /** 0..1 */
  confidence: number;
  /**
   * `empty`: nothing is written; `doubtful`: less sure than 0.6, no value of its type, or not on the page; `repaired`: what adds up, though
   * another was read.
   */
  state: "read" | "empty" | "doubtful" | "repaired";
  /** What was read before it was repaired. */
  read?: string;
  /** The field on the page without the blank's print. */
  crop: Raster;
}

export interface Row {
  fields: FilledField[];
  /** Sums, and whether each adds up. */
  sums: Record<string, boolean>;
}

/** Less sure than this is doubtful. */
const SURE = 0.6;
/** What is surer than this is never repaired. */
const REPAIRABLE = 0.9;
/** Air around a cell, in shares of its height: strokes leave it. */
const AIR = 0.15;
/** Share of ink in a field that is written in, and in a box that is surely ticked. */
const WRITTEN = 0.004;
const TICKED = 0.04;
/** A repair must be as likely as this, and so many times as likely as any other that adds up. */
const LIKELY = 0.02;
const LIKELIER = 5;

/** What a field is read from. */
interface Line {
  picture: Raster;
  /** Of a comb: how many of its boxes are filled. */
  filled?: number;
}

/**
 * @param page what was filled in, in the blank's frame, `scale` pixels to one of the blank.
 * @param shows whether a box of the blank is on the page.
 */
export function fill(
  engine: Engine,
  template: Template,
  sums: Sum[],
  page: Raster,
  scale: number,
  shows: (box: Box) => boolean,
): Row {
  const lines = template.fields.map((f) => lineOf(page, f, scale));
  const fields = template.fields.map((f, i): FilledField => {
    const { crop } = lines[i];
    if (!shows(f.box)) return { name: f.name, value: null, text: "", confidence: 0, state: "doubtful", crop };
    return f.type === "choice" ? chosen(f, page, crop, scale) : written(engine, f, lines[i]);
  });
  const readAs = (f: FilledField, text: string) => {
    const i = fields.indexOf(f);
    return readOne(engine, lines[i], template.fields[i], RegExp.escape(text));
  };
  const kept = sums.map((sum): [string, boolean] => [sum.total, addUp(template, sum, fields, readAs)]);
  return { fields, sums: Object.fromEntries(kept) };
}

/** A field with air around it, and what it is read from: of a comb its characters side by side. */
function lineOf(page: Raster, { box: [x, y, w, h], cells }: TemplateField, scale: number): Line & { crop: Raster } {
  const air = AIR * h;
  const [left, top] = [Math.max(0, Math.floor((x - air) * scale)), Math.max(0, Math.floor((y - air) * scale))];
  const [right, bottom] = [(x + w + air) * scale, (y + h + air) * scale].map((v, i) =>
    Math.max([left, top][i] + 1, Math.min([page.width, page.height][i], Math.ceil(v)))
  );
  const [width, height] = [right - left, bottom - top];
  const crop = { width, height, data: new Uint8Array(width * height) };
  for (let r = 0; r < height; r++) {
    const from = (top + r) * page.width + left;
    crop.data.set(page.data.subarray(from, from + width), r * width);
  }
  if (cells === undefined) return { crop, picture: crop };
  const [first, last] = [x * scale - left, (x + w) * scale - left];
  const comb = { left: first, right: last, top: y * scale - top, bottom: (y + h) * scale - top, boxes: cells };
  return { crop, ...sideBySide(crop, comb) };
}

/** Share of dark pixels. */
const inkShare = ({ data }: Raster) => data.reduce((n, v) => n + (v < 150 ? 1 : 0), 0) / data.length;

function written(engine: Engine, field: TemplateField, line: Line & { crop: Raster }): FilledField {
  const { name, type, pattern } = field;
  const { crop } = line;
  if (line.filled === 0 || inkShare(crop) < WRITTEN) {
    return { name, value: "", text: "", confidence: 1, state: "empty", crop };
  }
  const { text, confidence } = readOne(engine, line, field);
  const isStruck = text === "" && field.cells !== undefined;
  // Ink that says nothing may be a stain, or writing that nobody can read.
  const value = isStruck ? "" : text === "" ? null : valueOf(type, text, pattern) ?? null;
  const state = value === null || confidence < SURE ? "doubtful" : isStruck ? "empty" : "read";
  return { name, value, text, confidence, state, crop };
}

/** @param pattern in place of the field's own */
function readOne(
  engine: Engine,
  { picture: { data, width, height }, filled }: Line,
  { type, ...own }: TemplateField,
  pattern = own.pattern,
): { text: string; confidence: number } {
  const [{ text, confidence }] = engine.readLines([{ gray: data, width, height }], optionsOf(type, pattern, filled));
  // A pattern says nothing of spaces: a code has those that it asks for.
  const isSpaced = type === "text" || (type === "code" && valueOf(type, text, own.pattern) !== undefined);
  const plain = isSpaced ? text.trim() : text.replaceAll(" ", "");
  return { text: filled !== undefined && type !== "text" && type !== "code" ? unstruck(plain) : plain, confidence };
}

/** Boxes that are ticked: how sure is how far the ink in each is from what is neither. */
function chosen({ name, choices }: TemplateField, page: Raster, crop: Raster, scale: number): FilledField {
  const all = Object.entries(choices!).map((
    [choice, box],
  ): [string, number] => [choice, inkShare(within(page, box, scale))]);
  const ticked = all.filter(([, share]) => share >= TICKED / 2).map(([choice]) => choice);
  const confidence = Math.min(1, ...all.map(([, share]) => 0.5 + Math.min(0.5, Math.abs(share - TICKED / 2) / TICKED)));
  const text = ticked.join("|");
  const state = ticked.length === 0 && confidence >= SURE ? "empty" : confidence < SURE ? "doubtful" : "read";
  return { name, value: text, text, confidence, state, crop };
}

/** A box without its edge, where the print may not be gone as a whole. */
function within(page: Raster, [x, y, w, h]: Box, scale: number): Raster {
  const inner: Box = [x + 0.15 * w, y + 0.15 * h, 0.7 * w, 0.7 * h];
  const [width, height] = [Math.max(1, Math.round(inner[2] * scale)), Math.max(1, Math.round(inner[3] * scale))];
  const data = new Uint8Array(width * height);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      data[r * width + c] = at(page, inner[0] * scale + c + 0.5, inner[1] * scale + r + 0.5, 255);
    }
  }
  return { width, height, data };
}

const cents = (text: string) => text === "" ? 0 : centsOf(text);

/** Whether a sum adds up, or does so with the one likely other reading of one of its fields, which then is taken. */
function addUp(
  template: Template,
  { total, parts }: Sum,
  fields: FilledField[],
  readAs: (f: FilledField, text: string) => { text: string; confidence: number },
): boolean {
  const field = (name: string) => fields.find((f) => f.name === name)!;
  const [all, whole] = [parts.map(field), field(total)];
  const values = all.map((f) => cents(f.text));
  const said = cents(whole.text);
  if (values.every((v) => v !== undefined) && values.reduce((a, b) => a + b, 0) === said) return true;
  const candidates: { field: FilledField; text: string; likely: number }[] = [];
  const ask = (f: FilledField, wanted: number | undefined) => {
    // What is sure is left as it was read: a wrong sum may be a wrong sum.
    if (wanted === undefined || wanted < 0 || (f.state !== "doubtful" && f.confidence >= REPAIRABLE)) return;
    const { type } = template.fields.find((t) => t.name === f.name)!;
    for (const text of writings(wanted, type === "digits")) {
      const { text: read, confidence } = readAs(f, text);
      if (read === text && confidence >= LIKELY) candidates.push({ field: f, text, likely: confidence });
    }
  };
  const sumOf = (v: (number | undefined)[]) =>
    v.includes(undefined) ? undefined : (v as number[]).reduce((a, b) => a + b, 0);
  ask(whole, sumOf(values));
  all.forEach((f, i) => {
    const others = sumOf(values.filter((_, j) => j !== i));
    ask(f, said === undefined || others === undefined ? undefined : said - others);
  });
  candidates.sort((a, b) => b.likely - a.likely);
  const [first, second] = candidates;
  if (!first || (second && second.likely * LIKELIER > first.likely)) return false;
  const { type } = template.fields.find((t) => t.name === first.field.name)!;
  Object.assign(first.field, {
    read: first.field.text,
    text: first.text,
    value: valueOf(type, first.text) ?? null,
    confidence: first.likely,
    state: "repaired",
  });
  return true;
}

/** How an amount may be written. */
function writings(cents: number, whole: boolean): string[] {
  if (whole) return cents % 100 === 0 ? [String(cents / 100)] : [];
  const plain = (cents / 100).toFixed(2);
  return [...(cents % 100 === 0 ? [amountOf(cents)] : []), plain, plain.replace(".", ",")];
}
