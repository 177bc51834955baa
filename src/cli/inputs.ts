/** Operands to files: files as they are, folders with what can be read in them, globs, `-` for stdin. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { ScrawlError } from "../errors.ts";
import { collected, tooLarge } from "../files.ts";

export const READABLE = /\.(jpe?g|jpe|jfif|png|tiff?|webp|avif|bmp|gif|p[bgpn]m|pam|pdf)$/i;

/**
 * The files that the operands name, in order, each once.
 * @param recursive whether folders within folders are read too, but those whose names begin with a dot.
 * @param others gets the files of folders that are of no kind that is read, but those whose names begin with a dot.
 * @throws ScrawlError for a folder or glob that holds none.
 */
export async function inputs(operands: string[], recursive = false, others: string[] = []): Promise<string[]> {
  const out: string[] = [];
  for (const operand of operands) {
    const info = operand === "-" ? undefined : await Deno.stat(operand).catch(() => undefined);
    if (info?.isDirectory) {
      const files = await filesIn(operand, recursive);
      const found = files.filter((n) => READABLE.test(n));
      others.push(...files.filter((n) => !READABLE.test(n) && !basename(n).startsWith(".")));
      if (found.length === 0) {
        throw new ScrawlError(
          "input",
          `${operand}: the folder holds no JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF, PNM or PDF`,
        );
      }
      out.push(...found);
    } else if (!info && /[*?]/.test(basename(operand))) {
      const { globToRegExp } = await import("@std/path/glob-to-regexp");
      const pattern = globToRegExp(basename(operand));
      const found = (await names(dirname(operand)).catch(() => [])).filter((n) => pattern.test(n)).map((n) =>
        join(dirname(operand), n)
      );
      if (found.length === 0) throw new ScrawlError("input", `${operand}: no file fits`);
      out.push(...found);
    } else out.push(operand);
  }
  return [...new Set(out)];
}

/** Paths of the files in a folder, those in folders within it behind its own. */
async function filesIn(folder: string, recursive: boolean): Promise<string[]> {
  const files = (await names(folder)).map((n) => join(folder, n));
  if (!recursive) return files;
  const folders = (await Array.fromAsync(Deno.readDir(folder))).filter((e) => e.isDirectory && !e.name.startsWith("."));
  const inside = folders.map((e) => e.name).sort().map((n) => filesIn(join(folder, n), true));
  return [...files, ...(await Promise.all(inside)).flat()];
}

async function names(folder: string): Promise<string[]> {
  const out: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (!entry.isDirectory) out.push(entry.name);
  return out.sort();
}

/** A file that is not the same any more as when it was first looked at. */
export const changed = () =>
  new ScrawlError("input", "the file changed while it was read: read it again when nothing writes to it any more");

/** The bytes of what can be read only once, stdin or a pipe; `undefined` for any other file. */
export function readOnce(file: string, maxBytes: number): Promise<Uint8Array> | undefined {
  if (file === "-") return collected(Deno.stdin.readable, maxBytes);
  try {
    return Deno.statSync(file).isFifo ? readInput(file, maxBytes) : undefined;
  } catch {
    // Whoever reads it says why it cannot be read.
    return undefined;
  }
}

/**
 * The bytes of a file or of stdin. A file that is too large is told before it is read.
 * @throws ScrawlError where it cannot be read, is too large, or changes meanwhile.
 */
export async function readInput(file: string, maxBytes: number): Promise<Uint8Array> {
  if (file === "-") return await collected(Deno.stdin.readable, maxBytes);
  try {
    const before = await Deno.stat(file);
    if (before.isCharDevice || before.isBlockDevice) throw new ScrawlError("access", "it is a device, not a file");
    if (!before.isFile && !before.isDirectory) {
      return await collected((await Deno.open(file)).readable, maxBytes);
    }
    if (before.size > maxBytes) throw tooLarge(before.size, maxBytes);
    const bytes = await Deno.readFile(file);
    const after = await Deno.stat(file);
    if (before.size !== after.size || before.mtime?.getTime() !== after.mtime?.getTime()) throw changed();
    return bytes;
  } catch (e) {
    if (e instanceof ScrawlError) throw e;
    if (e instanceof Deno.errors.NotFound) {
      // Names come as text, and what is not UTF-8 in them as this.
      const strange = file.includes("\ufffd") ? "; its name is not UTF-8, or holds \ufffd: rename it" : "";
      throw new ScrawlError("access", `there is no such file${strange}`);
    }
    if (e instanceof Deno.errors.IsADirectory) throw new ScrawlError("access", "it is a folder");
    throw new ScrawlError("access", `it cannot be read: ${(e as Error).message}`);
  }
}

/** A file's name without folder and ending. */
export function stem(file: string): string {
  return file === "-" ? "stdin" : basename(file).replace(/(?<=.)\.[^.]*$/, "");
}
