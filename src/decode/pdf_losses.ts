/** What pdf.js could not read of a page. It draws what is left and says so on the console alone, which is listened to here. */
import { ScrawlError } from "../errors.ts";

/** What pdf.js says where something of a page is lost, and what that means. */
const LOST: [said: RegExp, means: string][] = [
  [/Image exceeded maximum allowed size/, "an image on it has more pixels than --max-pixels"],
  [/Unable to decode|Image dimensions are missing|Dependent image isn't ready/, "an image on it cannot be decoded"],
  [/flate stream|Invalid stream|LZW/i, "a compressed stream of it is damaged or cut off"],
  [/circular reference/, "it is drawn with itself"],
  [/ignoring errors during/, "what it is drawn with is damaged or cut off"],
];

export interface Losses {
  /** @throws ScrawlError where something was lost since. */
  check(): void;
  close(): void;
}

const heard = new Set<string[]>();
const own = { warn: console.warn, info: console.info };

/** Hears what pdf.js says until it is closed; what others say goes on to the console. */
export function listen(): Losses {
  const said: string[] = [];
  if (heard.size === 0) {
    for (const level of ["warn", "info"] as const) {
      own[level] = console[level];
      console[level] = (...args: unknown[]) => {
        const message = args.length === 1 && typeof args[0] === "string" && /^(?:Warning|Info): /.test(args[0]);
        if (!message) own[level](...args);
        else if (/^Warning|stream/.test(args[0] as string)) heard.forEach((list) => list.push(args[0] as string));
      };
    }
  }
  heard.add(said);
  return {
    check() {
      for (const [pattern, means] of LOST) {
        if (said.some((s) => pattern.test(s))) throw new ScrawlError("input", means);
      }
    },
    close() {
      heard.delete(said);
      if (heard.size === 0) Object.assign(console, own);
    },
  };
}

let last: Promise<unknown> = Promise.resolve();

/** Runs `job` when all jobs before are done: what pdf.js says is then about that job. Only its own warnings count, so it is kept short. */
export function oneAtATime<T>(job: () => Promise<T>): Promise<T> {
  const next = last.then(async () => {
    // Outside of a page its warnings are about nothing that is asked for.
    const quiet = listen();
    try {
      return await job();
    } finally {
      quiet.close();
    }
  });
  last = next.catch(() => {});
  return next;
}
