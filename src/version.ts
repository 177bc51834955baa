import config from "../deno.json" with { type: "json" };

/** Version of scrawl, as deno.json says. */
export const VERSION: string = config.version;
