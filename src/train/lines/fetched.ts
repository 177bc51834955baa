/** Files that `data get fonts` fetched. */
import { ScrawlError } from "../../errors.ts";

/**
 * A file's text as `parse` takes it; `what` names its contents where there is none.
 * @throws ScrawlError where the file is missing or `parse` throws
 */
export async function readFetched<T>(path: string, what: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(await Deno.readTextFile(path));
  } catch (e) {
    throw new ScrawlError("input", `no ${what} in ${path} (${(e as Error).message}): fetch it with data get fonts`);
  }
}
