/** The command line: `cli.ts COMMAND ...`. Results go to stdout, everything else to stderr. */
import { EXIT, type ScrawlError, toScrawlError } from "./errors.ts";
import { COMMANDS, parse, usage } from "./options.ts";

/** Runs a command and returns its exit code. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  const command = COMMANDS[name];
  if (!command) {
    const list = Object.values(COMMANDS).map((c) => `  ${c.name.padEnd(10)}${c.summary}\n`).join("");
    console.error(`scrawl reads handwriting. Commands:\n${list}`);
    return name === undefined || name === "--help" ? EXIT.ok : EXIT.arguments;
  }
  try {
    const { values, operands } = parse(command, rest);
    if (values.help) {
      console.log(usage(command).trimEnd());
      return EXIT.ok;
    }
    switch (name) {
      case "ocr":
        return await (await import("./cli/ocr.ts")).ocr(values, operands);
      case "train":
        return await (await import("./cli/train.ts")).trainCommand(values, operands);
      case "evaluate":
        return await (await import("./cli/evaluate.ts")).evaluate(values, operands);
      case "doctor":
        return await (await import("./cli/doctor.ts")).doctor();
      case "completions":
        await Deno.stdout.write(
          new TextEncoder().encode((await import("./cli/completions.ts")).completions(operands[0])),
        );
        return EXIT.ok;
      default:
        return await (await import("./cli/bench.ts")).bench(values, operands);
    }
  } catch (e) {
    const error: ScrawlError = toScrawlError(e);
    console.error(`scrawl ${name}: ${error.message}`);
    if (Deno.args.includes("-v") && e instanceof Error) console.error(e.stack);
    return EXIT[error.code];
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
