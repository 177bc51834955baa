/**
 * `deno task browser`: the library for browsers in dist/browser, to be served as it is: `src/engine/scrawl.js`, and beside it the WASM and
 * the models where the code looks for them, and pdf.js, which is loaded where a PDF comes.
 */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { packageFiles } from "./packages.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const TO = join(ROOT, "dist", "browser");
const FILES = [
  "src/wasm/ocr/ocr.js",
  ...["relaxed", "simd"].map((b) => `src/wasm/ocr/ocr.${b}.bin`),
  ...["line", "digits", "page"].map((m) => `models/${m}/model.safetensors`),
];
/** What is there only where there are files; a browser draws by itself, and loads pdf.js from beside. */
const EXTERNAL = ["@jsquash/avif/*", "canvaskit-wasm/*", "pdfjs-dist/*", "node:*"];

const { success } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["bundle", "--quiet", "--platform=browser", "--minify", "-o", join(TO, "src/engine/scrawl.js")],
    ...EXTERNAL.map((e) => `--external=${e}`),
    "src/mod.ts",
  ],
  cwd: ROOT,
  stdout: "inherit",
  stderr: "inherit",
}).output();
if (!success) Deno.exit(1);
for (const file of FILES) {
  await Deno.mkdir(dirname(join(TO, file)), { recursive: true });
  await Deno.copyFile(join(ROOT, file), join(TO, file));
}
for await (const file of packageFiles("pdfjs-dist")) {
  const to = join(TO, "pdfjs-dist", file.name);
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(file.path, to);
}
console.log("dist/browser is built");
