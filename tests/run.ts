/**
 * `deno task test`: Deno's tests (over the committed WASM) and, where cargo is at hand, Rust's own.
 * Ends with a line `N passed, N failed, N skipped`.
 */
import { fromFileUrl } from "@std/path/from-file-url";

const root = fromFileUrl(new URL("../", import.meta.url));

async function run(command: string, args: string[]): Promise<{ code: number; text: string } | undefined> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args,
      cwd: root,
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    console.log(text);
    return { code, text };
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return undefined;
    throw e;
  }
}

let [passed, failed, skipped] = [0, 0, 0];
// deno-lint-ignore no-control-regex
const plain = (s: string) => s.replace(/\x1b\[[0-9;]*m/g, "");

const deno = (await run(Deno.execPath(), ["test", "-A", "--unstable-webgpu", "--quiet", "tests/", "src/"]))!;
const summary = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/.exec(
  plain(deno.text),
);
if (summary) [passed, failed, skipped] = [Number(summary[1]), Number(summary[2]), Number(summary[3] ?? 0)];
if (deno.code !== 0 && failed === 0) failed++;

const cargo = await run(Deno.env.get("CARGO") ?? "cargo", ["test", "--workspace", "--release", "--quiet"]);
if (cargo) {
  for (const m of cargo.text.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed/g)) {
    passed += Number(m[1]);
    failed += Number(m[2]);
  }
  if (cargo.code !== 0 && failed === 0) failed++;
} else {
  console.log("Rust's own tests are skipped: cargo is not installed (users of scrawl do not need it)");
  skipped++;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(failed > 0 ? 1 : 0);
