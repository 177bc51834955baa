/** Grey pixels `[height][width]`, 0 black to 255 white, as a PNG. */
export async function encodePng(gray: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  // imagescript's main file loads a native addon; its PNG encoder stands by itself.
  const { encode } = (await import("imagescript/png/node.js")).default;
  return encode(gray, { width, height, channels: 1, level: 3 });
}
