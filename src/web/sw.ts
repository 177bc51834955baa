/**
 * The service worker: keeps all files of this version, and answers from them alone. First what a picture needs, then, when the page asks, what PDFs
 * need. The build writes their names before this text.
 */
import { hasRelaxedSimd } from "../engine/simd.ts";

interface Life extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Life {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Told extends Life {
  data: unknown;
  source: { postMessage(message: unknown): void };
}
interface Scope {
  /** What the build knows: a hash of all files, those that a picture needs, and all others. */
  FILES: { version: string; first: string[]; rest: string[] };
  location: Location;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate", listener: (e: Life) => void): void;
  addEventListener(type: "fetch", listener: (e: Fetched) => void): void;
  addEventListener(type: "message", listener: (e: Told) => void): void;
}

const scope = globalThis as unknown as Scope;
const NAME = `scrawl-${scope.FILES.version}`;
/** Of the two builds of the WASM a machine runs one. */
const wanted = (file: string) => !file.endsWith(hasRelaxedSimd ? ".simd.bin" : ".relaxed.bin");

scope.addEventListener("install", (e) => {
  const keep = async () => {
    await (await caches.open(NAME)).addAll(scope.FILES.first.filter(wanted));
    await scope.skipWaiting();
  };
  e.waitUntil(keep());
});

scope.addEventListener("activate", (e) => {
  const tidy = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("scrawl-") && name !== NAME) await caches.delete(name);
    }
    await scope.clients.claim();
  };
  e.waitUntil(tidy());
});

scope.addEventListener("message", (e) => {
  const rest = async () => {
    const cache = await caches.open(NAME);
    const there = new Set((await cache.keys()).map((r) => r.url));
    const missing = scope.FILES.rest.filter((f) => !there.has(new URL(f, scope.location.href).href));
    await cache.addAll(missing);
    e.source.postMessage("all is here");
  };
  e.waitUntil(rest());
});

scope.addEventListener("fetch", (e) => {
  const { method, url } = e.request;
  if (method !== "GET" || new URL(url).origin !== scope.location.origin) return;
  const answer = async () => {
    const cache = await caches.open(NAME);
    return await cache.match(e.request, { ignoreSearch: true }) ?? await fetch(e.request);
  };
  e.respondWith(answer());
});
