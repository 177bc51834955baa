/** Where the data sets are. */
import { ScrawlError } from "../errors.ts";
import type { Values } from "../options.ts";

export function dataFolder(values: Values): string {
  const folder = values.data as string | undefined ?? Deno.env.get("SCRAWL_DATA");
  if (!folder) {
    throw new ScrawlError("arguments", "say where the data sets are: --data DIR or SCRAWL_DATA (see data/README.md)");
  }
  try {
    if (Deno.statSync(folder).isDirectory) return folder;
  } catch {
    // Told below.
  }
  throw new ScrawlError("access", `${folder} is no folder with data sets (see data/README.md)`);
}
