/**
 * `deno task compile [TARGET...]`: one binary with the WASM, the model and the PDF engine inside, least permissions baked in. Without a
 * target it is for this machine, as dist/scrawl; else dist/scrawl-TARGET for each of `deno compile`'s targets, or for all of them (`all`).
 */
import { format } from "@std/fmt/bytes";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { budgets, configure } from "./packages.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** What is read as files at run time or started as a worker, and so must be named; modules are found by their imports. */
const INCLUDED = [
  "models/line/model.safetensors",
  "models/line/probe.safetensors",
  "models/digits/model.safetensors",
  "models/page/model.safetensors",
  "src/wasm/ocr/ocr.relaxed.bin",
  "src/wasm/ocr/ocr.simd.bin",
  "src/cli/reading_worker.ts",
  "dist/packages",
];

const DIST = join(ROOT, "dist");
const CONFIG = join(DIST, "deno.json");

async function compile(target: string | undefined): Promise<void> {
  const output = target ? `dist/scrawl-${target}` : "dist/scrawl";
  const args = [
    "compile",
    "--no-prompt",
    "--quiet",
    // Checked by `deno task check` with the packages' types.
    "--no-check",
    // A small nursery: garbage of a page is gone before the next ones.
    "--v8-flags=--max-semi-space-size=1",
    "--config",
    CONFIG,
    "--allow-read",
    "--allow-write",
    "--unstable-worker-options",
    ...[...INCLUDED, ...await budgets()].flatMap((path) => ["--include", path]),
    ...(target ? ["--target", target] : []),
    "--output",
    output,
    "src/binary.ts",
  ];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "inherit", stderr: "inherit" })
    .output();
  if (!success) {
    console.error(
      `deno compile failed. If it could not fetch its runtime: that is the file denort of Deno ${Deno.version.deno} for ${
        target ?? Deno.build.target
      }; where there is no network, bring it and name it: DENORT_BIN=/path/to/denort deno task compile`,
    );
    Deno.exit(1);
  }
  const { size } = await Deno.stat(join(ROOT, output)).catch(() => Deno.stat(join(ROOT, `${output}.exe`)));
  console.log(`${output}: ${format(size)}`);
}

const wanted = Deno.args.includes("all") ? TARGETS : Deno.args;
const unknown = wanted.filter((t) => !TARGETS.includes(t));
if (unknown.length) throw new Error(`unknown target ${unknown.join(", ")}; known: ${TARGETS.join(", ")}, all`);
await configure(DIST);
for (const target of wanted.length ? wanted : [undefined]) await compile(target);
