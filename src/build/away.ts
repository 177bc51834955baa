/**
 * `deno task away [FILE OR FOLDER...]`: dist/away, all that a machine with a card and without a network needs to train: Deno, the
 * trainer with its packages in a file a thread, the tests of its programs, Vulkan's loader, and the files named. There
 * `run.sh check bench train` does the rest; it says what it found, and what is missing.
 */
import { format } from "@std/fmt/bytes";
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const TO = join(ROOT, "dist", "away");

/** Entry points, where code looks for them as workers: what they read lies beside them as in the checkout. */
const BUNDLES: Record<string, string> = {
  "src/bench/away.ts": "src/train/main.js",
  "src/train/worker.ts": "src/train/worker.ts",
  "src/train/sample_worker.ts": "src/train/sample_worker.ts",
  "tests/webgpu_test.ts": "src/tests/webgpu_test.js",
  "tests/webgpu_train_test.ts": "src/tests/webgpu_train_test.js",
};
const FILES = ["train.relaxed.bin", "train.simd.bin"].map((f) => `src/wasm/train/${f}`);
/** Before each bundle: packages of CommonJS in it ask for modules of Node, which the bundler does not always see to. */
const REQUIRE =
  'import { createRequire as $require } from "node:module"; globalThis.require ??= $require(import.meta.url);\n';
/** What is found by name when a run draws its curves. */
const NAMED = {
  "@resvg/resvg-wasm/index_bg.wasm": "named/resvg.bin",
  "pdfjs-dist/standard_fonts/LiberationSans-Regular.ttf": "named/sans.ttf",
};
/** Where Linux keeps the loader; other systems bring theirs. */
const LOADERS = [
  "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
  "/usr/lib/aarch64-linux-gnu/libvulkan.so.1",
  "/usr/lib64/libvulkan.so.1",
];

async function run(command: string, args: string[], stdout?: Deno.FsFile): Promise<void> {
  const child = new Deno.Command(command, { args, cwd: ROOT, stdout: stdout ? "piped" : "inherit", stderr: "inherit" })
    .spawn();
  if (stdout) await child.stdout.pipeTo(stdout.writable);
  if (!(await child.status).success) throw new Error(`${command} ${args.join(" ")} failed`);
}

async function put(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(join(TO, to)), { recursive: true });
  await Deno.copyFile(from, join(TO, to));
}

async function putAll(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await put(from, to);
  for await (const { name } of Deno.readDir(from)) await putAll(join(from, name), join(to, name));
}

async function size(path: string): Promise<number> {
  const { isFile, size: bytes } = await Deno.stat(path);
  if (isFile) return bytes;
  let sum = 0;
  for await (const { name } of Deno.readDir(path)) sum += await size(join(path, name));
  return sum;
}

await Deno.remove(TO, { recursive: true }).catch(() => {});
for (const [from, to] of Object.entries(BUNDLES)) {
  await run(Deno.execPath(), ["bundle", "--quiet", "--platform=deno", "--minify", "-o", join(TO, to), from]);
  const text = await Deno.readTextFile(join(TO, to));
  await Deno.writeTextFile(join(TO, to), REQUIRE + text);
}
for (const file of FILES) await put(join(ROOT, file), file);
for (const [name, to] of Object.entries(NAMED)) await put(fromFileUrl(import.meta.resolve(name)), to);
const imports = Object.fromEntries(Object.entries(NAMED).map(([name, to]) => [name, `./${to}`]));
await Deno.writeTextFile(join(TO, "deno.json"), JSON.stringify({ imports }, null, 2) + "\n");
for (const loader of LOADERS) {
  if (await Deno.stat(loader).then(() => true, () => false)) {
    await put(await Deno.realPath(loader), "lib/libvulkan.so.1");
  }
}
// The bundles have much in common: packed together they are a sixth.
const parts = [...Deno.readDirSync(TO)].map((e) => e.name);
await run("tar", ["-cJf", join(TO, "trainer.tar.xz"), "-C", TO, ...parts]);
for (const part of parts) await Deno.remove(join(TO, part), { recursive: true });
await put(fromFileUrl(new URL("./away.sh", import.meta.url)), "run.sh");
await Deno.chmod(join(TO, "run.sh"), 0o755);
// Packing takes a minute or more: it is done once a version.
const packed = join(ROOT, "dist", `deno-${Deno.version.deno}.xz`);
if (!await Deno.stat(packed).then(() => true, () => false)) {
  await run("xz", ["--stdout", Deno.execPath()], await Deno.create(`${packed}.part`));
  await Deno.rename(`${packed}.part`, packed);
}
await put(packed, "deno.xz");
for (const path of Deno.args) await putAll(path, basename(path));
console.log(`dist/away: ${format(await size(TO))}`);
