/** `ocr --template`: forms as a table, a row a page; and `template`: proposes a template of a blank form. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { decodeEach } from "../decode/mod.ts";
import { PageRange } from "../decode/pages.ts";
import { Engine } from "../engine/engine.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { formHead, type FormRow, formRow } from "../format/form.ts";
import { encodePng } from "../format/png.ts";
import { DEFAULTS } from "../mod.ts";
import { count, type Values } from "../options.ts";
import type { FilledField } from "../template/fill.ts";
import { unlike } from "../template/unlike.ts";
import { loadForm, proposal, rasterOf, rowOf } from "./forms.ts";
import { inputs, readInput, stem } from "./inputs.ts";
import { open, refuseExisting, writeWhole } from "./output.ts";
import { say } from "./say.ts";

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
  // A field a line, to be edited.
  const { fields, ...head } = proposed;
  const lines = fields.map((f) => `    ${JSON.stringify(f)}`).join(",\n");
  const text = new TextEncoder().encode(
    `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "fields": [\n${lines}\n  ]\n}\n`,
  );
  if (output === undefined && !isAbsolute(operands[0])) {
    say(`note: the template looks for ${operands[0]} from where it lies; -o FILE writes how to get there`);
  }
  const sink = await open(output, values.force === true);
  await sink.write(text);
  await sink.close();
  say(
    `${proposed.fields.length} fields proposed: edit names, types and boxes, then ocr --template ${
      output ?? "form.json"
    } SCANS`,
  );
  return EXIT.ok;
}

/** Rows keep no pictures of fields: there may be many pages. */
interface TableRow extends FormRow {
  fields: Omit<FilledField, "crop">[];
}

/** `ocr --template`: reads all pages of all files into one table, in `folder` where one is named. */
export async function fillForms(values: Values, operands: string[], folder?: string): Promise<number> {
  const [format, ...more] = new Set(values.format as string[]);
  const kind = format === "txt" ? "csv" : format;
  if (more.length > 0 || (kind !== "csv" && kind !== "jsonl")) {
    throw new ScrawlError("arguments", "--template makes a table: -f csv (unasked) or -f jsonl");
  }
  const isGiven = (name: string) => values[name] !== undefined && values[name] !== false;
  const strange = OTHERS.find(isGiven) ?? (values.charset !== DEFAULTS.charset ? "charset" : undefined);
  if (strange) {
    throw new ScrawlError(
      "arguments",
      `--${strange} is not for --template: a field is read as its type says, a page as a row`,
    );
  }
  const engine = await Engine.open(values.model as string | undefined);
  const form = await loadForm(engine, values.template as string);
  const output = folder === undefined ? values.output as string | undefined : join(folder, `table.${kind}`);
  const force = values.force === true;
  if (output !== undefined && output !== "-" && !force) await refuseExisting([output]);
  const crops = output === undefined || output === "-" ? undefined : output.replace(/\.[^./\\]*$/, "") + ".crops";
  const range = values.pages === undefined ? undefined : PageRange.parse(values.pages as string);
  const files = await inputs(operands, values.recursive === true, []);
  const o = {
    ...DEFAULTS,
    dpi: count(values, "dpi")!,
    maxPixels: count(values, "max-pixels")!,
    password: values.password as string | undefined,
  };
  const pageName = unlike("-");
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
        const raster = rasterOf(picture);
        picture.free();
        const row = rowOf(engine, form, raster);
        if (row) {
          rows.push({
            file,
            page,
            fields: row.fields.map(({ crop: _, ...field }) => field),
            sums: row.sums,
            ...(crops !== undefined &&
              { crops: await writeCrops(crops, pageName(`${stem(file)}-${page}`), row.fields, force) }),
          });
        } else fail(new ScrawlError("input", `page ${page} is not the form of ${values.template}`));
      }
    } catch (e) {
      fail(e);
    }
  }
  const sink = await open(output === "-" ? undefined : output, force);
  await sink.write(
    new TextEncoder().encode(
      kind === "csv" ? formHead(form.template.fields.map((f) => f.name)) + rows.map(formRow).join("") : jsonl(rows),
    ),
  );
  await sink.close();
  if (values.quiet !== true) say(summary(rows));
  return worst;
}

/** @param name of the page, which begins those of its fields' pictures */
async function writeCrops(folder: string, name: string, fields: FilledField[], force: boolean): Promise<string[]> {
  const fieldName = unlike("-");
  const contents: [string, Uint8Array][] = [];
  for (const { name: field, crop } of fields) {
    const plain = fieldName(`${name}-${field.replace(/[^\p{L}\p{N}_-]+/gu, "_")}`);
    contents.push([join(folder, `${plain}.png`), await encodePng(crop.data, crop.width, crop.height)]);
  }
  await writeWhole(contents, force);
  return contents.map(([path]) => join(basename(folder), basename(path)));
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
