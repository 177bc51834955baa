/** Progress of a batch on stderr: a bar with the time left on a terminal, a plain line a file elsewhere. */
import { format } from "@std/fmt/duration";
import type { Suppressed } from "../engine/types.ts";
import { whyEmpty } from "../empty.ts";
import type { ReadPage } from "./reading.ts";
import { say, shown } from "./say.ts";

const WIDTH = 24;

export class Progress {
  private readonly began = performance.now();
  private readonly bar: boolean;
  private done = 0;
  private pages = 0;
  /** Share of the file that is being read. */
  private share = 0;
  private readonly stages: Record<string, number> = {};
  /** Lines that were read, and words that were left out, by why. */
  private lines = 0;
  /** Pages that were looked at. */
  private looked = 0;
  /** Fields, and those of them that were left blank to keep `--max-error`. */
  private readonly promise = { fields: 0, blank: 0 };
  private readonly left: Record<Suppressed["reason"], number> = {
    printed: 0,
    other: 0,
    illegible: 0,
    "struck-out": 0,
    "no-match": 0,
    doubtful: 0,
  };

  /** @param o.shown whether readings go to the same terminal: they are progress enough. */
  constructor(
    private files: number,
    private o: { quiet: boolean; verbose: boolean; shown: boolean; minConf?: number },
  ) {
    this.bar = !o.quiet && !o.shown && Deno.stderr.isTerminal();
  }

  /** A page of the file is read. */
  page(file: string, { page, of, times }: ReadPage): void {
    this.pages++;
    this.share += 1 / of;
    this.lines += page.lines.length;
    // A page with a text layer of its own may have been left alone.
    if (!page.notes?.some((note) => note.startsWith("not read: "))) this.looked++;
    this.promise.fields += page.promise?.fields ?? 0;
    this.promise.blank += page.promise?.blank ?? 0;
    for (const { reason, text } of page.suppressed) {
      this.left[reason] += text.split(" ").length;
    }
    for (const [stage, ms] of Object.entries(times)) this.stages[stage] = (this.stages[stage] ?? 0) + ms;
    for (const note of this.o.quiet ? [] : page.notes ?? []) {
      this.clear();
      say(`note: ${file} page ${page.page}: ${note}`);
    }
    if (this.o.verbose && !this.o.quiet) {
      this.clear();
      say(`${file} page ${page.page}: ${page.lines.length} lines, ${page.suppressed.length} suppressed`);
    }
    this.draw(file);
  }

  file(file: string): void {
    this.done++;
    this.share = 0;
    if (!this.bar && !this.o.quiet && this.files > 1) say(`[${this.done}/${this.files}] ${file}`);
    this.draw(file);
  }

  private draw(file: string): void {
    const done = this.done + this.share;
    // One picture is read before a bar would be seen.
    if (!this.bar || this.files + this.pages < 3) return;
    const full = Math.round(WIDTH * done / this.files);
    const seconds = (performance.now() - this.began) / 1000;
    const left = done === 0 ? "" : `  ${clock(seconds / done * (this.files - done))} left`;
    const name = shown(file).slice(-40);
    const count = this.files > 1 ? `${this.done}/${this.files}` : `${Math.round(100 * done)} %`;
    const line = `[${"#".repeat(full).padEnd(WIDTH, "-")}] ${count}${left}  ${name}`;
    Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
  }

  /** Makes room for another line. */
  clear(): void {
    if (this.bar) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
  }

  /** Where the time went: stages with milliseconds a page and share of all. */
  private table(): void {
    const sum = Object.values(this.stages).reduce((a, b) => a + b, 0);
    const row = (name: string, ms: string, share: string) =>
      say(`${name.padEnd(10)}${ms.padStart(10)}${share.padStart(8)}`);
    row("stage", "ms a page", "share");
    for (const [stage, ms] of [...Object.entries(this.stages), ["all", sum] as const]) {
      row(stage, (ms / this.pages).toFixed(1), `${Math.round(100 * ms / sum)} %`);
    }
  }

  /** Why there is no text, once for all files. */
  private note(): void {
    const words = (n: number) => `${n} ${n === 1 ? "word" : "words"}`;
    const { printed, "no-match": unfit, doubtful, illegible } = this.left;
    const written = unfit + doubtful + illegible;
    const reasons = (Object.keys(this.left) as Suppressed["reason"][]).filter((reason) => this.left[reason] > 0);
    const parts = [whyEmpty(reasons, this.o.minConf)];
    if (written > 0) parts.push(`${words(written)} left out`);
    if (printed > 0) parts.push(`${words(printed)} of print left out (--printed mark shows them)`);
    say(`note: ${parts.join("; ")}`);
  }

  summary(failures: number, skipped: number): void {
    this.clear();
    const { fields, blank } = this.promise;
    if (!this.o.quiet && this.looked > 0 && this.lines === 0 && blank === 0) this.note();
    if (!this.o.quiet && fields > 0) say(`${blank} of ${fields} left blank for review`);
    if (this.o.verbose && !this.o.quiet && this.pages > 0) this.table();
    if (this.o.quiet || this.files + skipped < 2) return;
    const parts = [`${this.done - failures} of ${this.files} files read, ${this.pages} pages`];
    if (skipped) parts.push(`${skipped} skipped`);
    if (failures) parts.push(`${failures} failed`);
    console.error(`${parts.join(", ")}, ${clock((performance.now() - this.began) / 1000)}`);
  }
}

/** Seconds as `1h 2m 3s`. */
export function clock(seconds: number): string {
  return format(1000 * Math.round(seconds), { ignoreZero: true }) || "0s";
}
