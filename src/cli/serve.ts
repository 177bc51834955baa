/** `serve`: the page in the browser on the loopback address, and readings for whoever sends a file to `/ocr` there. */
import { extname } from "@std/path/extname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { PageRange } from "../decode/pages.ts";
import type { Charset } from "../engine/types.ts";
import { type ErrorCode, EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { collected, sha256 } from "../files.ts";
import { FORMATS, picturesOf } from "../format/mod.ts";
import { DEFAULTS } from "../mod.ts";
import { count, type Values } from "../options.ts";
import { POLICY } from "../web/page.ts";
import { onInterrupt } from "./interrupt.ts";
import { readAll } from "./pool.ts";
import type { ReadPage } from "./reading.ts";
import { say } from "./say.ts";

const HOST = "127.0.0.1";
const WEB = fromFileUrl(new URL("../../dist/web", import.meta.url));
/** Files that wait for their turn; further ones are sent away. */
const WAITING = 8;
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};
/** What `/ocr` answers with. */
const ANSWERS: Record<string, string> = {
  txt: "text/plain; charset=utf-8",
  json: "application/json",
  jsonl: "application/jsonl",
  tsv: "text/tab-separated-values; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  hocr: "text/html; charset=utf-8",
  alto: "application/xml",
  page: "application/xml",
  pdf: "application/pdf",
  overlay: "image/svg+xml",
};
/** What the address may say beside. */
const ASKED = ["format", "charset", "pages"];
const STATUS: Record<ErrorCode, number> = {
  arguments: 400,
  input: 422,
  encrypted: 422,
  access: 404,
  output: 500,
  other: 500,
  interrupted: 503,
};

/** What a request may ask of this machine. */
interface Limits {
  maxBytes: number;
  maxPixels: number;
  pageSeconds: number;
  jobs: number;
  model?: string;
}

export async function serve(values: Values): Promise<number> {
  const port = values.port === "0" ? 0 : count(values, "port")!;
  if (port > 65535) throw new ScrawlError("arguments", `--port ${port}: there are 65535`);
  const limits: Limits = {
    maxBytes: count(values, "max-bytes")!,
    maxPixels: count(values, "max-pixels")!,
    pageSeconds: count(values, "page-timeout")!,
    jobs: count(values, "jobs") ?? navigator.hardwareConcurrency,
    model: values.model as string | undefined,
  };
  await Deno.stat(join(WEB, "index.html")).catch(() => {
    throw new ScrawlError("access", `there is no page in ${WEB}: make it with deno task web`);
  });
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      port,
      hostname: HOST,
      onListen: ({ port }) =>
        say(`http://${HOST}:${port} shows the page and reads what is sent to /ocr; Ctrl-C ends it`),
    }, handler(limits));
  } catch (e) {
    if (!(e instanceof Deno.errors.AddrInUse)) throw e;
    throw new ScrawlError("access", `port ${port} is taken: name another with --port`);
  }
  const off = onInterrupt(() => server.shutdown());
  await server.finished;
  off();
  return EXIT.ok;
}

const problem = (status: number, code: string, message: string, headers = {}) =>
  Response.json({ error: { code, message } }, { status, headers });

function handler(limits: Limits): (request: Request) => Promise<Response> {
  /** Ends when the file before is read. */
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (request) => {
    const { pathname, searchParams, host, hostname } = new URL(request.url);
    // Another name that leads here would let pages of its own talk to this server (DNS rebinding).
    if (hostname !== HOST && hostname !== "localhost") {
      return problem(421, "access", `ask for http://${HOST}, not for ${hostname}`);
    }
    if (pathname !== "/ocr") return await file(request, pathname);
    if (request.method !== "POST") return problem(405, "arguments", "send a file with POST", { allow: "POST" });
    const origin = request.headers.get("origin");
    if (origin !== null && origin !== `http://${host}`) {
      return problem(403, "access", `pages of ${origin} may send nothing here`);
    }
    if (waiting >= WAITING) {
      return problem(503, "other", "too many files are waiting: come back later", { "retry-after": "10" });
    }
    waiting++;
    try {
      const mine = turn.then(() => answer(request, searchParams, limits));
      turn = mine.catch(() => {});
      return await mine;
    } catch (e) {
      const { code, message } = toScrawlError(e);
      return problem(/--max-bytes/.test(message) ? 413 : STATUS[code], code, message);
    } finally {
      waiting--;
    }
  };
}

/** A file of the page. */
async function file(request: Request, pathname: string): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return problem(405, "arguments", "ask with GET", { allow: "GET" });
  }
  const name = decodeURIComponent(pathname === "/" ? "/index.html" : pathname);
  const bytes = name.includes("..") ? undefined : await Deno.readFile(join(WEB, name)).catch(() => undefined);
  if (!bytes) return problem(404, "access", `there is no ${pathname}`);
  const etag = `"${(await sha256(bytes)).slice(0, 32)}"`;
  const headers = {
    "content-type": TYPES[extname(name)] ?? "application/octet-stream",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
    etag,
  };
  if (request.headers.get("if-none-match")?.includes(etag)) return new Response(null, { status: 304, headers });
  if (!/\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")) return new Response(bytes, { headers });
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(packed, { headers: { ...headers, "content-encoding": "gzip", vary: "accept-encoding" } });
}

/** Reads what was sent. @throws ScrawlError where it cannot be read. */
async function answer(request: Request, asked: URLSearchParams, limits: Limits): Promise<Response> {
  const strange = [...asked.keys()].find((name) => !ASKED.includes(name));
  if (strange !== undefined) {
    throw new ScrawlError("arguments", `there is no ${strange} here: the address may say ${ASKED.join(", ")}`);
  }
  const format = asked.get("format") ?? "txt";
  const charset = asked.get("charset") ?? "text";
  const pages = asked.get("pages") ?? undefined;
  const choose = (name: string, value: string, known: string[]) => {
    if (!known.includes(value)) {
      throw new ScrawlError("arguments", `${name} ${value}: choose one of ${known.join(", ")}`);
    }
  };
  choose("format", format, Object.keys(ANSWERS));
  choose("charset", charset, ["digits", "numeric", "text"]);
  if (pages !== undefined) PageRange.parse(pages);
  const { name, bytes } = await sent(request, limits.maxBytes);
  // Workers read files, and one that hangs or takes too much memory is replaced.
  const path = await Deno.makeTempFile({ prefix: "scrawl-" });
  try {
    await Deno.writeFile(path, bytes);
    const options = { ...DEFAULTS, charset: charset as Charset, maxPixels: limits.maxPixels };
    const setup = { model: limits.model, options, pages, maxBytes: limits.maxBytes, pictures: picturesOf([format]) };
    const read: ReadPage[] = [];
    const failed: { page?: number; message: string; code: ErrorCode }[] = [];
    let error: unknown;
    await readAll([path], setup, limits, request.signal, (_, page) => {
      if ("error" in page) failed.push({ page: page.page, ...page.error });
      else read.push({ ...page, page: { ...page.page, file: name } });
      return Promise.resolve();
    }, (_, e) => {
      error ??= e;
      return Promise.resolve();
    });
    if (error !== undefined) throw error;
    if (read.length === 0 && failed.length > 0) throw new ScrawlError(failed[0].code, failed[0].message);
    const content = await FORMATS[format].write({
      file: name,
      pages: read.map((r) => r.page),
      failed: failed.flatMap((f) => f.page ?? []),
      pictures: read.map((r) => r.picture),
      texts: read.map((r) => r.texts ?? []),
      bytes,
    }, { csvBoxes: false });
    return new Response(content as BodyInit, { headers: { "content-type": ANSWERS[format] } });
  } finally {
    await Deno.remove(path);
  }
}

/** The file in a request: its body, or the first file of a form. @throws ScrawlError where there is none, or it is too large. */
async function sent(request: Request, maxBytes: number): Promise<{ name: string; bytes: Uint8Array }> {
  if (request.body === null) throw new ScrawlError("arguments", "send a file: curl --data-binary @scan.pdf");
  // A form has some lines around its file.
  const bytes = await collected(request.body, maxBytes);
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) return { name: "sent", bytes };
  const form = await new Response(bytes as BodyInit, { headers: { "content-type": type } }).formData().catch((e) => {
    throw new ScrawlError("arguments", `the form cannot be taken apart: ${e.message}`);
  });
  const found = [...form.values()].find((v) => v instanceof File);
  if (!(found instanceof File)) throw new ScrawlError("arguments", "the form holds no file: curl -F file=@scan.pdf");
  return { name: found.name, bytes: new Uint8Array(await found.arrayBuffer()) };
}
