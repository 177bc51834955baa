/** Files of a run, a pack or a cache, which are there when they are whole. */

/**
 * Writes a file under another name and puts it in the place of the one that was there, so that whoever is cut off leaves that one whole.
 * @param ending of the name until then; whoever shares a folder with others that write the same file has one of its own.
 */
export async function writeWhole(path: string, content: Uint8Array | string, ending = "part"): Promise<void> {
  const unfinished = `${path}.${ending}`;
  await Deno.writeFile(unfinished, typeof content === "string" ? new TextEncoder().encode(content) : content);
  await Deno.rename(unfinished, path);
}
