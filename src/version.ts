/** Version of scrawl, the one of `deno.json`: importing that would put all of it into the library for browsers. */
export const VERSION = "0.1.0";
