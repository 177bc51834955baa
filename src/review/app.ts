/**
 * The review as a program in the page: left the page, right the fields, one of them being looked at. Put into the page as it is (see `format/review.ts`):
 * its functions call only one another and those of `fields.ts`.
 */
import type { Page } from "../engine/types.ts";
import {
  correctionsOf,
  errorsLeft,
  type Field,
  fieldsOf,
  fingerprint,
  type Mark,
  type Order,
  orderOf,
} from "./fields.ts";
import type { Verdict } from "./corrections.ts";

export interface App {
  pages: Page[];
  pictures: HTMLImageElement[];
  fields: Field[];
  marks: Map<number, Mark>;
  /** Fields and what was said of each before, the newest last. */
  done: [field: number, before: Mark | undefined][];
  order: Order;
  withSuppressed: boolean;
  /** Fields as they are shown, and which of them is looked at. */
  shown: number[];
  at: number;
  zoom: number;
  rows: HTMLElement[];
  input: HTMLInputElement;
  /** Under which the browser keeps what was said; without one it keeps nothing. */
  key?: string;
  name: string;
}

/** An element of the page that is there. */
export function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** Starts the review of the pages whose data and pictures are in the document. */
export function startReview(): void {
  const pages: Page[] = JSON.parse(element("data").textContent!);
  const app = openReview(document.body.dataset.name!);
  pages.forEach((page, i) => addPage(app, page, element(`picture-${i}`) as HTMLImageElement));
  // The same pages, read alike, have the same review.
  const digests = pages.map((p) => `${p.digest.slice(0, 12)}.${p.page}`).join(" ");
  app.key = `scrawl review ${digests} ${fingerprint(app.fields)}`;
  restore(app);
  rebuild(app);
}

/** A review without pages as yet, whose keys and buttons work. @param name what its corrections are called before the ending. */
export function openReview(name: string): App {
  const input = document.createElement("input");
  input.setAttribute("aria-label", "what it says");
  input.spellcheck = false;
  input.autocomplete = "off";
  const app: App = {
    pages: [],
    pictures: [],
    fields: [],
    marks: new Map(),
    done: [],
    order: "doubtful",
    withSuppressed: false,
    shown: [],
    at: 0,
    zoom: 1,
    rows: [],
    input,
    name,
  };
  document.addEventListener("keydown", (e) => onKey(app, e));
  element("order").addEventListener("change", (e) => {
    app.order = (e.target as HTMLSelectElement).value as Order;
    rebuild(app);
  });
  element("suppressed").addEventListener("change", (e) => {
    app.withSuppressed = (e.target as HTMLInputElement).checked;
    rebuild(app);
  });
  for (const [id, verdict] of [["accept", "accepted"], ["nothing", "no-text"], ["print", "printed"]] as const) {
    element(id).addEventListener("click", () => decide(app, verdict));
  }
  element("undo").addEventListener("click", () => undo(app));
  element("save").addEventListener("click", () => save(app));
  element("page").addEventListener("click", (e) => {
    const field = (e.target as Element).getAttribute("data-field");
    if (field !== null) select(app, app.shown.indexOf(Number(field)));
  });
  return app;
}

/** Adds a page; `rebuild` or `grow` shows it. Fields keep their numbers, whatever comes later. */
export function addPage(app: App, page: Page, picture: HTMLImageElement): void {
  const index = app.pages.length;
  app.pages.push(page);
  app.pictures.push(picture);
  app.fields.push(...fieldsOf([page]).map((field) => ({ ...field, page: index })));
}

/** Shows what was added; who is typing goes on. */
export function grow(app: App): void {
  const [current, typed] = [app.shown[app.at], app.input.value];
  rebuild(app);
  if (current === undefined || app.marks.has(current)) return;
  select(app, app.shown.indexOf(current));
  app.input.value = typed;
}

/** Shows the fields anew, from the first that nobody has looked at. */
export function rebuild(app: App): void {
  app.shown = orderOf(app.fields, app.order, app.withSuppressed);
  const list = element("list");
  list.replaceChildren();
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      drawCrop(app, Number((target as HTMLElement).dataset.field), target.querySelector("canvas")!);
    }
  }, { root: list, rootMargin: "400px" });
  app.rows = app.shown.map((field, position) => {
    const row = document.createElement("div");
    row.className = "row";
    row.dataset.field = String(field);
    row.append(document.createElement("canvas"), document.createElement("span"), document.createElement("small"));
    row.addEventListener("click", () => select(app, position));
    if (app.order === "alike" && app.fields[field].read !== app.fields[app.shown[position - 1]]?.read) {
      const head = document.createElement("h2");
      head.textContent = app.fields[field].read || "not read";
      list.append(head);
    }
    list.append(row);
    seen.observe(row);
    return row;
  });
  app.rows.forEach((_, i) => showRow(app, i));
  const open = app.shown.findIndex((f) => !app.marks.has(f));
  select(app, Math.max(0, open));
  if (app.shown.length === 0) drawPage(app);
}

/** What the row says of its field. */
export function showRow(app: App, position: number): void {
  const field = app.shown[position];
  const { read, right, reason } = app.fields[field];
  const mark = app.marks.get(field);
  const row = app.rows[position];
  row.dataset.verdict = mark?.verdict ?? (reason === undefined ? "open" : "suppressed");
  row.querySelector("span")!.textContent = mark?.verdict === "no-text" ? "no text" : mark?.text ?? read;
  const said = mark ? mark.verdict : reason ?? `${Math.round(100 * right)} %`;
  row.querySelector("small")!.textContent = read === ""
    ? `${said}, not read`
    : mark && mark.text !== read
    ? `${said}, read ${read}`
    : said;
}

/** Looks at the field at a position of the list. */
export function select(app: App, position: number): void {
  if (position < 0 || position >= app.shown.length) return status(app);
  app.rows[app.at]?.classList.remove("current");
  app.rows[app.at]?.removeAttribute("aria-current");
  app.at = position;
  const field = app.shown[position];
  const row = app.rows[position];
  row.classList.add("current");
  row.setAttribute("aria-current", "true");
  row.append(app.input);
  app.input.value = app.marks.get(field)?.text ?? app.fields[field].read;
  app.input.placeholder = app.fields[field].read === "" ? "type what it says" : "";
  row.scrollIntoView({ block: "nearest" });
  app.input.focus({ preventScroll: true });
  app.input.select();
  element("others").textContent = app.fields[field].alternatives.map((a, i) => `Alt+${i + 1} ${a}`).join("   ");
  drawPage(app);
  status(app);
}

/** Says what the field is, and goes on to the next that nobody has looked at. */
export function decide(app: App, verdict: Verdict): void {
  const field = app.shown[app.at];
  if (field === undefined) return;
  const { read, reason } = app.fields[field];
  const text = verdict === "no-text" ? "" : app.input.value.trim();
  if (verdict === "accepted") {
    // Print that was not read stays print, unless somebody says what it says.
    if (text === "") verdict = reason === "printed" && read === "" ? "printed" : "no-text";
    else verdict = reason !== undefined ? "restored" : text === read ? "accepted" : "corrected";
  }
  app.done.push([field, app.marks.get(field)]);
  app.marks.set(field, { text: verdict === "printed" ? read : text, verdict });
  showRow(app, app.at);
  keep(app);
  const next = app.shown.findIndex((f, i) => i > app.at && !app.marks.has(f));
  select(app, next < 0 ? app.at : next);
}

/** Takes back what was said last, and looks at that field. */
export function undo(app: App): void {
  const last = app.done.pop();
  if (!last) return;
  const [field, before] = last;
  if (before) app.marks.set(field, before);
  else app.marks.delete(field);
  keep(app);
  const position = app.shown.indexOf(field);
  if (position < 0) return status(app);
  showRow(app, position);
  select(app, position);
}

export function onKey(app: App, e: KeyboardEvent): void {
  const steps: Record<string, () => void> = {
    Enter: () => decide(app, "accepted"),
    ArrowDown: () => select(app, app.at + 1),
    ArrowUp: () => select(app, app.at - 1),
    PageDown: () => select(app, Math.min(app.at + 10, app.shown.length - 1)),
    PageUp: () => select(app, Math.max(app.at - 10, 0)),
    Escape: () => select(app, app.at),
    "Control+z": () => undo(app),
    "Control+s": () => save(app),
    "Alt+n": () => decide(app, "no-text"),
    "Alt+p": () => decide(app, "printed"),
    "Alt+s": () => element("suppressed").click(),
    "Alt+o": () => {
      const order = element("order") as HTMLSelectElement;
      order.selectedIndex = (order.selectedIndex + 1) % order.options.length;
      order.dispatchEvent(new Event("change"));
    },
    "Alt+ArrowUp": () => zoom(app, 1.25),
    "Alt+ArrowDown": () => zoom(app, 0.8),
  };
  app.fields[app.shown[app.at]]?.alternatives.forEach((text, i) => {
    steps[`Alt+${i + 1}`] = () => app.input.value = text;
  });
  // Lists, buttons and other inputs have keys of their own.
  const at = document.activeElement;
  const chooses = at !== app.input && /^(SELECT|BUTTON|INPUT|A)$/.test(at?.tagName ?? "");
  const held = (e.ctrlKey || e.metaKey ? "Control+" : "") + (e.altKey ? "Alt+" : "");
  // With Alt held a Mac writes other signs: there it counts which key it is.
  const isSign = e.altKey && (e.key === "Dead" || /^[^a-zA-Z0-9]$/u.test(e.key));
  const name = held + (isSign ? e.code.replace(/^(Key|Digit)/, "").toLowerCase() : e.key);
  if (!(name in steps) || (chooses && !e.altKey && !e.ctrlKey)) return;
  e.preventDefault();
  steps[name]();
}

export function zoom(app: App, by: number): void {
  app.zoom = Math.min(8, Math.max(1, app.zoom * by));
  drawPage(app);
}

/** How far the review is, and what is to be expected of the rest. */
export function status(app: App): void {
  const words = app.fields.filter((f) => f.reason === undefined).length;
  const seen = [...app.marks.keys()].filter((i) => app.fields[i].reason === undefined).length;
  const left = errorsLeft(app.fields, app.marks);
  const about = Math.round(left) === 1 ? "about one error is" : `about ${Math.round(left)} errors are`;
  const errors = `${left < 0.5 ? "hardly an error is" : about} to be expected in the rest`;
  element("status").textContent = `${seen} of ${words} looked at, ${words - seen} left; ${
    seen === words ? "all is done" : errors
  }`;
  (element("progress") as HTMLProgressElement).value = words === 0 ? 1 : seen / words;
}

/** The page of the field that is looked at, at the place where it stands. */
export function drawPage(app: App): void {
  const current = app.shown[app.at];
  // Of pages without a field the last is shown.
  const index = current === undefined ? app.pages.length - 1 : app.fields[current].page;
  const page = app.pages[index];
  if (!page) return;
  const view = element("page");
  const shapes = app.shown.filter((f) => app.fields[f].page === index).map((f) => {
    const [x, y, w, h] = app.fields[f].box;
    const verdict = app.marks.get(f)?.verdict ?? (app.fields[f].reason === undefined ? "open" : "suppressed");
    return `<rect x="${x}" y="${y}" width="${w}" height="${h}" data-field="${f}" class="${verdict}${
      f === current ? " current" : ""
    }"/>`;
  }).join("");
  element("name").textContent = `${page.file.replace(/^.*[/\\]/, "")}, page ${page.page}`;
  element("name").title = page.file;
  const sheet = element("sheet");
  sheet.style.width = `${100 * app.zoom}%`;
  sheet.style.aspectRatio = `${page.width} / ${page.height}`;
  const picture = app.pictures[index];
  if (!sheet.contains(picture)) sheet.querySelector("img")?.replaceWith(picture);
  element("marks").setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
  element("marks").innerHTML = shapes;
  if (current === undefined) return;
  const [x, y, w, h] = app.fields[current].box;
  const scale = sheet.clientWidth / page.width;
  view.scrollTo((x + w / 2) * scale - view.clientWidth / 2, (y + h / 2) * scale - view.clientHeight / 2);
}

/** The field as it stands on the page, upright, with a little of what is around it. */
export async function drawCrop(app: App, index: number, canvas: HTMLCanvasElement): Promise<void> {
  const { page: at, box: [x, y, w, h] } = app.fields[index];
  const [page, picture] = [app.pages[at], app.pictures[at]];
  await picture.decode();
  const air = 0.25 * Math.min(w, h) + 4;
  const scale = picture.naturalWidth / page.width;
  const [left, top, width, height] = [x - air, y - air, w + 2 * air, h + 2 * air];
  const quarters = Math.round(page.rotation / 90) % 4;
  const [wide, high] = quarters % 2 ? [height, width] : [width, height];
  const size = Math.min(48 / high, 240 / wide) * devicePixelRatio;
  [canvas.width, canvas.height] = [Math.ceil(wide * size), Math.ceil(high * size)];
  canvas.style.width = `${canvas.width / devicePixelRatio}px`;
  const c = canvas.getContext("2d")!;
  c.translate(canvas.width / 2, canvas.height / 2);
  c.rotate(quarters * Math.PI / 2);
  c.scale(size, size);
  c.drawImage(
    picture,
    left * scale,
    top * scale,
    width * scale,
    height * scale,
    -width / 2,
    -height / 2,
    width,
    height,
  );
}

/** Keeps what was said in this browser. */
export function keep(app: App): void {
  if (app.key === undefined) return;
  try {
    localStorage.setItem(app.key, JSON.stringify([...app.marks]));
  } catch (e) {
    element("kept").textContent = `This browser keeps nothing (${(e as Error).name}): save before you leave.`;
  }
}

/** What was said before, where this browser has it. */
export function restore(app: App): void {
  try {
    app.marks = new Map(JSON.parse(localStorage.getItem(app.key!) ?? "[]"));
  } catch (e) {
    element("kept").textContent = `This browser keeps nothing (${(e as Error).name}): save before you leave.`;
  }
}

/** Saves the corrections as a file. */
export function save(app: App): void {
  const text = JSON.stringify(correctionsOf(app.pages, app.fields, app.marks));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${app.name}.corrections.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
