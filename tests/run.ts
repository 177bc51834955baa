/**
 * `deno task test [NAME...] [--quick]`: Deno's tests (over the committed WASM) and, where cargo is at hand, Rust's own, as they go.
 * A name is that of a file in tests (`formats` for `formats_test.ts`) or of a crate (`net`); `--quick` leaves out what starts programs
 * or trains. Ends with a line `N passed, N failed, N skipped`.
 */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
/** What needs no other program and takes a few seconds in all. */
const QUICK = ["evaluate", "int8", "layers", "models", "readers", "readme"];

const names = (folder: string) => [...Deno.readDirSync(join(ROOT, folder))].map((e) => e.name).sort();
const files = names("tests").filter((n) => n.endsWith("_test.ts")).map((n) => n.replace("_test.ts", ""));
const crates = names("crates");
const quick = Deno.args.includes("--quick");
const asked = Deno.args.filter((a) => a !== "--quick");
for (const name of asked.filter((a) => !files.includes(a) && !crates.includes(a))) {
  console.error(`there are no tests ${name}: choose of ${files.join(", ")}, or of the crates ${crates.join(", ")}`);
  Deno.exit(1);
}
const wantedFiles = asked.length > 0 ? files.filter((f) => asked.includes(f)) : quick ? QUICK : files;
const wantedCrates = asked.length > 0 ? crates.filter((c) => asked.includes(c)) : quick ? [] : crates;

/** Property tests of the crates try the same cases in every run; `PROPTEST_RNG_SEED=2 deno task test net` tries others. */
const env = { PROPTEST_RNG_SEED: Deno.env.get("PROPTEST_RNG_SEED") ?? "1" };

/** Runs a program and shows what it says as it says it. @returns `undefined` where it is not installed. */
async function run(command: string, args: string[]): Promise<{ code: number; text: string } | undefined> {
  let child;
  try {
    child = new Deno.Command(command, { args, env, cwd: ROOT, stdout: "piped", stderr: "piped" }).spawn();
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return undefined;
    throw e;
  }
  const parts: string[] = [];
  const show = async (from: ReadableStream<Uint8Array>, to: typeof Deno.stdout) => {
    for await (const bytes of from) {
      parts.push(new TextDecoder().decode(bytes));
      for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
    }
  };
  const [{ code }] = await Promise.all([
    child.status,
    show(child.stdout, Deno.stdout),
    show(child.stderr, Deno.stderr),
  ]);
  return { code, text: parts.join("") };
}

let [passed, failed, skipped] = [0, 0, 0];
// deno-lint-ignore no-control-regex
const plain = (s: string) => s.replace(/\x1b\[[0-9;]*m/g, "");

/** What looks at the memory of its process, which the tests before it would have filled. */
const ALONE = ["limits"];

for (const group of [wantedFiles.filter((f) => !ALONE.includes(f)), wantedFiles.filter((f) => ALONE.includes(f))]) {
  if (group.length === 0) continue;
  console.log(`Deno's tests: ${group.join(", ")}`);
  const deno = (await run(Deno.execPath(), ["test", "-A", "--quiet", ...group.map((f) => `tests/${f}_test.ts`)]))!;
  const summary = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/.exec(
    plain(deno.text),
  );
  const counts = summary?.slice(1).map((n) => Number(n ?? 0)) ?? [0, 0, 0];
  [passed, failed, skipped] = [passed + counts[0], failed + counts[1], skipped + counts[2]];
  if (deno.code !== 0 && counts[1] === 0) failed++;
}

if (wantedCrates.length > 0) {
  console.log(`Rust's own tests: ${wantedCrates.join(", ")}; the first time cargo builds them, which takes minutes`);
  const packages = wantedCrates.flatMap((c) => ["--package", c]);
  const cargo = await run(Deno.env.get("CARGO") ?? "cargo", ["test", ...packages, "--release", "--quiet"]);
  if (cargo) {
    for (const m of cargo.text.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed/g)) {
      passed += Number(m[1]);
      failed += Number(m[2]);
    }
    if (cargo.code !== 0 && failed === 0) failed++;
  } else {
    console.log("they are skipped: cargo is not installed (users of scrawl do not need it)");
    skipped++;
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(failed > 0 ? 1 : 0);
