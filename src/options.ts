/** The one table of options: parsing, `--help` and the README's block come from it. */
import { parseArgs } from "node:util";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { ScrawlError } from "./errors.ts";

export interface Option {
  name: string;
  short?: string;
  /** What stands behind it in the help; a switch has none. */
  value?: string;
  /** Allowed values. */
  choices?: readonly string[];
  default?: string;
  /** May be given several times; its value is a list. */
  many?: boolean;
  help: string;
}

export interface Command {
  name: string;
  /** What stands behind the options. */
  operands: string;
  summary: string;
  options: Option[];
  /** What stands behind the command's name, and what that does. */
  examples?: [args: string, what: string][];
}

const help: Option = { name: "help", short: "h", help: "show this help" };
const verbose: Option = { name: "verbose", short: "v", help: "say more on stderr" };
const data: Option = {
  name: "data",
  value: "DIR",
  help: "folder of the data sets; else the environment's SCRAWL_DATA",
};
const json: Option = { name: "json", value: "FILE", help: "write the figures as JSON" };
const model: Option = { name: "model", value: "FILE", help: "model file; else the one that ships with scrawl" };

const output: Option = {
  name: "output",
  short: "o",
  value: "PATH",
  help: "write to this file, or each input's files to this folder, whole or not at all; else to stdout",
};
const force: Option = { name: "force", help: "write over files that are there" };
const format: Option = {
  name: "format",
  short: "f",
  value: "FORMAT",
  choices: ["txt", "json", "jsonl", "tsv", "csv", "hocr", "alto", "page", "pdf", "parquet", "overlay", "review"],
  default: "txt",
  many: true,
  help: "form of the output; several at once into a folder",
};
const charset: Option = {
  name: "charset",
  value: "SET",
  choices: ["digits", "numeric", "text"],
  default: "text",
  help: "characters to read",
};
const csvBoxes: Option = { name: "csv-boxes", help: "csv: a row a cell, with confidence and place" };

export const COMMANDS: Record<string, Command> = {
  ocr: {
    name: "ocr",
    operands: "FILE...",
    summary:
      "Reads handwriting from JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF, PNM and PDF files, folders, globs, or - for stdin.",
    options: [
      format,
      output,
      force,
      { name: "skip-existing", help: "leave out inputs whose output is there" },
      { name: "resume", help: "go on where a batch into a folder was cut off" },
      { name: "lines", help: "read a path, or a JSON object, a line of stdin, and write JSON lines in their order" },
      {
        name: "manifest",
        value: "FILE",
        help: "read one shard of the inputs that this file lists, a path or JSON a line",
      },
      { name: "shard", value: "I/N", help: "manifest: which part of how many, from 0/N to N-1/N (default 0/1)" },
      {
        name: "shard-by",
        value: "WHAT",
        choices: ["count", "bytes"],
        default: "count",
        help: "manifest: shards of as many inputs, or of as many bytes",
      },
      { name: "watch", value: "DIR", help: "read what lies in this folder, then all that comes, until Ctrl-C" },
      {
        name: "recursive",
        short: "r",
        help: "read folders within folders too, but hidden ones; with -o they are made there as well",
      },
      { name: "jobs", short: "j", value: "N", help: "pages read at a time; else one a core" },
      { name: "pages", value: "LIST", help: "pages to read, like 1,3-5,8-" },
      { name: "dpi", value: "N", default: "300", help: "resolution for PDF pages that are drawn, not scanned" },
      { name: "skip-text", help: "leave PDF pages alone that have a text layer" },
      { name: "password", value: "TEXT", help: "password of an encrypted PDF" },
      charset,
      { name: "allowed-chars", value: "CHARS", help: "read only these characters of the charset" },
      {
        name: "pattern",
        value: "REGEX",
        help: "read only words that match it as a whole, like '\\d{2}\\.\\d{2}\\.\\d{4}' for dates",
      },
      { name: "min-conf", value: "P", help: "leave out words that are less sure than this, 0 to 1" },
      {
        name: "max-error",
        value: "SHARE",
        help: "leave fields blank, so that of the others no more than this are wrong, like 0.5%",
      },
      {
        name: "recalibrate",
        value: "FILE",
        many: true,
        help: "with --max-error: what a review of such pages saved is the evidence, not the model's own",
      },
      {
        name: "reject-char",
        value: "C",
        help: "write C for each less sure character instead (--min-conf), or for all of a blank field (--max-error)",
      },
      csvBoxes,
      {
        name: "template",
        value: "FILE",
        help:
          "a form's template, or its blank: a table with a row a page comes out (csv or jsonl), and each field's picture beside it",
      },
      {
        name: "printed",
        value: "WHAT",
        choices: ["drop", "mark", "keep"],
        default: "drop",
        help: "what becomes of print",
      },
      model,
      { name: "max-pixels", value: "N", default: "250000000", help: "refuse larger pictures" },
      {
        name: "max-bytes",
        value: "N",
        default: "536870912",
        help: "refuse larger files, and what in a PDF unpacks to more",
      },
      { name: "page-timeout", value: "S", default: "60", help: "seconds that a page may take" },
      { name: "dump-stages", value: "DIR", help: "write a picture of every page stage there" },
      { name: "quiet", short: "q", help: "no notes on stderr, errors alone" },
      verbose,
      { name: "version", help: "show the version" },
      help,
    ],
    examples: [
      ["scan.pdf", "the text of all pages"],
      ["-f jsonl -o out.jsonl scans/", "one JSON object a page of all files in a folder"],
      ["-f hocr -f pdf -o out/ *.tif", "out/NAME.hocr and a searchable out/NAME.pdf of each"],
      ["--charset numeric --min-conf 0.9 register.jpg", "numbers that are sure"],
      ["--pattern '\\d{2}\\.\\d{2}\\.\\d{4}' form.png", "dates and nothing else"],
      ["--lines < names.txt > out.jsonl", "for engines that pipe lines through programs"],
      ["--manifest pages.txt --shard 3/8 --resume -o out/", "one of eight parts of a list"],
    ],
  },
  merge: {
    name: "merge",
    operands: "OUT",
    summary:
      "Joins the shards of a manifest in the folder OUT, and reports on them; nothing is written unless each input was read exactly once.",
    options: [
      {
        ...format,
        choices: ["jsonl", "csv", "parquet", "txt", "tsv", "hocr", "alto", "page", "pdf"],
        default: undefined,
        help:
          "form of what is joined, else jsonl and csv: those and parquet are one file, the others a file a document",
      },
      { ...output, value: "DIR", help: "folder to write to; else OUT/merged" },
      { name: "manifest", value: "FILE", help: "check against this manifest too; else against the copy in OUT" },
      force,
      { name: "quiet", short: "q", help: "no notes on stderr, errors alone" },
      help,
    ],
    examples: [
      ["out/", "out/merged/pages.jsonl, cells.csv, report.html and report.json"],
      ["-f csv -f alto -o joined/ out/", "a row a cell of all pages, and one ALTO file a document"],
    ],
  },
  plan: {
    name: "plan",
    operands: "",
    summary: "Reads some pages of a manifest, and says what reading all of them will take.",
    options: [
      { name: "manifest", value: "FILE", help: "text file of inputs, a path or a JSON object a line" },
      { name: "sample", value: "N", default: "50", help: "pages to read" },
      { name: "minutes", value: "N", default: "10", help: "how long a shard is to take on one core" },
      { name: "seed", value: "N", default: "1", help: "seed of the choice of pages" },
      charset,
      model,
      { ...json, help: "write the figures as JSON" },
      help,
    ],
    examples: [["--manifest pages.txt", "core-hours, shards of ten minutes, gigabytes"]],
  },
  review: {
    name: "review",
    operands: "FOLDER|FILE...",
    summary:
      "Reads files and makes one HTML page to check and correct the readings in, by keyboard and without network.",
    options: [
      { ...output, value: "FILE", help: "file to write; else review.html in this folder" },
      force,
      { name: "recursive", short: "r", help: "read folders within folders too, but hidden ones" },
      { name: "jobs", short: "j", value: "N", help: "pages read at a time; else one a core" },
      model,
      { name: "quiet", short: "q", help: "no notes on stderr, errors alone" },
      help,
    ],
    examples: [["scans/", "review.html with all pages of a folder"]],
  },
  apply: {
    name: "apply",
    operands: "NAME.corrections.json...",
    summary: "Writes readings anew with what a review said of them.",
    options: [
      format,
      output,
      force,
      csvBoxes,
      {
        name: "truth",
        value: "DIR",
        help:
          "write instead what others train with there: the lines that were looked at as PAGE (or -f alto), and pictures",
      },
      help,
    ],
    examples: [["-f txt -f pdf -o out/ scan.corrections.json", "out/scan.txt and a searchable out/scan.pdf"]],
  },
  template: {
    name: "template",
    operands: "BLANK",
    summary:
      "Proposes a template of a blank form, a picture or PDF: its fields with names, types and places, to be edited.",
    options: [
      { ...output, value: "FILE", help: "file to write; else stdout" },
      force,
      { name: "page", value: "N", default: "1", help: "page of a PDF" },
      model,
      help,
    ],
    examples: [["-o form.json blank.pdf", "form.json, for ocr --template form.json -o table.csv scans/"]],
  },
  serve: {
    name: "serve",
    operands: "",
    summary:
      "Shows the page that reads in a browser (deno task web makes it) on this machine alone, and reads what is sent to /ocr.",
    options: [
      {
        name: "port",
        short: "p",
        value: "N",
        default: "8484",
        help: "port on the loopback address; 0 for any that is free",
      },
      { name: "max-bytes", value: "N", default: "67108864", help: "refuse larger files" },
      { name: "max-pixels", value: "N", default: "250000000", help: "refuse larger pictures" },
      { name: "page-timeout", value: "S", default: "60", help: "seconds that a page may take" },
      { name: "jobs", short: "j", value: "N", help: "pages of a file read at a time; else one a core" },
      model,
      help,
    ],
    examples: [[
      "",
      "http://127.0.0.1:8484, and there: curl --data-binary @scan.pdf 'http://127.0.0.1:8484/ocr?format=json'",
    ]],
  },
  ocrd: {
    name: "ocrd",
    operands: "",
    summary: "Reads the pages of a METS workspace into PAGE documents of it, as a processor of OCR-D.",
    options: [
      { name: "mets", short: "m", value: "FILE", default: "mets.xml", help: "the workspace" },
      {
        name: "working-dir",
        short: "w",
        value: "DIR",
        help: "folder that its paths are seen from; else that of --mets",
      },
      {
        name: "input-file-grp",
        short: "I",
        value: "GROUP",
        help: "group of pictures, or of PAGE documents with pictures",
      },
      { name: "output-file-grp", short: "O", value: "GROUP", help: "group for the results" },
      { name: "page-id", short: "g", value: "LIST", help: "pages, like PHYS_0001,PHYS_0003..PHYS_0005; else all" },
      { name: "overwrite", help: "write results anew that are there" },
      { name: "parameter", short: "p", value: "JSON", help: "options of ocr as a JSON object or a file of one" },
      {
        name: "param-override",
        short: "P",
        value: "KEY VALUE",
        many: true,
        help: "one of them by itself, before those of --parameter; may come again",
      },
      { name: "log-level", short: "l", value: "LEVEL", help: "taken and not used: errors are told, and nothing else" },
      { name: "dump-json", short: "J", help: "say what the processor is, as JSON" },
      { name: "version", short: "V", help: "show the version" },
      help,
    ],
    examples: [
      ["-m mets.xml -I OCR-D-IMG -O OCR-D-OCR", "all pages of a group"],
      [
        "-I OCR-D-IMG -O OCR-D-OCR -g PHYS_0001..PHYS_0009 -P charset digits",
        "nine pages, of which only digits are read",
      ],
    ],
  },
  train: {
    name: "train",
    operands: "PRESET",
    summary:
      "Trains a network: seed, small, medium (characters), line or context (lines of handwriting), page (what is hand and print, and where).",
    options: [
      data,
      { name: "fonts", value: "DIR", help: "folder that `data get fonts` filled, for lines" },
      { name: "cache", value: "DIR", help: "keep crops of printed and drawn pages there, for lines" },
      { name: "pack", value: "FILE", help: "lines: write all that they are learnt from into this file, and stop" },
      { name: "from-pack", value: "FILE", help: "lines: learn from such a file alone" },
      { name: "set", value: "NAME", choices: ["mnist", "digits"], default: "mnist", help: "characters to learn from" },
      { name: "length", value: "N", help: "epochs (characters) or steps (lines)" },
      { name: "peak", value: "RATE", help: "highest learning rate; to go on with --from, less than the preset's" },
      { name: "batch", value: "N", help: "samples a step over all workers" },
      {
        name: "repeats",
        value: "N",
        help: "webgpu: learn from each sample so many times, as a card is faster than their making",
      },
      { name: "seed", value: "N", default: "1", help: "seed of everything random" },
      { name: "jobs", short: "j", value: "N", help: "workers; else one a core" },
      {
        name: "backend",
        value: "NAME",
        choices: ["rust", "native", "cpu", "webgpu"],
        default: "rust",
        help: "tfjs backend",
      },
      { name: "run", value: "DIR", help: "folder of the run; else runs/PRESET-SEED" },
      { name: "resume", help: "go on from the run's checkpoint" },
      {
        name: "from",
        value: "FILE[,FILE]",
        help:
          "start from this model or checkpoint of the same preset, its folder, or the mean of several checkpoints (A,B or by shares A@0.6,B@0.4)",
      },
      {
        name: "folded",
        help:
          "lines: go on from a model file with its norms folded into its filters: statistics of small batches are noise",
      },
      {
        name: "corrections",
        value: "FOLDER",
        help: "lines: teach what reviews saved there, or PAGE files with their pictures, among old material",
      },
      {
        name: "ensemble",
        value: "N",
        help: "characters: train N nets, from seed to seed, whose opinions are averaged",
      },
      {
        name: "teacher",
        value: "FILE",
        help:
          "characters: learn half from this model or ensemble (distillation); lines: keep what this model reads but for words",
      },
      verbose,
      help,
    ],
    examples: [
      ["small --data DIR", "single digits"],
      ["line --data DIR --fonts DIR/fonts --cache CACHE", "lines of handwriting; the first run fills CACHE"],
      ["page --data DIR --fonts DIR/fonts", "what is hand and print on a page, and where it stands"],
      [
        "line --from models/line --corrections reviews/ --data DIR --run mine",
        "what reviews saved, taught to the net that is there",
      ],
    ],
  },
  evaluate: {
    name: "evaluate",
    operands: "pages|cells|strings|lines|codes|words|chars",
    summary:
      "Measures a model on pages, cells of sudokus, strings of digits, lines of held-out writers, random codes, words drawn along strokes, or single characters.",
    options: [
      { name: "manifest", value: "FILE", help: "pages: JSON lines with file and handwritten" },
      { name: "units", value: "FOLDER", help: "pages: where labelled words are and who made them, NAME.json each" },
      { name: "predictions", value: "FILE", help: "pages: score these JSON lines instead of reading the pages" },
      data,
      { name: "fonts", value: "DIR", help: "codes: folder that `data get fonts` filled" },
      { name: "set", value: "NAME", default: "mnist/t10k", help: "chars: folder and part of the set" },
      model,
      {
        name: "charset",
        value: "SET",
        choices: ["digits", "numeric", "text"],
        help: "characters to read; strings unasked: digits and . , - =",
      },
      json,
      { name: "int8", help: "chars: run in integers a model that `export --to int8` prepared" },
      { name: "report", value: "DIR", help: "chars: write an HTML report, tables and pictures there" },
      { name: "per-page", help: "pages: a line for each page" },
      help,
    ],
    examples: [
      ["pages --manifest pages/dev/manifest.jsonl --per-page", "token F1, digit F1 and line CER, page by page"],
      ["lines --data DIR", "lines of writers that no training saw"],
      ["chars --data DIR --set usps/test --report out/", "figures of single characters, and an HTML report"],
    ],
  },
  calibrate: {
    name: "calibrate",
    operands: "",
    summary: "Counts errors on writers that no training saw, and writes what --max-error can promise beside the model.",
    options: [
      data,
      model,
      {
        name: "confidence",
        help: "first fit how sure a line is, and write it into the model if it errs less on writers that are left out",
      },
      {
        name: "manifest",
        value: "FILE",
        help: "pages that nothing was fitted on, to see whether budgets are kept there",
      },
      {
        name: "predictions",
        value: "FILE",
        help: "JSON lines of `ocr -f jsonl` for these pages, instead of reading them",
      },
      { ...output, value: "FILE", help: "file to write; else budgets.json beside the model" },
      help,
    ],
    examples: [
      ["--data DIR --manifest pages/check/manifest.jsonl", "counts errors anew, after a training"],
      ["--confidence --data DIR --model RUN/model.safetensors", "fits how sure a line is before that"],
    ],
  },
  export: {
    name: "export",
    operands: "MODEL",
    summary: "Writes a model as ONNX, prepared to run in integers, or with a second net.",
    options: [
      { name: "to", value: "FORM", choices: ["onnx", "int8", "pair"], default: "onnx", help: "form" },
      {
        name: "second",
        value: "FILE",
        help: "pair: line net that was trained on from this one; three of the five closer looks at letters are its own",
      },
      { name: "output", short: "o", value: "FILE", help: "file to write; else the model's name in this folder" },
      force,
      { ...data, help: "int8: training data to measure activations on; else SCRAWL_DATA" },
      { name: "set", value: "NAME", choices: ["mnist", "digits"], default: "mnist", help: "int8: its characters" },
      help,
    ],
    examples: [
      ["models/digits/model.safetensors --to onnx", "the net for other programs"],
      ["models/line/model.safetensors --to pair --second runs/mine/model.safetensors", "two line nets in one file"],
    ],
  },
  data: {
    name: "data",
    operands: "get SET... | explore SET | show pages",
    summary:
      "Fetches public data sets (mnist, fashion-mnist, letters, pendigits, unipen, dhsd, sudokus, memorials, registers, typed) and fonts (fonts); shows a set of digits as an HTML page, or a sheet of the pages that are trained on.",
    options: [
      { ...data, help: "folder of the sets; else SCRAWL_DATA, else (get) data/downloads" },
      { name: "output", short: "o", value: "FILE", help: "what to write; else SET.html, and pages.png" },
      { name: "fonts", value: "DIR", help: "show: folder that data get fonts filled" },
      { name: "seed", value: "N", default: "1", help: "show: seed of the first page" },
      { name: "count", value: "N", default: "12", help: "show: how many pages" },
      help,
    ],
    examples: [
      ["get mnist fonts", "a set and the fonts, into data/downloads"],
      ["explore mnist --data DIR", "mnist.html: samples, means, near copies, doubtful labels"],
      ["show pages --data DIR --fonts DIR/fonts", "pages.png: pages that are learnt from, beside their labels"],
    ],
  },
  doctor: {
    name: "doctor",
    operands: "",
    summary: "Says what this installation is made of, what it is allowed, and whether the model works.",
    options: [help],
    examples: [
      ["", "versions, rights, the model's probe and the table of budgets"],
    ],
  },
  completions: {
    name: "completions",
    operands: "bash|zsh|fish",
    summary: "Prints completions for a shell.",
    options: [help],
    examples: [
      ["bash > ~/.local/share/bash-completion/completions/scrawl", "for bash, from its next start on"],
      ["fish > ~/.config/fish/completions/scrawl.fish", "for fish"],
    ],
  },
  fuzz: {
    name: "fuzz",
    operands: "",
    summary:
      "Feeds mutated real files to every parser, or drawn pages to the whole reader; findings are kept as files.",
    options: [
      { name: "what", value: "KIND", choices: ["files", "geometry"], default: "files", help: "what is fed" },
      { name: "seconds", value: "N", default: "60", help: "how long" },
      { name: "cases", value: "N", help: "how many at most" },
      { name: "seed", value: "N", default: "1", help: "seed of the mutations" },
      { name: "keep", value: "DIR", default: "runs/fuzz", help: "folder for what was found" },
      help,
    ],
    examples: [
      ["--seconds 600 --seed 7", "ten minutes of mutated files"],
      ["--what geometry --cases 60", "sixty drawn pages"],
    ],
  },
  bench: {
    name: "bench",
    operands: "[inference|pages|a4|cores|memory|start|training|decode|teach|long|gpu]",
    summary: "Measures speed against others in the same run.",
    options: [data, json, help],
    examples: [
      ["inference pages training start", "against onnxruntime-web and tfjs's own backends"],
      ["teach --data DIR", "200 lines of a writer that no training saw: errors before and after"],
    ],
  },
};

export type Values = Record<string, string | boolean | string[] | undefined>;

/** What was most likely meant by a name that is not there. */
export function nearest(name: string, known: string[]): string | undefined {
  const best = closestString(name, known);
  return levenshteinDistance(name, best) <= Math.max(2, name.length / 3) ? best : undefined;
}

/** Parses the arguments of a command. @throws ScrawlError with a suggestion where an option is unknown. */
export function parse(command: Command, args: string[]): { values: Values; operands: string[] } {
  const known = command.options;
  for (const arg of args.slice(0, args.includes("--") ? args.indexOf("--") : undefined)) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name && !known.some((o) => o.name === name)) {
      const near = nearest(name, known.map((o) => o.name));
      const hint = near === undefined ? "" : `; did you mean --${near}?`;
      throw new ScrawlError("arguments", `there is no option --${name}${hint} (see ${command.name} --help)`);
    }
  }
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(
        known.map((
          o,
        ) => [o.name, {
          type: o.value ? "string" as const : "boolean" as const,
          multiple: !!o.many,
          ...(o.short && { short: o.short }),
        }]),
      ),
    });
  } catch (e) {
    throw new ScrawlError("arguments", `${(e as Error).message.split(/\.?\n|\. /)[0]} (see ${command.name} --help)`);
  }
  const values: Values = { ...parsed.values } as Values;
  for (const o of known) {
    values[o.name] ??= o.many && o.default !== undefined ? [o.default] : o.default;
    const v = values[o.name];
    for (const one of Array.isArray(v) ? v : [v]) {
      if (o.choices && typeof one === "string" && !o.choices.includes(one)) {
        throw new ScrawlError("arguments", `--${o.name} ${one}: choose one of ${o.choices.join(", ")}`);
      }
    }
  }
  return { values, operands: parsed.positionals };
}

/** A positive whole number of an option. */
export function count(values: Values, name: string): number | undefined {
  const v = values[name];
  if (v === undefined) return undefined;
  const n = Number(v);
  if (!Number.isInteger(n) || n < 1) {
    throw new ScrawlError("arguments", `--${name} ${v}: a whole number above 0 is wanted`);
  }
  return n;
}

/** A share 0..1 of an option. */
export function share(values: Values, name: string): number | undefined {
  const v = values[name];
  if (v === undefined) return undefined;
  const n = Number(v);
  if (v === "" || !(n >= 0 && n <= 1)) {
    throw new ScrawlError("arguments", `--${name} ${v}: a number from 0 to 1 is wanted`);
  }
  return n;
}

/** @param program what the user types before the command. */
export function usage(command: Command, program = "deno task"): string {
  const rows = command.options.map((o) => {
    const flags = `${o.short ? `-${o.short}, ` : "    "}--${o.name}${o.value ? ` ${o.value}` : ""}`;
    const extra = [o.choices?.join("|"), o.default && `default ${o.default}`].filter(Boolean).join("; ");
    return `  ${flags.padEnd(26)}${o.help}${extra ? ` (${extra})` : ""}`;
  });
  const lines = (command.examples ?? []).map(([args, what]) => `  ${program} ${command.name} ${args}\n      ${what}`);
  const examples = lines.length > 0 ? `\nExamples:\n${lines.join("\n")}\n` : "";
  return `Usage: ${program} ${command.name} [OPTIONS] ${command.operands}\n\n${command.summary}\n\n${
    rows.join("\n")
  }\n${examples}`;
}
