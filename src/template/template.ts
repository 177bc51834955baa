/** A template: a blank form, and its fields by name, type and place. */
import type { Box } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";

/** What stands in a field: digits, an amount, a date (day, month, year), a code that fits a pattern, ticked boxes, or any text. */
export const TYPES = ["digits", "amount", "date", "code", "choice", "text"] as const;
export type FieldType = (typeof TYPES)[number];

export interface TemplateField {
  name: string;
  type: FieldType;
  /** Its cell, in pixels of the blank. */
  box: Box;
  /** Of a code, and where there is one of any other but a choice: what it must fit. */
  pattern?: string;
  /** Of a comb: how many boxes it has for a character each, all as wide. */
  cells?: number;
  /** Of a choice: the boxes that may be ticked, by what they stand for. */
  choices?: Record<string, Box>;
}

/** `form.json` */
export interface Template {
  format: "scrawl-template-1";
  /** The blank form, a picture or PDF beside the template, and which page of it. */
  blank: string;
  page: number;
  /** Pixels of the blank as it is decoded, a PDF at 300 dots per inch. */
  width: number;
  height: number;
  /** In the order of the table's columns. */
  fields: TemplateField[];
  /** Fields that are sums of others: `"total": "sum(a..f)"` from one to another in the order of the fields, or `sum(a, b)`. */
  sums?: Record<string, string>;
}

/** Boxes may go beyond the blank by so many pixels, as fields at its edge do. */
const BEYOND = 8;

/** A sum and the names of what is added. */
export interface Sum {
  total: string;
  parts: string[];
}

/** @throws ScrawlError that says what is wrong with which field. */
export function parseTemplate(text: string, name: string): { template: Template; sums: Sum[] } {
  const fail = (what: string) => new ScrawlError("input", `${name} is no template: ${what}`);
  let found: Partial<Template>;
  try {
    found = JSON.parse(text);
  } catch (e) {
    throw fail((e as Error).message);
  }
  if (found?.format !== "scrawl-template-1") {
    throw fail("its format is not scrawl-template-1; deno task template BLANK proposes one");
  }
  const template = found as Template;
  if (typeof template.blank !== "string" || !Number.isInteger(template.page) || template.page < 1) {
    throw fail("it names no blank and page, from 1 on");
  }
  if (!Array.isArray(template.fields) || template.fields.length === 0) throw fail("it has no fields");
  const isBox = (b: unknown) =>
    Array.isArray(b) && b.length === 4 && b.every((v) => typeof v === "number") && b[2] > 0 && b[3] > 0;
  const isOn = ([x, y, w, h]: Box) =>
    x >= -BEYOND && y >= -BEYOND && x + w <= template.width + BEYOND && y + h <= template.height + BEYOND;
  const names = new Set<string>();
  for (const f of template.fields) {
    const which = `field ${JSON.stringify(f?.name)}`;
    if (typeof f?.name !== "string" || f.name === "" || names.has(f.name)) {
      throw fail(`${which} has no name of its own`);
    }
    names.add(f.name);
    if (!TYPES.includes(f.type)) throw fail(`${which} has type ${f.type}: choose one of ${TYPES.join(", ")}`);
    if (!isBox(f.box)) throw fail(`${which} has no box [x, y, width, height]`);
    const outside = [f.box, ...Object.values(f.choices ?? {}).filter(isBox)].find((b) => !isOn(b));
    if (outside) {
      throw fail(`${which} has a box [${outside}] outside of the blank's ${template.width} x ${template.height}`);
    }
    if (f.pattern !== undefined && !isPattern(f.pattern)) {
      throw fail(`${which} has ${JSON.stringify(f.pattern)} for a pattern, which is no regular expression`);
    }
    if (f.type === "code" && f.pattern === undefined) throw fail(`${which} is a code without a pattern`);
    if (
      f.cells !== undefined && (!Number.isInteger(f.cells) || f.cells < 2 || f.cells > f.box[2] || f.type === "choice")
    ) {
      throw fail(`${which} has ${f.cells} cells: of a comb say how many boxes it has, 2 or more`);
    }
    const choices = Object.values(f.choices ?? {});
    if (f.type === "choice" && (choices.length === 0 || !choices.every(isBox))) {
      throw fail(`${which} is a choice without boxes: "choices": {"yes": [x, y, width, height]}`);
    }
  }
  const sums = Object.entries(template.sums ?? {}).map(([total, of]) => sumOf(total, of, template.fields, fail));
  return { template, sums };
}

function sumOf(total: string, of: string, fields: TemplateField[], fail: (what: string) => Error): Sum {
  const inner = /^\s*sum\((.*)\)\s*$/.exec(of)?.[1];
  if (inner === undefined) throw fail(`the sum of ${total} is ${of}: write sum(a..f) or sum(a, b)`);
  const place = (name: string) => {
    const i = fields.findIndex((f) => f.name === name);
    if (i < 0) throw fail(`the sum of ${total}, ${of}, names ${JSON.stringify(name)}, which is no field`);
    return i;
  };
  const parts = inner.split(",").flatMap((part) => {
    const [from, to] = part.split("..").map((s) => s.trim());
    return fields.slice(place(from), place(to ?? from) + 1);
  });
  const whole = fields.find((f) => f.name === total);
  if (!whole) throw fail(`the sum ${total} is no field`);
  if (parts.length === 0 || parts.includes(whole)) throw fail(`the sum of ${total}, ${of}, names no other fields`);
  const odd = [whole, ...parts].find((f) => f.type !== "digits" && f.type !== "amount");
  if (odd) {
    throw fail(`the sum of ${total}, ${of}, is of ${odd.name}, a field of type ${odd.type}: digits and amounts add up`);
  }
  return { total, parts: parts.map((f) => f.name) };
}

/** Whether a pattern is text that a regular expression can be; what scrawl's own know no more of is told when it is read with. */
function isPattern(pattern: unknown): boolean {
  if (typeof pattern !== "string") return false;
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
