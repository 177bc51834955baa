/**
 * The page in the browser: files come by dropping, pasting, choosing or a photo, are read in workers, and shown in the review, whose corrections
 * go into every format. Nothing is sent anywhere.
 */
import { whyEmpty } from "../empty.ts";
import type { Charset, Page } from "../engine/types.ts";
import { addPage, element, grow, openReview, save as saveCorrections } from "../review/app.ts";
import { applyCorrections } from "../review/corrections.ts";
import { correctionsOf } from "../review/fields.ts";
import type { Job } from "./messages.ts";
import { Reader } from "./reader.ts";

const app = openReview("scrawl");
/** Files with at least one page, and which of the review's pages are theirs. */
const files: { job: Job; pages: number[]; pictures: Blob[]; orientation: number }[] = [];

function say(text: string, isError = false): void {
  const line = document.createElement("div");
  line.textContent = text;
  if (isError) line.className = "error";
  element("told").append(line);
}

/** What was said of the way in which the files at hand are read. */
const noted = new Set<string>();

const reader = new Reader("src/engine/worker.js", {
  page(job, page, picture, orientation) {
    let file = files.find((f) => f.job === job);
    if (!file) files.push(file = { job, pages: [], pictures: [], orientation });
    file.pages.push(app.pages.length);
    file.pictures.push(picture);
    const image = new Image();
    image.alt = "";
    image.src = URL.createObjectURL(picture);
    addPage(app, page, image);
    document.body.classList.add("has-pages");
    grow(app);
    const { fields, blank } = page.promise ?? { fields: 0, blank: 0 };
    if (fields > 0) say(`${job.name}, page ${page.page}: ${blank} of ${fields} left blank for review`);
    else if (page.lines.length === 0) {
      say(`${job.name}, page ${page.page}: ${whyEmpty(page.suppressed.map((s) => s.reason))}`);
    }
  },
  note(message) {
    if (!noted.has(message)) say(message);
    noted.add(message);
  },
  failed: (job, message) => say(`${job.name}: ${message}`, true),
  progress(done, all) {
    element("reading").hidden = done === all;
    (element("reading") as HTMLProgressElement).value = all === 0 ? 0 : done / all;
    element("reading-status").textContent = done === all
      ? `${all} ${all === 1 ? "file" : "files"} read`
      : `${done} of ${all} files read`;
  },
});

async function add(list: Iterable<File>): Promise<void> {
  const charset = (element("charset") as HTMLSelectElement).value as Charset;
  const maxError = Number((element("max-error") as HTMLSelectElement).value) || undefined;
  element("told").replaceChildren();
  noted.clear();
  const jobs = await Promise.all([...list].map(async (f) => ({
    name: f.name,
    bytes: new Uint8Array(await f.arrayBuffer()),
    charset,
    maxError,
  })));
  if (jobs.length > 0) reader.add(jobs);
}

for (const id of ["open", "photo"]) {
  element(id).addEventListener("change", async (e) => {
    const input = e.target as HTMLInputElement;
    await add(input.files ?? []);
    // The same file may be chosen again.
    input.value = "";
  });
}
document.addEventListener("dragover", (e) => {
  e.preventDefault();
  document.body.classList.add("over");
});
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", async (e) => {
  e.preventDefault();
  document.body.classList.remove("over");
  await add(e.dataTransfer?.files ?? []);
});
document.addEventListener("paste", async (e) => {
  const pasted = [...e.clipboardData?.files ?? []];
  if (pasted.length === 0) return;
  e.preventDefault();
  await add(pasted);
});

/** Saves all files with what was said of them. */
async function download(): Promise<void> {
  const format = (element("format") as HTMLSelectElement).value;
  if (app.pages.length === 0) return say("there is nothing to save: open a file first", true);
  if (format === "corrections") return saveCorrections(app);
  const path = "./save.js";
  const { save } = await import(path) as typeof import("./save.ts");
  const now: Page[] = applyCorrections(correctionsOf(app.pages, app.fields, app.marks));
  for (const { job, pages, pictures, orientation } of files) {
    try {
      for (
        const { name, content } of await save(format, {
          ...job,
          pages: pages.map((i) => now[i]),
          pictures,
          orientation,
        })
      ) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(content);
        link.download = name;
        link.click();
        URL.revokeObjectURL(link.href);
      }
    } catch (e) {
      say(`${job.name} cannot be saved: ${(e as Error).message}`, true);
    }
  }
}
element("download").addEventListener("click", download);

/** After the first visit all is there without a network. */
async function stayOffline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data === "all is here") element("offline").textContent = "works offline";
  });
  await navigator.serviceWorker.register("sw.js");
  (await navigator.serviceWorker.ready).active!.postMessage("the rest");
}
stayOffline().catch((e) => say(`this browser keeps nothing for offline use: ${e.message}`));
