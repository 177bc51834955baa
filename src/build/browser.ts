/**
 * `deno task browser`: the library for browsers in dist/browser, to be served as it is: `src/engine/scrawl.js`, and beside it the WASM and
 * the models where the code looks for them.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TO = join(ROOT, "dist", "browser");
const FILES = [
  ...["relaxed", "simd"].map((b) => `src/wasm/ocr/ocr.${b}.bin`),
  ...["line", "digits"].map((m) => `models/${m}/model.safetensors`),
];
/** What only PDFs need: in a browser they are refused before these are asked for. */
const EXTERNAL = ["canvaskit-wasm/full", "pdfjs-dist/*"];

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
console.log("dist/browser is built");
