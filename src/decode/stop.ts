/**
 * Stopping a thread from outside. Ending a worker does not end a loop that it is in (Deno lets it run on), so whatever may loop for
 * very long asks here now and then: drawing does, at each use of a canvas.
 */

let flag: Int32Array | undefined;

/** From now on this thread stops once the first number of `shared` is not 0. */
export function stopWhen(shared: Int32Array): void {
  flag = shared;
}

/** @throws Error where this thread shall stop. */
export function checkStop(): void {
  if (flag !== undefined && Atomics.load(flag, 0) !== 0) throw new Error("stopped from outside");
}
