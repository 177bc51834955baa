/**
 * PDF pages by pdfjs-dist. A page that is nothing but one scan gives the scan's own pixels; any other is drawn. What a viewer shows is
 * what is read; what the file has lost is told.
 */
import { pictureOf } from "../engine/engine.ts";
import { ScrawlError, toScrawlError } from "../errors.ts";
import type { DecodedPage, DecodeOptions, FailedPage, SkippedPage } from "./mod.ts";
import { chosenPages } from "./pages.ts";
import { formOf, textsOf } from "./pdf_form.ts";
import { listen, type Losses, oneAtATime } from "./pdf_losses.ts";
import { type Drawn, POINTS, resolution, scan } from "./pdf_scan.ts";
import { defuse } from "./pdf_streams.ts";
import { Work } from "./pdf_work.ts";
import { loadPdfjs, type Pdfjs } from "./pdfjs.ts";

/** Most pixels of a drawn page: A2 at 300 dpi has 35 million. Larger ones are drawn coarser, as the page stage shrinks them in any case. */
const MOST_DRAWN = 36_000_000;

export async function* decodePdf(
  bytes: Uint8Array,
  o: DecodeOptions,
): AsyncGenerator<DecodedPage | FailedPage | SkippedPage> {
  const { pdfjs, options } = await loadPdfjs();
  // pdf.js takes the bytes that it is given away.
  const data = await defuse(bytes, o);
  // What is wrong with a file is told at this level alone.
  const verbosity = pdfjs.VerbosityLevel.INFOS;
  let task: Pdfjs;
  const open = () =>
    oneAtATime<Pdfjs>(() => {
      task = pdfjs.getDocument({
        ...options,
        verbosity,
        data: data.slice(),
        password: o.password,
        maxImageSize: o.maxPixels,
      });
      return task.promise;
    });
  try {
    let document = await open().catch((e: Error) => {
      throw explain(e, o.password);
    });
    const count: number = document.numPages;
    if (count === 0) throw new ScrawlError("input", "the PDF has no pages");
    for await (const number of o.pages?.of(count) ?? chosenPages(undefined, count)) {
      let page: DecodedPage | FailedPage | SkippedPage;
      try {
        page = {
          page: number,
          ...await oneAtATime(async () => decode(await document.getPage(number), pdfjs, o, bytes)),
        };
      } catch (e) {
        const { code, message } = toScrawlError(e, "input");
        const why = /call stack/.test(message) ? "it is nested too deeply" : message;
        page = { page: number, error: new ScrawlError(code, `page ${number} of the PDF: ${why}`) };
        if (count === 1) throw page.error;
        // What pdf.js still does for that page ends with the document alone.
        await task.destroy();
        document = await open();
      }
      yield page;
    }
  } finally {
    await task?.destroy();
  }
}

/** One page: its scan, or the page as it is drawn. @throws ScrawlError where something of it is lost, or it asks for too much. */
async function decode(
  page: Pdfjs,
  pdfjs: Pdfjs,
  o: DecodeOptions,
  bytes: Uint8Array,
): Promise<Omit<DecodedPage, "page"> | Omit<SkippedPage, "page">> {
  if (o.skipText && await hasText(page)) {
    const { viewport, scale } = size(page, o);
    const [width, height] = whole(viewport);
    return { skipped: "it has a text layer", width, height, dpi: resolution(scale * POINTS) };
  }
  const losses = listen();
  try {
    const found = await bounded(page, pdfjs, o, () => scan(page, pdfjs, o, bytes, losses)) ??
      await bounded(page, pdfjs, o, () => draw(page, o, losses));
    try {
      losses.check();
      const { width } = found.picture;
      return {
        ...found,
        ...(o.texts && { texts: (await textsOf(page, width)).map((t) => t.box) }),
        ...(o.form && { form: await formOf(page, width) }),
      };
    } catch (e) {
      found.picture.free();
      throw e;
    }
  } finally {
    losses.close();
    page.cleanup();
  }
}

/** Whether there is any text on the page, seen or unseen. */
async function hasText(page: Pdfjs): Promise<boolean> {
  const reader = page.streamTextContent().getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      if (value.items.some((item: { str?: string }) => item.str?.trim())) return true;
    }
  } finally {
    await reader.cancel(new Error("enough is known"));
  }
}

/** What `job` makes of a page. @throws ScrawlError where the page asks for more than any page needs. */
async function bounded<T>(page: Pdfjs, pdfjs: Pdfjs, o: DecodeOptions, job: () => Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  limit.promise.catch(() => {});
  const { viewport, scale } = size(page, o);
  const work = new Work(page, pdfjs, { pixels: viewport.width * viewport.height, scale: scale * page.userUnit });
  let whole = false;
  // Operators come in chunks through this method, which has the class's own behind it.
  page._renderPageChunk = (chunk: Pdfjs, state: unknown) => {
    whole = chunk.lastChunk;
    const why = work.add(chunk);
    if (why) limit.reject(new ScrawlError("input", `it ${why}, more than any page that scrawl reads`));
    else Object.getPrototypeOf(page)._renderPageChunk.call(page, chunk, state);
  };
  try {
    const made = await Promise.race([job(), limit.promise]);
    // Where pdf.js fails on the way, it goes on with the operators that it has.
    if (!whole) throw new ScrawlError("input", "what it is drawn with is damaged or cut off");
    return made;
  } finally {
    delete page._renderPageChunk;
  }
}

function explain(e: Error, password: string | undefined): ScrawlError {
  if (e.name === "PasswordException") {
    return new ScrawlError(
      "encrypted",
      password === undefined
        ? "the PDF is encrypted: give its password with --password"
        : "the password does not open the PDF",
    );
  }
  return new ScrawlError("input", `the PDF is damaged or cut off: ${e.message}`);
}

/** How large the page is drawn; `scale` is pixels to the point. */
function size(page: Pdfjs, o: DecodeOptions): { viewport: Pdfjs; scale: number } {
  // In points of 1/72 inch: pdf.js reckons with the page's UserUnit.
  const { width, height } = page.getViewport({ scale: 1 });
  const most = Math.min(o.maxPixels, MOST_DRAWN);
  // A plan of two metres is drawn coarser rather than refused.
  const scale = Math.min(o.dpi / POINTS, Math.sqrt(most / (width * height)));
  return { viewport: page.getViewport({ scale }), scale };
}

/** Width and height in whole pixels. */
const whole = ({ width, height }: Pdfjs): [width: number, height: number] => [
  Math.max(1, Math.floor(width)),
  Math.max(1, Math.floor(height)),
];

async function draw(page: Pdfjs, o: DecodeOptions, losses: Losses): Promise<Drawn> {
  const { viewport, scale } = size(page, o);
  const { createSurface } = await loadPdfjs();
  const surface = await createSurface(...whole(viewport));
  try {
    await page.render({ canvas: null, canvasContext: surface.context, viewport, background: "white" }).promise;
    losses.check();
    const { pixels, width, height } = surface.pixels();
    return { picture: await pictureOf(pixels, width, height, 4), dpi: resolution(scale * POINTS) };
  } finally {
    surface.dispose();
  }
}
