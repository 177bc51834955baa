/** `ocr`: files in, text or JSON out. One bad file never stops the others. */
import { join } from "node:path";
import { Engine } from "../engine/engine.ts";
import type { Charset, Failure, Page } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { PageRange } from "../decode/pages.ts";
import { json, jsonl } from "../format/json.ts";
import { text } from "../format/text.ts";
import { count, type Values } from "../options.ts";
import { type PipelineOptions, readFile } from "../read.ts";
import { VERSION } from "../version.ts";
import { inputs, readInput } from "./inputs.ts";
import { open, type Sink } from "./output.ts";
import { writeStages } from "./stages.ts";

export async function ocr(values: Values, operands: string[]): Promise<number> {
  if (values.version) {
    console.log(`scrawl ${VERSION}`);
    return EXIT.ok;
  }
  if (operands.length === 0) {
    throw new ScrawlError("arguments", "name at least one file, like: deno task ocr scan.pdf (see ocr --help)");
  }
  const note = (line: string) => values.quiet || console.error(line);
  const options: PipelineOptions = {
    charset: values.charset as Charset,
    allowedChars: values["allowed-chars"] as string | undefined,
    printed: values.printed as PipelineOptions["printed"],
    pages: values.pages === undefined ? undefined : PageRange.parse(values.pages as string),
    dpi: count(values, "dpi")!,
    password: values.password as string | undefined,
    maxPixels: count(values, "max-pixels")!,
  };
  const files = await inputs(operands);
  const engine = await Engine.open(values.model as string | undefined);
  const dump = values["dump-stages"] as string | undefined;
  const sink = await open(values.output as string | undefined);
  let worst: number = EXIT.ok;
  const all: (Page | Failure)[] = [];
  let first = true;
  try {
    for (const [i, file] of files.entries()) {
      if (files.length > 1) note(`[${i + 1}/${files.length}] ${file}`);
      try {
        const bytes = await readInput(file);
        const stages = dump &&
          ((page: number, picture: Parameters<typeof writeStages>[2]) =>
            writeStages(join(dump, `${stem(file)}-${page}`), engine, picture));
        for await (const page of readFile(engine, file, bytes, { ...options, onPicture: stages || undefined })) {
          if (values.format === "json") all.push(page);
          else if (values.format === "jsonl") await sink.write(jsonl([page]));
          else await sink.write((first ? "" : "\f") + plain(text([page]), sink));
          first = false;
          if (values.verbose) {
            note(`${file} page ${page.page}: ${page.lines.length} lines, ${page.suppressed.length} suppressed`);
          }
        }
      } catch (e) {
        const error = toScrawlError(e);
        if (error.code === "output") throw error;
        worst = Math.max(worst, EXIT[error.code]);
        console.error(`scrawl ocr: ${file}: ${error.message}`);
        const failure = { file, error: { code: error.code, message: error.message } };
        if (values.format === "json") all.push(failure);
        else if (values.format === "jsonl") await sink.write(jsonl([failure]));
      }
    }
    if (values.format === "json") await sink.write(json(all));
    await sink.close();
  } catch (e) {
    await sink.abandon();
    throw e;
  }
  return worst;
}

function stem(file: string): string {
  return file.split(/[/\\]/).pop()!.replace(/\.[^.]*$/, "") || "stdin";
}

/** Text from a page never steers a terminal: control characters are shown, not sent. */
function plain(text: string, sink: Sink): string {
  if (!sink.terminal) return text;
  return text.replace(
    /\p{Cc}/gu,
    (c) => c === "\n" || c === "\f" ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
