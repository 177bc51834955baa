/**
 * `deno task npm`: the npm package `scrawl` in dist/npm, for Node users: the reading half as JavaScript with WASM, models and PDF engine, and
 * a starter that hands it to Deno, which comes as a dependency, with the rights that reading needs and no others.
 */
import { dirname } from "@std/path/dirname";
import { format } from "@std/fmt/bytes";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { budgets, configure } from "./packages.ts";
import config from "../../deno.json" with { type: "json" };

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const TO = join(ROOT, "dist", "npm");
/** The version that the checks run with. */
const DENO = "2.9.6";
const FILES = [
  ...["relaxed", "simd"].map((b) => `src/wasm/ocr/ocr.${b}.bin`),
  ...["line/model", "line/probe", "digits/model", "page/model"].map((m) => `models/${m}.safetensors`),
  "README.md",
  "LICENSE",
];
/** What is loaded when it is needed, from files of its own. */
const EXTERNAL = ["@jsquash/avif/*", "canvaskit-wasm/*", "imagescript/*", "pdf-lib", "pdfjs-dist/*", "node:*"];

const STARTER = `#!/usr/bin/env node
// Starts scrawl under Deno, with read and write access and nothing else.
"use strict";
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join, dirname } = require("node:path");
const deno = dirname(require.resolve("deno/package.json"));
const program = join(deno, process.platform === "win32" ? "deno.exe" : "deno");
// Where the package's own installation did not run, its starter finds the program.
const [command, first] = existsSync(program) ? [program, []] : [process.execPath, [join(deno, "bin.cjs")]];
const rights = ["--allow-read", "--allow-write", "--unstable-worker-options"];
const args = ["run", "--quiet", "--no-prompt", "--no-lock", "--v8-flags=--max-semi-space-size=1", ...rights];
const child = spawn(command, [...first, ...args, "--config", join(__dirname, "deno.json"), join(__dirname, "src/engine/scrawl.js"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
// Ctrl-C reaches both; the child says how it ends.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
child.on("error", (e) => {
  console.error("scrawl: Deno cannot be started: " + e.message);
  process.exitCode = 15;
});
child.on("exit", (code, signal) => (process.exitCode = code ?? (signal === "SIGINT" ? 130 : 15)));
`;

async function bundle(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "-o", join(TO, to), ...EXTERNAL.map((e) => `--external=${e}`), from],
    cwd: ROOT,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${from} could not be bundled`);
}

await Deno.remove(TO, { recursive: true }).catch(() => {});
await Deno.mkdir(TO, { recursive: true });
await configure(TO);
await Deno.remove(join(TO, "std"), { recursive: true });
// Beside each other where the sources have them two folders deep, so that addresses relative to a module stay true.
await bundle("src/binary.ts", "src/engine/scrawl.js");
await bundle("src/cli/reading_worker.ts", "src/engine/reading_worker.js");
const program = join(TO, "src/engine/scrawl.js");
const text = await Deno.readTextFile(program);
if (!text.includes("./reading_worker.ts")) throw new Error("the program starts no reading worker");
await Deno.writeTextFile(program, text.replaceAll("./reading_worker.ts", "./reading_worker.js"));
for (const file of [...FILES, ...await budgets()]) {
  await Deno.mkdir(dirname(join(TO, file)), { recursive: true });
  await Deno.copyFile(join(ROOT, file), join(TO, file));
}
// `std` is part of the bundles.
const { imports } = JSON.parse(await Deno.readTextFile(join(TO, "deno.json")));
const kept = Object.fromEntries(Object.entries(imports).filter(([name]) => !name.startsWith("@std/")));
await Deno.writeTextFile(
  join(TO, "deno.json"),
  JSON.stringify({ imports: kept, nodeModulesDir: "none" }, null, 2) + "\n",
);
await Deno.writeTextFile(join(TO, "scrawl.cjs"), STARTER);
await Deno.chmod(join(TO, "scrawl.cjs"), 0o755);
const { manPage } = await import("../cli/man.ts");
const { READING } = await import("../cli/main.ts");
await Deno.writeTextFile(join(TO, "scrawl.1"), manPage(Object.keys(READING)));
await Deno.writeTextFile(
  join(TO, "package.json"),
  JSON.stringify(
    {
      name: "scrawl",
      version: config.version,
      description: "Reads handwriting from pictures and PDF files, on your own machine",
      license: config.license,
      keywords: ["handwriting", "ocr", "htr", "digits", "pdf"],
      bin: { scrawl: "scrawl.cjs" },
      man: "scrawl.1",
      dependencies: { deno: DENO },
      engines: { node: ">=18" },
    },
    null,
    2,
  ) + "\n",
);

/** Bytes of all files in a folder. */
async function size(folder: string): Promise<number> {
  let sum = 0;
  for await (const e of Deno.readDir(folder)) {
    const path = join(folder, e.name);
    sum += e.isDirectory ? await size(path) : (await Deno.stat(path)).size;
  }
  return sum;
}
console.log(`dist/npm: ${format(await size(TO))}, and Deno beside it`);
