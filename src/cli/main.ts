/** Finds the command, parses its options, runs it. Results go to stdout, everything else to stderr. */
import { EXIT, type ScrawlError, toScrawlError } from "../errors.ts";
import { say } from "./say.ts";
import { COMMANDS, nearest, parse, usage, type Values } from "../options.ts";

/** Runs a command with its parsed options; returns the exit code. */
export type Runner = (values: Values, operands: string[], commands: string[]) => number | Promise<number>;

/** What every form of scrawl can do: the reading half, loaded when it is asked for. */
export const READING: Record<string, Runner> = {
  ocr: async (values, operands) => (await import("./ocr.ts")).ocr(values, operands),
  review: async (values, operands) => (await import("./review.ts")).review(values, operands),
  merge: async (values, operands) => (await import("./merge.ts")).merge(values, operands),
  plan: async (values, operands) => (await import("./plan.ts")).plan(values, operands),
  apply: async (values, operands) => (await import("./apply.ts")).apply(values, operands),
  template: async (values, operands) => (await import("./template.ts")).template(values, operands),
  doctor: async () => (await import("./doctor.ts")).doctor(),
  completions: async (_, [shell], commands) => {
    const { completions } = await import("./completions.ts");
    await Deno.stdout.write(new TextEncoder().encode(completions(shell, commands)));
    return EXIT.ok;
  },
};

/**
 * Runs the command that the arguments name and returns its exit code.
 * @param program what the user types before a command.
 * @param elsewhere commands that this program has not, and that say where they are: no list names them.
 */
export async function main(
  args: string[],
  runners: Record<string, Runner>,
  program: string,
  elsewhere: Record<string, Runner> = {},
): Promise<number> {
  // Files or options alone are to be read: `scrawl scan.pdf`.
  const reads = /[./\\*]|^-(?!h$|-help$)/.test(args[0] ?? "");
  const [name, ...rest] = reads ? ["ocr", ...args] : args;
  const run = [runners, elsewhere].find((r) => Object.hasOwn(r, name ?? ""))?.[name];
  if (!run) {
    const asks = name === undefined || name === "--help" || name === "-h";
    if (!asks) {
      const near = nearest(name, Object.keys(runners));
      say(`scrawl: there is no command ${name}${near === undefined ? "" : `; did you mean ${near}?`}`);
    }
    const list = Object.keys(runners).map((n) => `  ${n.padEnd(13)}${COMMANDS[n].summary}\n`).join("");
    console.error(`scrawl reads handwriting. Commands of ${program}:\n${list}`);
    return asks ? EXIT.ok : EXIT.arguments;
  }
  const command = COMMANDS[name];
  try {
    const { values, operands } = parse(command, rest);
    if (values.help) {
      console.log(usage(command, program).trimEnd());
      return EXIT.ok;
    }
    return await run(values, operands, Object.keys(runners));
  } catch (e) {
    // Whoever read our output has enough of it, like `head`.
    if (e instanceof Deno.errors.BrokenPipe) return EXIT.ok;
    const error: ScrawlError = toScrawlError(e);
    say(`scrawl ${name}: ${error.message}`);
    if (rest.includes("-v") && e instanceof Error) console.error(e.stack);
    return error.code === "arguments" && forEngines(rest) ? ARGUMENTS_OF_ENGINES : EXIT[error.code];
  }
}

/** What engines take for a command that will never work, however often it is tried. */
const ARGUMENTS_OF_ENGINES = 2;

/** Whether an engine runs this, for which errors of inputs are records. */
const forEngines = (args: string[]) => args.some((a) => /^--(lines|manifest|shard)(=|$)/.test(a));
