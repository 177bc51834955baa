/** Errors that a user can do something about, with the exit code that they end in (OCRmyPDF's numbers). */

export const EXIT = {
  ok: 0,
  arguments: 1,
  input: 2,
  output: 4,
  access: 5,
  encrypted: 8,
  other: 15,
  interrupted: 130,
} as const;

export type ErrorCode = Exclude<keyof typeof EXIT, "ok">;

export class ScrawlError extends Error {
  override name = "ScrawlError";
  constructor(readonly code: ErrorCode, message: string) {
    super(message);
  }
}

/** Any failure as one of ours, with a message that fits on a line. */
export function toScrawlError(e: unknown, code: ErrorCode = "other"): ScrawlError {
  if (e instanceof ScrawlError) return e;
  const message = (e instanceof Error ? e.message : String(e)).replace(/\s+/g, " ").trim();
  return new ScrawlError(code, message || "an unknown error");
}
