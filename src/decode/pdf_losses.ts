/** What pdf.js could not read of a page. It draws what is left and says so on the console alone, which is listened to here. */
import { ScrawlError } from "../errors.ts";
import { EMPTIED_SAID } from "./pdf_streams.ts";

/** What pdf.js says where something of a page is lost, and what that means. */
const LOST: [said: RegExp, means: string][] = [
  [/Image exceeded maximum allowed size/, "an image on it has more pixels than --max-pixels"],
  [
    /Image dimensions are missing|ignoring the rest of the image data/,
    "an image on it is cut off: there is data for a part of it alone",
  ],
  [
    /Unable to decode|Dependent image isn't ready|Filter "(?!Crypt")\w*" is not supported/,
    "an image on it cannot be decoded",
  ],
  [
    EMPTIED_SAID,
    "a compressed stream of it unpacks to more than a page may need (64 MiB, or --max-bytes where that is less)",
  ],
  [/flate stream|Invalid stream|LZW/i, "a compressed stream of it is damaged or cut off"],
  [/circular reference/, "it is drawn with itself"],
  [/ignoring errors during/, "what it is drawn with is damaged or cut off"],
];

export interface Losses {
  /** @throws ScrawlError where something was lost since. */
  check(): void;
  close(): void;
}

/** What each listener has heard of, as `LOST` says it. */
const listeners = new Set<Set<string>>();
let installed = false;

/** Takes what pdf.js says from the console for good: it may say more when nobody listens any longer. What others say goes on. */
function install(): void {
  if (installed) return;
  installed = true;
  for (const level of ["warn", "info"] as const) {
    const own = console[level];
    console[level] = (...args: unknown[]) => {
      const [said] = args;
      const isPdfjs = typeof said === "string" && /^(?:Warning|Info): /.test(said) &&
        /pdf\.js|pdfjs-dist|pdf(\.worker)?\.mjs/.test(String(new Error().stack));
      if (!isPdfjs) return own(...args);
      const means = LOST.find(([pattern]) => pattern.test(said))?.[1];
      if (means) listeners.forEach((heard) => heard.add(means));
    };
  }
}

/** Hears what pdf.js says until it is closed. */
export function listen(): Losses {
  install();
  const heard = new Set<string>();
  listeners.add(heard);
  return {
    check() {
      const lost = LOST.find(([, means]) => heard.has(means));
      if (lost) throw new ScrawlError("input", lost[1]);
    },
    close: () => listeners.delete(heard),
  };
}

let last: Promise<unknown> = Promise.resolve();

/** Runs `job` when all jobs before are done: what pdf.js says is then about that job. */
export function oneAtATime<T>(job: () => Promise<T>): Promise<T> {
  install();
  const next = last.then(job);
  last = next.catch(() => {});
  return next;
}
