/** One self-contained HTML page: no script, no style, no picture from elsewhere. */
import { escapeXml } from "../format/document.ts";

export { escapeXml as escapeHtml };

const STYLE =
  "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}h2{margin-top:2em}" +
  "table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}" +
  "th:first-child,td:first-child{text-align:left}pre{background:#f6f6f6;padding:.8em;overflow:auto}svg{max-width:100%;height:auto}";

export interface Section {
  title: string;
  /** HTML; text in it has been escaped. */
  body: string;
}

export function htmlPage(title: string, sections: Section[]): string {
  const parts = sections.map((s) => `<h2>${escapeXml(s.title)}</h2>\n${s.body}`).join("\n");
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
<h1>${escapeXml(title)}</h1>
${parts}
</html>
`;
}

/** A table; the first row is its head. */
export function htmlTable(rows: (string | number)[][]): string {
  const row = (cells: (string | number)[], tag: string) =>
    `<tr>${cells.map((c) => `<${tag}>${escapeXml(String(c))}</${tag}>`).join("")}</tr>`;
  return `<table>${rows.map((r, i) => row(r, i ? "td" : "th")).join("\n")}</table>`;
}
