/** Which inputs make which document, and what its files are called. */
import { ScrawlError } from "../errors.ts";
import type { Entry } from "./entry.ts";

/** Inputs of one document, in the order of the manifest. */
export interface Documents {
  /** By the document's name: what its entries say, else their file. */
  inputs: Map<string, number[]>;
  /** Names that are a file's. */
  files: Set<string>;
}

/** @throws ScrawlError where a document's name would be written outside the folder. */
export async function documentsOf(entries: AsyncIterable<[input: number, Entry]>): Promise<Documents> {
  const [inputs, files] = [new Map<string, number[]>(), new Set<string>()];
  for await (const [input, { file, document, error }] of entries) {
    if (error) continue;
    if (document === undefined) files.add(file);
    else if (document.split(/[/\\]/).some((part) => part === "" || part === "." || part === "..")) {
      throw new ScrawlError(
        "input",
        `input ${input} is of a document ${document}, which is no name of a file in a folder`,
      );
    }
    const name = document ?? file;
    if (inputs.has(name)) inputs.get(name)!.push(input);
    else inputs.set(name, [input]);
  }
  return { inputs, files };
}

/** The folder that all paths have in common, with a slash behind; empty where they have none. */
export function commonFolder(paths: Iterable<string>): string {
  let common: string | undefined;
  for (const path of paths) {
    common ??= path.slice(0, path.lastIndexOf("/") + 1);
    // A path from the root has nothing in common with one that is not.
    while (!path.startsWith(common)) {
      common = common.length < 2 ? "" : common.slice(0, common.lastIndexOf("/", common.length - 2) + 1);
    }
  }
  return common ?? "";
}
