/** Bundles for browsers, and the files that stand beside them. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { budgets, packageFiles } from "./packages.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
/** Where the code looks for them. */
const FILES = [
  "src/wasm/ocr/ocr.js",
  ...["relaxed", "simd"].map((b) => `src/wasm/ocr/ocr.${b}.bin`),
  ...["line", "digits", "page"].map((m) => `models/${m}/model.safetensors`),
];
/** What is there only where there are files; a browser draws by itself, and loads pdf.js from beside. */
const EXTERNAL = ["@jsquash/avif/*", "canvaskit-wasm/*", "pdfjs-dist/*", "imagescript/*", "node:*"];

/** Bundles a module. @throws Error where it cannot be. */
export async function bundle(from: string, to: string, minify = true): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform=browser", ...(minify ? ["--minify"] : []), "-o", to],
      ...EXTERNAL.map((e) => `--external=${e}`),
      from,
    ],
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${from} cannot be bundled: ${new TextDecoder().decode(stderr)}`);
}

/** Copies WASM, models and pdf.js. */
export async function copyFiles(folder: string): Promise<void> {
  const copy = async (from: string, to: string) => {
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.copyFile(from, to);
  };
  for (const file of [...FILES, ...await budgets()]) await copy(join(ROOT, file), join(folder, file));
  for await (const file of packageFiles("pdfjs-dist")) await copy(file.path, join(folder, "pdfjs-dist", file.name));
}
