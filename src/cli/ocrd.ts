/** `ocrd`: the command line of an OCR-D processor; reads the pages of a METS workspace into PAGE documents of it. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { chosenIds, Mets, type MetsFile, PAGE_TYPE, pictureOfPage } from "../archive/mets.ts";
import { nested } from "../archive/nested.ts";
import type { Page } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { page as pageXml } from "../format/page.ts";
import { COMMANDS, type Option, parse, type Values } from "../options.ts";
import { VERSION } from "../version.ts";
import { giveUpRights, interrupted, interruptible, settings } from "./ocr.ts";
import { writeWhole } from "./output.ts";
import { readAll } from "./pool.ts";
import { say } from "./say.ts";

const NAME = "ocrd-scrawl-recognize";
const STEP = "recognition/text-recognition";

/** Options of `ocr` that are parameters here, with underscores for hyphens. */
const PARAMETERS = [
  "charset",
  "allowed-chars",
  "pattern",
  "min-conf",
  "reject-char",
  "printed",
  "model",
  "jobs",
  "max-pixels",
  "page-timeout",
].map((name) => COMMANDS.ocr.options.find((o) => o.name === name)!);
const parameterName = (o: Option) => o.name.replaceAll("-", "_");

/** What OCR-D wants to know of a processor (OCR-D specification, ocrd-tool.json). */
export const TOOL = {
  executable: NAME,
  description: "Reads handwriting, and leaves print out.",
  categories: ["Text recognition and optimization"],
  steps: [STEP],
  input_file_grp_cardinality: 1,
  output_file_grp_cardinality: 1,
  parameters: Object.fromEntries(PARAMETERS.map((o) => [parameterName(o), {
    type: "string",
    description: o.help,
    ...(o.choices && { enum: o.choices }),
    ...(o.default !== undefined ? { default: o.default } : { required: false }),
  }])),
};

export async function ocrd(values: Values, operands: string[]): Promise<number> {
  if (values.version) {
    console.log(`${NAME} ${VERSION}`);
    return EXIT.ok;
  }
  if (values["dump-json"]) {
    console.log(JSON.stringify(TOOL, null, 2));
    return EXIT.ok;
  }
  const given = await parameters(values.parameter as string | undefined);
  for (const [name, value] of overrides(values["param-override"] as string[] ?? [], operands)) given[name] = value;
  const [from, to] = ["input-file-grp", "output-file-grp"].map((name) => {
    if (values[name] === undefined) throw new ScrawlError("arguments", `--${name} GROUP is wanted (see ocrd --help)`);
    return values[name] as string;
  });
  const path = values.mets as string;
  const folder = values["working-dir"] as string ?? dirname(path);
  const { setup, limits } = await settings(asOptions(given), ["page"]);
  const mets = Mets.parse(
    await Deno.readTextFile(path).catch((e) => {
      throw new ScrawlError("access", `cannot read ${path}: ${e.message}`);
    }),
  );
  await giveUpRights(true);
  const wanted = new Set(chosenIds(values["page-id"] as string | undefined, mets.pageIds()));
  const inputs = await picturesOf(mets.files(from).filter((f) => wanted.has(f.page)), folder);
  if (inputs.length === 0) throw new ScrawlError("input", `the group ${from} has no files of those pages`);
  for (const { page } of inputs) {
    const id = idOf(to, page);
    if (values.overwrite) mets.remove(id);
    else if (existing(mets, to).has(page)) {
      throw new ScrawlError("output", `the group ${to} has the page ${page} already: --overwrite writes it anew`);
    }
  }
  let worst: number = EXIT.ok;
  const files: [string, Uint8Array][] = [];
  const fail = (page: string, e: unknown) => {
    const { code, message } = toScrawlError(e);
    worst = Math.max(worst, EXIT[code]);
    say(`scrawl ocrd: page ${page}: ${message}`);
  };
  return await interruptible(async (signal) => {
    const reading = readAll(inputs.map((i) => join(folder, i.path)), setup, limits, signal, (i, read) => {
      const { page, path } = inputs[i];
      if ("error" in read) fail(page, new ScrawlError(read.error.code, read.error.message));
      else files.push(result(mets, to, page, path, read.page, folder));
      return Promise.resolve();
    }, (i, error) => Promise.resolve(error === undefined ? undefined : fail(inputs[i].page, error)));
    reading.catch(() => {});
    await Promise.race([reading, interrupted(signal)]);
    mets.addAgent(`${NAME} v${VERSION}`, STEP);
    // The workspace names what is there already.
    await writeWhole(files, true);
    await writeWhole([[path, new TextEncoder().encode(mets.text())]], true);
    return worst;
  });
}

/** Adds a page's result to the workspace. @returns its path and content. */
function result(
  mets: Mets,
  to: string,
  page: string,
  picture: string,
  read: Page,
  folder: string,
): [string, Uint8Array] {
  const id = idOf(to, page);
  const path = `${to}/${id}.xml`;
  mets.add(to, { id, page, type: PAGE_TYPE, path });
  return [join(folder, path), new TextEncoder().encode(pageXml([{ ...nested(read), file: picture }], id))];
}

/** What the result of a page is called: an XML name (XML 1.0, NCName). */
const idOf = (group: string, page: string) =>
  `${group}_${page}`.replace(/[^\w.-]/g, "_").replace(/^(?![A-Za-z_])/, "_");

/** Pages of which a group has files. */
function existing(mets: Mets, group: string): Set<string> {
  try {
    return new Set(mets.files(group).map((f) => f.page));
  } catch {
    // There is no such group yet.
    return new Set();
  }
}

/** One picture a page: that of its PAGE document, or itself. */
async function picturesOf(files: MetsFile[], folder: string): Promise<{ page: string; path: string }[]> {
  const out: { page: string; path: string }[] = [];
  for (const [page, all] of Map.groupBy(files, (f) => f.page)) {
    const document = all.find((f) => f.type === PAGE_TYPE);
    const picture = all.find((f) => f.type.startsWith("image/"));
    if (!document && !picture) continue;
    if (!document) {
      out.push({ page, path: picture!.path });
      continue;
    }
    const text = await Deno.readTextFile(join(folder, document.path)).catch((e) => {
      throw new ScrawlError("access", `cannot read ${document.path}: ${e.message}`);
    });
    out.push({ page, path: pictureOfPage(text) });
  }
  return out;
}

/** Names and values of `-P NAME VALUE`: the parser takes the names for the option's values, and the values for operands, in order. */
function overrides(names: string[], operands: string[]): [string, string][] {
  if (operands.length < names.length) {
    throw new ScrawlError("arguments", `--param-override ${names.at(-1)}: a name and a value are wanted`);
  }
  if (operands.length > names.length) {
    const more = operands.slice(names.length).join(", ");
    throw new ScrawlError("arguments", `the files are those of the workspace: leave out ${more}`);
  }
  return names.map((name, i) => [name, operands[i]]);
}

/** Parameters by name: JSON, or a file that holds it. */
async function parameters(given: string | undefined): Promise<Record<string, unknown>> {
  const text = given === undefined ? "{}" : /^\s*\{/.test(given) ? given : await Deno.readTextFile(given).catch((e) => {
    throw new ScrawlError("arguments", `--parameter ${given}: neither a JSON object nor a file: ${e.message}`);
  });
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new ScrawlError("arguments", `--parameter ${given}: no JSON: ${(e as Error).message}`);
  }
}

/** Parameters as options of `ocr`. @throws ScrawlError for one that is not known. */
function asOptions(all: Record<string, unknown>): Values {
  const args = Object.entries(all).map(([name, value]) => {
    const option = PARAMETERS.find((o) => parameterName(o) === name);
    if (!option) {
      const known = PARAMETERS.map(parameterName).join(", ");
      throw new ScrawlError("arguments", `--parameter: there is no ${name}; known are ${known}`);
    }
    return `--${option.name}=${value}`;
  });
  return parse(COMMANDS.ocr, args).values;
}
