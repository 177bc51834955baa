/** Running the command line in tests, with the permissions of its task. */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";

export const ROOT = fromFileUrl(new URL("../", import.meta.url));
export const PAGES = join(ROOT, "tests", "pages");
export const TASK = ["--allow-read", "--allow-write"];

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What a program says; `undefined` where it is not installed. */
export async function run(command: string, args: string[]): Promise<Outcome | undefined> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, { args, stdout: "piped", stderr: "piped" })
      .output();
    return { code, out: text(stdout), err: text(stderr) };
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return undefined;
    throw e;
  }
}

/** Runs a program of `src/` with the permissions of `ocr`. */
export const program = async (file: string, args: string[]): Promise<Outcome> =>
  (await run(Deno.execPath(), ["run", "--quiet", "--no-prompt", ...TASK, join(ROOT, "src", file), ...args]))!;

/** Runs a command of the command line that has the permissions of `ocr`. */
export const cli = (...args: string[]) => program("cli.ts", args);

/** Whether a program is installed. */
export const has = async (command: string, ask = "--version") => await run(command, [ask]) !== undefined;

export const command = (
  args: string[],
  permissions = TASK,
) => ["run", "--quiet", "--no-prompt", ...permissions, join(ROOT, "src/cli.ts"), "ocr", ...args];

/** Runs `ocr`. */
export async function ocr(args: string[], o: { permissions?: string[]; stdin?: Uint8Array } = {}): Promise<Outcome> {
  const child = start(args, o.permissions);
  const writer = child.stdin.getWriter();
  if (o.stdin) await writer.write(o.stdin).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  return { code, out: text(stdout), err: text(stderr) };
}

/** Starts `ocr`. */
export const start = (args: string[], permissions?: string[]) =>
  new Deno.Command(Deno.execPath(), {
    args: command(args, permissions),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

/** Waits until something is so. @throws Error after two minutes, that says what was waited for. */
export async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 2400; i++) {
    if (is()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not so after two minutes`);
}

/** Runs `test` with a folder of its own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await new Deno.Command("rm", { args: ["-rf", folder] }).output();
  }
}
