/** Forms: templates with their blanks, and pages that are laid over them and read. */
import { dirname } from "@std/path/dirname";
import { extname } from "@std/path/extname";
import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { decodePages } from "../decode/mod.ts";
import type { Engine, Picture } from "../engine/engine.ts";
import type { FormReading, Polygon } from "../engine/types.ts";
import { ScrawlError, toScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { fill, type Row } from "../template/fill.ts";
import { type Homography, map } from "../template/homography.ts";
import type { Print } from "../template/labels.ts";
import { proposeFields } from "../template/pdf_fields.ts";
import { propose } from "../template/propose.ts";
import type { Raster } from "../template/raster.ts";
import { register } from "../template/register.ts";
import { subtract } from "../template/subtract.ts";
import { parseTemplate, type Sum, type Template } from "../template/template.ts";
import { readInput } from "./inputs.ts";
import { say } from "./say.ts";

/** Most pixels of the page to one of the blank that fields are read with: more tell a reader of 40 rows nothing. */
const MOST_SCALE = 2;

/** A template and its blank. */
export interface Form {
  template: Template;
  sums: Sum[];
  blank: Raster;
}

export const rasterOf = (picture: Picture): Raster => ({
  width: picture.width,
  height: picture.height,
  data: picture.gray(),
});

/** A template or a blank. @throws ScrawlError that says which file it is: it is not the one that is to be read. */
async function bytesOf(path: string, of = ""): Promise<Uint8Array> {
  return await readInput(path, DEFAULTS.maxBytes).catch((e) => {
    const { code, message } = toScrawlError(e);
    throw new ScrawlError(code, `the form ${path}${of}: ${message}`);
  });
}

/** What a blank form would have as a template, and its pixels. */
export async function proposal(
  engine: Engine,
  path: string,
  page: number,
): Promise<{ proposed: Template; blank: Raster }> {
  for await (
    const { picture, form } of decodePages(await bytesOf(path), {
      ...DEFAULTS,
      form: true,
      pages: { of: () => [page] },
    })
  ) {
    const blank = rasterOf(picture);
    const fields = form?.fields.length
      ? proposeFields(form)
      : propose(blank, form?.texts.length ? form.texts : printOf(engine, picture));
    picture.free();
    if (form && isSideways(form.texts)) {
      say("note: the blank's text lies on a side: turn it, so that names are found and fields are read");
    }
    if (fields.length === 0) {
      throw new ScrawlError("input", `${path} shows no fields: neither cells, nor combs, boxes or lines to write on`);
    }
    const { width, height } = blank;
    return { proposed: { format: "scrawl-template-1", blank: path, page, width, height, fields }, blank };
  }
  throw new ScrawlError("input", `${path} has no page ${page}`);
}

/** Whether most texts of more than a word's length are higher than they are wide. */
function isSideways(texts: Print[]): boolean {
  const long = texts.filter((t) => t.text.length >= 6);
  return long.filter(({ box: [, , w, h] }) => h > w).length > long.length / 2;
}

/** The words on a blank, which somebody may have written or printed. */
function printOf(engine: Engine, picture: Picture): Print[] {
  const { lines, suppressed, rotation } = engine.read(picture, { charset: "text", printed: "mark" });
  // What leans a little is no matter.
  if (Math.round(rotation / 90) % 4 !== 0) {
    say(`note: the blank lies on a side (${rotation} degrees): turn it, so that names are found`);
  }
  return [...lines.flatMap((l) => l.words), ...suppressed].filter((w) => w.text !== "");
}

/** The template that is named: a file, or a blank form itself. */
export async function loadForm(engine: Engine, path: string): Promise<Form> {
  if (extname(path).toLowerCase() !== ".json") {
    const { proposed, blank } = await proposal(engine, path, 1);
    return { template: proposed, sums: [], blank };
  }
  const { template, sums } = parseTemplate(new TextDecoder().decode(await bytesOf(path)), path);
  const at = isAbsolute(template.blank) ? template.blank : join(dirname(path), template.blank);
  const bytes = await bytesOf(at, ` of ${path}`);
  for await (const { picture } of decodePages(bytes, { ...DEFAULTS, pages: { of: () => [template.page] } })) {
    const blank = rasterOf(picture);
    picture.free();
    if (blank.width === template.width && blank.height === template.height) return { template, sums, blank };
    throw new ScrawlError(
      "input",
      `${path} is of a blank of ${template.width} x ${template.height} pixels, ${at} has ${blank.width} x ${blank.height}: propose it anew`,
    );
  }
  throw new ScrawlError("input", `${at} has no page ${template.page}`);
}

/** The fields of a page, and how the blank lies on it; none where the page is not the form. */
export function rowOf(
  engine: Engine,
  { template, sums, blank }: Form,
  page: Raster,
): Row & { h: Homography } | undefined {
  const registration = register(blank, page);
  if (!registration) return undefined;
  const scale = Math.min(MOST_SCALE, Math.max(1, registration.scale));
  const { lay, shows, h } = registration;
  return { ...fill(engine, template, sums, subtract(blank, lay(scale), scale), scale, shows), h };
}

const within = (v: number, most: number) => Math.min(most, Math.max(0, Math.round(v)));

/** Forms that pages of a run name, each loaded once. */
export class Forms {
  private readonly loaded = new Map<string, Promise<Form>>();

  constructor(private readonly engine: Engine) {}

  /** @throws ScrawlError where it is none. */
  load(path: string): Promise<Form> {
    let form = this.loaded.get(path);
    if (!form) this.loaded.set(path, form = loadForm(this.engine, path));
    return form;
  }

  /** What a page says in the fields of a form; none where it is not that form. */
  async read(path: string, page: Raster): Promise<FormReading | undefined> {
    const form = await this.load(path);
    const row = rowOf(this.engine, form, page);
    if (!row) return undefined;
    const fields = row.fields.map(({ name, value, text, confidence, state, read }, i) => {
      const { type, box: [x, y, w, h] } = form.template.fields[i];
      const corners: Polygon = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
      const polygon = corners.map((corner): Polygon[0] => {
        const [u, v] = map(row.h, corner);
        return [within(u, page.width), within(v, page.height)];
      });
      return { name, type, value, text, confidence, state, ...(read !== undefined && { read }), polygon };
    });
    return { template: path, fields, sums: Object.entries(row.sums).map(([total, adds]) => ({ total, adds })) };
  }
}
