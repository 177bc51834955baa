/** `ocr --template`: forms as a table, a row a page; and `template`: proposes a template of a blank form. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { extname } from "@std/path/extname";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { decodeEach, decodePages } from "../decode/mod.ts";
import { PageRange } from "../decode/pages.ts";
import { Engine } from "../engine/engine.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { rowsOf } from "../format/csv.ts";
import { encodePng } from "../format/png.ts";
import { DEFAULTS } from "../mod.ts";
import { count, type Values } from "../options.ts";
import { fill, type FilledField, type Row } from "../template/fill.ts";
import { propose } from "../template/propose.ts";
import type { Raster } from "../template/raster.ts";
import { register } from "../template/register.ts";
import { subtract } from "../template/subtract.ts";
import { parseTemplate, type Sum, type Template } from "../template/template.ts";
import { inputs, readInput, stem } from "./inputs.ts";
import { existing, open, writeWhole } from "./output.ts";
import { say } from "./say.ts";

/** Most pixels of the page to one of the blank that fields are read with: more tell a reader of 40 rows nothing. */
const MOST_SCALE = 2;

/** Options of `ocr` that a template has no use for. */
const OTHERS = [
  ...[
    "watch",
    "resume",
    "skip-existing",
    "skip-text",
    "allowed-chars",
    "pattern",
    "min-conf",
    "max-error",
    "reject-char",
  ],
  ...["csv-boxes", "dump-stages"],
];

/** `template BLANK` */
export async function template(values: Values, operands: string[]): Promise<number> {
  if (operands.length !== 1) {
    throw new ScrawlError("arguments", "name one blank form, a picture or PDF: template blank.pdf");
  }
  const page = count(values, "page") ?? 1;
  const { proposed } = await proposal(await Engine.open(values.model as string | undefined), operands[0], page);
  const output = values.output as string | undefined;
  // The template finds its blank from where it lies.
  if (output !== undefined) proposed.blank = relative(dirname(output), operands[0]);
  const text = new TextEncoder().encode(JSON.stringify(proposed, null, 2) + "\n");
  const force = values.force === true;
  if (output !== undefined && !force && await Deno.stat(output).then(() => true, () => false)) throw existing(output);
  const sink = await open(output, force);
  await sink.write(text);
  await sink.close();
  say(
    `${proposed.fields.length} fields proposed: edit names, types and boxes, then ocr --template ${
      output ?? "form.json"
    } SCANS`,
  );
  return EXIT.ok;
}

async function proposal(engine: Engine, path: string, page: number): Promise<{ proposed: Template; blank: Raster }> {
  for await (
    const { picture } of decodePages(await readInput(path, DEFAULTS.maxBytes), {
      ...DEFAULTS,
      pages: { of: () => [page] },
    })
  ) {
    const blank = { width: picture.width, height: picture.height, data: picture.gray() };
    const { lines, suppressed, rotation } = engine.read(picture, { charset: "text", printed: "mark" });
    picture.free();
    if (rotation % 360 !== 0) {
      say(`note: the blank lies on a side (${rotation} degrees): turn it, so that names are found`);
    }
    const words = [...lines.flatMap((l) => l.words), ...suppressed];
    const fields = propose(blank, words.filter((w) => w.text !== ""));
    if (fields.length === 0) {
      throw new ScrawlError("input", `${path} shows no fields: neither cells, nor combs, boxes or lines to write on`);
    }
    const { width, height } = blank;
    return { proposed: { format: "scrawl-template-1", blank: path, page, width, height, fields }, blank };
  }
  throw new ScrawlError("input", `${path} has no page ${page}`);
}

/** The template that is named: a file, or a blank form itself. */
async function load(engine: Engine, path: string): Promise<{ template: Template; sums: Sum[]; blank: Raster }> {
  if (extname(path).toLowerCase() !== ".json") {
    const { proposed, blank } = await proposal(engine, path, 1);
    return { template: proposed, sums: [], blank };
  }
  const { template, sums } = parseTemplate(new TextDecoder().decode(await readInput(path, DEFAULTS.maxBytes)), path);
  const at = join(dirname(path), template.blank);
  const bytes = await readInput(at, DEFAULTS.maxBytes).catch((e) => {
    throw new ScrawlError("access", `the blank form ${at} of ${path}: ${e.message}`);
  });
  for await (const { picture } of decodePages(bytes, { ...DEFAULTS, pages: { of: () => [template.page] } })) {
    const blank = { width: picture.width, height: picture.height, data: picture.gray() };
    picture.free();
    if (blank.width === template.width && blank.height === template.height) return { template, sums, blank };
    throw new ScrawlError(
      "input",
      `${path} is of a blank of ${template.width} x ${template.height} pixels, ${at} has ${blank.width} x ${blank.height}: propose it anew`,
    );
  }
  throw new ScrawlError("input", `${at} has no page ${template.page}`);
}

interface TableRow extends Row {
  file: string;
  page: number;
  /** Where each field's picture is, from the table; absent where the table goes to stdout. */
  crops?: string[];
}

/** `ocr --template`: reads all pages of all files into one table, in `folder` where one is named. */
export async function fillForms(values: Values, operands: string[], folder?: string): Promise<number> {
  const [format, ...more] = new Set(values.format as string[]);
  const kind = format === "txt" ? "csv" : format;
  if (more.length > 0 || (kind !== "csv" && kind !== "jsonl")) {
    throw new ScrawlError("arguments", "--template makes a table: -f csv (unasked) or -f jsonl");
  }
  const strange = OTHERS.find((name) => values[name] !== undefined && values[name] !== false);
  if (strange) {
    throw new ScrawlError(
      "arguments",
      `--${strange} is not for --template: a field is read as its type says, a page as a row`,
    );
  }
  const engine = await Engine.open(values.model as string | undefined);
  const form = await load(engine, values.template as string);
  const output = folder === undefined ? values.output as string | undefined : join(folder, `table.${kind}`);
  const force = values.force === true;
  if (output !== undefined && !force && await Deno.stat(output).then(() => true, () => false)) throw existing(output);
  const crops = output === undefined || output === "-" ? undefined : output.replace(/\.[^./\\]*$/, "") + ".crops";
  const range = values.pages === undefined ? undefined : PageRange.parse(values.pages as string);
  const files = await inputs(operands, values.recursive === true, []);
  const o = {
    ...DEFAULTS,
    dpi: count(values, "dpi")!,
    maxPixels: count(values, "max-pixels")!,
    password: values.password as string | undefined,
  };
  const rows: TableRow[] = [];
  let worst: number = EXIT.ok;
  for (const file of files) {
    const fail = (e: unknown) => {
      const { code, message } = toScrawlError(e);
      worst = Math.max(worst, EXIT[code]);
      say(`scrawl ocr: ${file}: ${message}`);
    };
    try {
      const bytes = await readInput(file, count(values, "max-bytes")!);
      for await (const decoded of decodeEach(bytes, { ...o, pages: range })) {
        if ("error" in decoded) fail(decoded.error);
        if (!("picture" in decoded)) continue;
        const { picture, page } = decoded;
        const raster = { width: picture.width, height: picture.height, data: picture.gray() };
        picture.free();
        const row = rowOf(engine, form, raster);
        if (row) {
          rows.push({
            file,
            page,
            ...row,
            ...(crops !== undefined && { crops: await writeCrops(crops, file, page, row.fields, force) }),
          });
        } else fail(new ScrawlError("input", `page ${page} is not the form of ${values.template}`));
      }
    } catch (e) {
      fail(e);
    }
  }
  const sink = await open(output === "-" ? undefined : output, force);
  await sink.write(new TextEncoder().encode(kind === "csv" ? csv(form.template, rows) : jsonl(rows)));
  await sink.close();
  if (values.quiet !== true) say(summary(rows));
  return worst;
}

function rowOf(
  engine: Engine,
  { template, sums, blank }: Awaited<ReturnType<typeof load>>,
  page: Raster,
): Row | undefined {
  const registration = register(blank, page);
  if (!registration) return undefined;
  const scale = Math.min(MOST_SCALE, Math.max(1, registration.scale));
  return fill(engine, template, sums, subtract(blank, registration.lay(scale), scale), scale);
}

async function writeCrops(
  folder: string,
  file: string,
  page: number,
  fields: FilledField[],
  force: boolean,
): Promise<string[]> {
  const contents: [string, Uint8Array][] = [];
  for (const { name, crop } of fields) {
    const plain = `${stem(file)}-${page}-${name.replace(/[^\p{L}\p{N}_-]+/gu, "_")}.png`;
    contents.push([join(folder, plain), await encodePng(crop.data, crop.width, crop.height)]);
  }
  if (!force) {
    for (const [path] of contents) if (await Deno.stat(path).then(() => true, () => false)) throw existing(path);
  }
  await writeWhole(contents, force);
  return contents.map(([path]) => join(basename(folder), basename(path)));
}

/** A head, and a row a page: of each field its value, how sure it is, what became of it, and its picture; at the end sums that do not add up. */
function csv(template: Template, rows: TableRow[]): string {
  const head = [
    "file",
    "page",
    ...template.fields.flatMap(({ name }) => [name, `${name}.confidence`, `${name}.state`, `${name}.crop`]),
    "check",
  ];
  return rowsOf([
    head,
    ...rows.map(({ file, page, fields, sums, crops }) => [
      ...[file, page],
      ...fields.flatMap((f, i) => [f.value ?? f.text, f.confidence.toFixed(4), f.state, crops?.[i] ?? ""]),
      Object.entries(sums).filter(([, kept]) => !kept).map(([name]) => name).join(" "),
    ]),
  ]);
}

function jsonl(rows: TableRow[]): string {
  return rows.map(({ file, page, fields, sums, crops }) => {
    const named = fields.map(({ name, value, text, confidence, state, read }, i) => [
      name,
      {
        value,
        text,
        confidence: Math.round(confidence * 1e4) / 1e4,
        state,
        ...(read !== undefined && { read }),
        ...(crops && { crop: crops[i] }),
      },
    ]);
    return JSON.stringify({ file, page, fields: Object.fromEntries(named), sums }) + "\n";
  }).join("");
}

function summary(rows: TableRow[]): string {
  const fields = rows.flatMap((r) => r.fields);
  const n = (state: FilledField["state"]) => fields.filter((f) => f.state === state).length;
  const wrong = rows.flatMap((r) => Object.values(r.sums)).filter((kept) => !kept).length;
  return `${rows.length} pages, ${fields.length} fields: ${n("read")} read, ${n("empty")} empty, ${
    n("doubtful")
  } doubtful, ` +
    `${n("repaired")} repaired${wrong > 0 ? `; ${wrong} sums do not add up` : ""}`;
}
