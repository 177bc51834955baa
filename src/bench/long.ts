/**
 * A long run in one process: memory, open files and speed by the twentieth of it. Pages are small, so that many can be read; what is kept of a
 * page, wrongly, is kept of small ones as well.
 */
import { fromFileUrl } from "@std/path/from-file-url";
import { readAll } from "../cli/pool.ts";
import { encodePng } from "../format/png.ts";
import { DEFAULTS } from "../mod.ts";

const PAGES = 20_000;
const PARTS = 20;
/** Different pages, read in turn. */
const KINDS = 20;
const PICTURE = fromFileUrl(new URL("../../tests/pages/digits.png", import.meta.url));
/** A row of digits within it, left, top, width and height. */
const [LEFT, TOP, WIDTH, HEIGHT] = [50, 55, 220, 75];

/** Files that this process has open, where the system says so (Linux). */
const openFiles = () => {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return null;
  }
};

/** Cuts from a page of digits, moved a little from one to the next. */
async function smallPages(folder: string): Promise<string[]> {
  const { decodePages } = await import("../decode/mod.ts");
  const files: string[] = [];
  for await (const { picture } of decodePages(await Deno.readFile(PICTURE), DEFAULTS)) {
    const gray = picture.gray();
    for (let kind = 0; kind < KINDS; kind++) {
      const cut = new Uint8Array(WIDTH * HEIGHT);
      for (let y = 0; y < HEIGHT; y++) {
        const from = (TOP + y) * picture.width + LEFT - kind;
        cut.set(gray.subarray(from, from + WIDTH), y * WIDTH);
      }
      files.push(`${folder}/${kind}.png`);
      await Deno.writeFile(files.at(-1)!, await encodePng(cut, WIDTH, HEIGHT));
    }
    picture.free();
  }
  return files;
}

/** @param pages how many are read. */
export async function benchLong(pages = PAGES, jobs = 1) {
  const folder = await Deno.makeTempDir();
  try {
    const files = await smallPages(folder);
    const parts: { pages: number; seconds: number; megabytes: number; files: number | null }[] = [];
    const given = function* () {
      for (let i = 0; i < pages; i++) yield files[i % files.length];
    };
    const setup = { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes };
    let began = performance.now();
    let words = 0;
    await readAll(given(), setup, { jobs, pageSeconds: 600 }, new AbortController().signal, (_, read) => {
      if ("error" in read) throw new Error(read.error.message);
      words += read.page.lines.flatMap((l) => l.words).length;
      return Promise.resolve();
    }, (i, error) => {
      if (error) return Promise.reject(error);
      if ((i + 1) % Math.ceil(pages / PARTS) === 0) {
        const now = performance.now();
        const seconds = Number(((now - began) / 1000).toFixed(1));
        const megabytes = Math.round(Deno.memoryUsage().rss / 1e6);
        parts.push({ pages: i + 1, seconds, megabytes, files: openFiles() });
        console.error(JSON.stringify(parts.at(-1)));
        began = now;
      }
      return Promise.resolve();
    });
    return { pages, jobs, words, parts };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
