/**
 * Types of what scrawl uses of Deno's standard library, under the names that it has. The package it comes from brings JavaScript alone;
 * where it comes from somewhere with types, `deno.json` names that place instead, and this file no more.
 */

declare module "@std/assert" {
  type ErrorClass<E> = abstract new (...args: never[]) => E;
  /** @throws AssertionError unless the value counts as true; like all of these. */
  export function assert(value: unknown, message?: string): asserts value;
  /** Equal in all parts. */
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  /** The same value, by `Object.is`. */
  export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
  export function assertNotStrictEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertAlmostEquals(actual: number, expected: number, tolerance?: number): void;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  /** Returns what was thrown. */
  export function assertThrows(f: () => unknown): unknown;
  export function assertThrows<E extends Error>(
    f: () => unknown,
    kind: ErrorClass<E>,
    part?: string,
    message?: string,
  ): E;
  /** Resolves to what the promise was rejected with. */
  export function assertRejects(f: () => PromiseLike<unknown>): Promise<unknown>;
  export function assertRejects<E extends Error>(
    f: () => PromiseLike<unknown>,
    kind: ErrorClass<E>,
    part?: string,
    message?: string,
  ): Promise<E>;
}

declare module "@std/bytes/concat" {
  /** One array of the bytes of all. */
  export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

declare module "@std/csv/parse" {
  /** Rows of fields, the header among them. @throws SyntaxError where it is no CSV */
  export function parse(text: string): string[][];
}

declare module "@std/csv/stringify" {
  /** Rows as CSV (RFC 4180); cells are quoted where they hold the separator, quotation marks or line ends. */
  export function stringify(rows: readonly (readonly (string | number)[])[], options?: { separator?: string }): string;
}

declare module "@std/encoding/base64" {
  export function encodeBase64(bytes: Uint8Array | ArrayBuffer | string): string;
}

declare module "@std/fmt/bytes" {
  /** A number of bytes like `1.34 kB`, or with `binary` like `1.31 kiB`. */
  export function format(bytes: number, options?: { binary?: boolean }): string;
}

declare module "@std/fmt/duration" {
  /** Milliseconds like `0d 0h 1m 39s 674ms`; `ignoreZero` leaves out what is zero. */
  export function format(ms: number, options?: { ignoreZero?: boolean }): string;
}

declare module "@std/html/entities" {
  /** Text with `&<>"'` as entities. */
  export function escape(text: string): string;
  /** Text with its entities as characters. */
  export function unescape(text: string): string;
}

declare module "@std/path/basename" {
  export function basename(path: string, suffix?: string): string;
}

declare module "@std/path/dirname" {
  export function dirname(path: string): string;
}

declare module "@std/path/extname" {
  /** The ending with its dot, or nothing. */
  export function extname(path: string): string;
}

declare module "@std/path/from-file-url" {
  /** @throws TypeError where the address is no `file:`. */
  export function fromFileUrl(url: string | URL): string;
}

declare module "@std/path/glob-to-regexp" {
  /** A pattern for one name, anchored at both ends. */
  export function globToRegExp(glob: string): RegExp;
}

declare module "@std/path/is-absolute" {
  export function isAbsolute(path: string): boolean;
}

declare module "@std/path/join" {
  export function join(...parts: string[]): string;
}

declare module "@std/path/relative" {
  export function relative(from: string, to: string): string;
}

declare module "@std/path/to-file-url" {
  export function toFileUrl(path: string): URL;
}

declare module "@std/text/closest-string" {
  /** The first of those with the smallest Levenshtein distance. @throws TypeError where there are none. */
  export function closestString(word: string, possible: readonly string[]): string;
}

declare module "@std/text/levenshtein-distance" {
  /** Edits of one code point that make one string the other. */
  export function levenshteinDistance(a: string, b: string): number;
}
