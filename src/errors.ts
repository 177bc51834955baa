/** Errors that a user can do something about, with the exit code that they end in (OCRmyPDF's numbers). */

export const EXIT: Record<ErrorCode | "ok", number> = {
  ok: 0,
  arguments: 1,
  input: 2,
  output: 4,
  access: 5,
  encrypted: 8,
  other: 15,
  interrupted: 130,
};

/** What kind of error it is. */
export type ErrorCode = "arguments" | "input" | "output" | "access" | "encrypted" | "other" | "interrupted";

/** An error that says what was tried, what was found, and what to do. */
export class ScrawlError extends Error {
  /** `ScrawlError` */
  override name = "ScrawlError";

  /** An error of this kind, with a message of one line. */
  constructor(
    /** What kind of error it is. */
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Any failure as one of ours, with a message that fits on a line. */
export function toScrawlError(e: unknown, code: ErrorCode = "other"): ScrawlError {
  if (e instanceof ScrawlError) return e;
  const message = (e instanceof Error ? e.message : String(e)).replace(/\s+/g, " ").trim();
  // ENOSPC, wherever it happens.
  const full = /no space left on device|not enough space on the disk/i.test(message);
  return new ScrawlError(full ? "output" : code, message || "an unknown error");
}
