/**
 * `deno task compile [TARGET...]`: one binary with the WASM, the model and the PDF engine inside, least permissions baked in. Without a
 * target it is for this machine, as dist/scrawl; else dist/scrawl-TARGET for each of `deno compile`'s targets, or for all of them (`all`).
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
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
  "src/wasm/ocr/ocr.relaxed.bin",
  "src/wasm/ocr/ocr.simd.bin",
  "src/cli/reading_worker.ts",
];

/** Packages that reading imports. All packages of a configuration are embedded, used or not: the binary gets one of its own. */
const PACKAGES = ["canvaskit-wasm", "imagescript", "pdf-lib", "pdfjs-dist"];
const CONFIG = join(ROOT, "dist", "deno.json");

async function configure(): Promise<void> {
  const { imports, compilerOptions } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const kept = Object.fromEntries(PACKAGES.map((name) => [name, imports[name]]));
  await Deno.mkdir(join(ROOT, "dist"), { recursive: true });
  await Deno.writeTextFile(CONFIG, JSON.stringify({ imports: kept, compilerOptions }, null, 2) + "\n");
  await Deno.copyFile(join(ROOT, "deno.lock"), join(ROOT, "dist", "deno.lock"));
}

async function compile(target: string | undefined): Promise<void> {
  const output = target ? `dist/scrawl-${target}` : "dist/scrawl";
  const args = [
    "compile",
    "--no-prompt",
    "--quiet",
    // A small nursery: garbage of a page is gone before the next ones.
    "--v8-flags=--max-semi-space-size=1",
    "--config",
    CONFIG,
    "--allow-read",
    "--allow-write",
    ...INCLUDED.flatMap((path) => ["--include", path]),
    ...(target ? ["--target", target] : []),
    "--output",
    output,
    "src/binary.ts",
  ];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "inherit", stderr: "inherit" })
    .output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  const { size } = await Deno.stat(join(ROOT, output)).catch(() => Deno.stat(join(ROOT, `${output}.exe`)));
  console.log(`${output}: ${(size / 1e6).toFixed(0)} MB`);
}

const wanted = Deno.args.includes("all") ? TARGETS : Deno.args;
const unknown = wanted.filter((t) => !TARGETS.includes(t));
if (unknown.length) throw new Error(`unknown target ${unknown.join(", ")}; known: ${TARGETS.join(", ")}, all`);
await configure();
for (const target of wanted.length ? wanted : [undefined]) await compile(target);
