/** Ctrl-C, and what service managers send in its place. */

/** Windows has the first alone. */
const SIGNALS: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** Calls `listener` at an interruption, until the function that it returns is called. */
export function onInterrupt(listener: () => void): () => void {
  for (const s of SIGNALS) Deno.addSignalListener(s, listener);
  return () => {
    for (const s of SIGNALS) Deno.removeSignalListener(s, listener);
  };
}
