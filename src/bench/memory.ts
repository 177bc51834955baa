/** Peak memory of `ocr` on scanned PDFs of 3 and of 300 pages, as Linux counts it (VmHWM). */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { PDFDocument } from "pdf-lib";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const PICTURE = fromFileUrl(new URL("../../tests/pages/digits.png", import.meta.url));

/** A page embeds the picture anew, as scanners do. */
async function scan(pages: number): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const bytes = await Deno.readFile(PICTURE);
  for (let i = 0; i < pages; i++) {
    const image = await pdf.embedPng(bytes);
    pdf.addPage([image.width, image.height]).drawImage(image);
  }
  return await pdf.save();
}

async function peak(file: string): Promise<number> {
  // A process's own peak is gone with it: it is asked for while it runs.
  const watch =
    '"$@" >/dev/null & while kill -0 $! 2>/dev/null; do grep VmHWM /proc/$!/status 2>/dev/null; sleep 0.05; done; wait $!';
  // As the task `ocr` runs: a small nursery, or the garbage of each page is kept until the heap is full.
  const flags = ["--quiet", "--no-prompt", "--v8-flags=--max-semi-space-size=1", "--allow-read", "--allow-write"];
  const args = ["run", ...flags, CLI, "ocr", "-q", file];
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", watch, "sh", Deno.execPath(), ...args],
    stdout: "piped",
  })
    .output();
  if (!success) throw new Error(`ocr of ${file} failed`);
  const seen = [...new TextDecoder().decode(stdout).matchAll(/VmHWM:\s+(\d+) kB/g)].map((m) => Number(m[1]));
  return Math.max(...seen) / 1024;
}

export async function benchMemory() {
  if (Deno.build.os !== "linux") return { skipped: "peak memory is read from /proc, which is Linux's" };
  const folder = await Deno.makeTempDir();
  try {
    const [few, many] = [join(folder, "few.pdf"), join(folder, "many.pdf")];
    await Deno.writeFile(few, await scan(3));
    await Deno.writeFile(many, await scan(300));
    const [small, large] = [await peak(few), await peak(many)];
    return {
      pages_3_mb: Math.round(small),
      pages_300_mb: Math.round(large),
      ratio: Number((large / small).toFixed(2)),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
