/** A browser's own canvas for pdf.js, off the screen, so that it works in a worker as well. */
import type { Pdfjs } from "./pdfjs.ts";

export { FilterFactory } from "./filters.ts";

/** A canvas to draw a page on. */
export function createSurface(width: number, height: number) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(`no memory for a canvas of ${width} x ${height} pixels`);
  return {
    context,
    pixels: () => ({ pixels: new Uint8Array(context.getImageData(0, 0, width, height).data.buffer), width, height }),
    dispose: () => {},
  };
}

/** Makes the canvases that pdf.js asks for while it draws. */
export class CanvasFactory {
  create(width: number, height: number) {
    const canvas = new OffscreenCanvas(Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)));
    return { canvas, context: canvas.getContext("2d", { willReadFrequently: true }) };
  }
  reset({ canvas }: Pdfjs, width: number, height: number): void {
    [canvas.width, canvas.height] = [Math.ceil(width), Math.ceil(height)];
  }
  destroy(pair: Pdfjs): void {
    pair.canvas = null;
    pair.context = null;
  }
}
