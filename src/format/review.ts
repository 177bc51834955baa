/**
 * The review as one HTML file that works from the disk: pages, their pictures and the program in it, nothing from elsewhere. The program is the
 * text of the functions of `app.ts` and `fields.ts` as they run here, without their types.
 */
import { encodeBase64 } from "@std/encoding/base64";
import type { Page } from "../engine/types.ts";
import * as app from "../review/app.ts";
import * as fields from "../review/fields.ts";
import { escapeXml, type PagePicture } from "./document.ts";

export const STYLE = `
*{box-sizing:border-box}
body{margin:0;height:100vh;display:grid;grid-template:auto 1fr/minmax(0,3fr) minmax(22rem,2fr);font:15px/1.4 system-ui,sans-serif;color:#222;background:#fff}
header{grid-column:1/3;display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;padding:.4rem .8rem;border-bottom:1px solid #ccc}
#page{overflow:auto;background:#777;position:relative}
#sheet{position:relative;margin:0 auto}
#sheet img{position:absolute;width:100%;height:100%}
#marks{position:absolute;inset:0;width:100%;height:100%}
rect{fill:transparent;stroke:#06c;stroke-width:2;vector-effect:non-scaling-stroke;cursor:pointer}
rect.accepted,rect.corrected,rect.restored{stroke:#080}
rect.no-text,rect.printed,rect.suppressed{stroke:#888;stroke-dasharray:6 4}
rect.current{stroke:#d00;stroke-width:4;fill:#fd03}
#side{display:grid;grid-template-rows:1fr auto;min-height:0;border-left:1px solid #ccc}
#list{overflow:auto}
.row{display:grid;grid-template-columns:minmax(0,235px) minmax(7rem,1fr) 6rem;gap:.6rem;align-items:center;min-height:58px;padding:4px 8px;border-bottom:1px solid #eee;content-visibility:auto;contain-intrinsic-size:auto 58px;cursor:pointer}
.row canvas{max-width:100%}
.row span,.row input{font:20px/1.3 ui-monospace,monospace}
.row small{color:#555;text-align:right}
footer span{white-space:nowrap;margin-right:1em}
.row.current{background:#fff3c4;outline:2px solid #d00;outline-offset:-2px}
.row.current span{display:none}
.row input{width:100%;grid-column:2;grid-row:1}
.row[data-verdict=accepted] small,.row[data-verdict=corrected] small,.row[data-verdict=restored] small{color:#060;font-weight:600}
h2{margin:0;padding:.4rem 8px;background:#eee;font:600 16px ui-monospace,monospace;position:sticky;top:0;z-index:1}
footer{padding:.4rem .8rem;border-top:1px solid #ccc;font-size:13px}
kbd{border:1px solid #aaa;border-radius:3px;padding:0 .25em;background:#f4f4f4;color:#222}
#kept{color:#b00}
#pictures{display:none}
@media(prefers-color-scheme:dark){body{color:#eee;background:#1d1d1d}.row{border-color:#333}.row.current{background:#4a4218}h2{background:#333}.row small{color:#bbb}
.row[data-verdict=accepted] small,.row[data-verdict=corrected] small,.row[data-verdict=restored] small{color:#8d8}.row canvas{background:#fff}}
@media(pointer:coarse){button,select,input{min-height:44px;min-width:44px}}
@media(max-width:800px){body{grid-template:auto 2fr 3fr/1fr}header{grid-column:1}.row{grid-template-columns:minmax(0,150px) 1fr auto}}
`;

const KEYS = [
  ["Enter", "accept"],
  ["type", "correct"],
  ["↑ ↓", "next"],
  ["Ctrl+Z", "undo"],
  ["Alt+N", "no text"],
  ["Alt+P", "printed"],
  ["Alt+S", "what was left out"],
  ["Alt+O", "order"],
  ["Alt+↑ ↓", "zoom"],
  ["Ctrl+S", "save"],
];

/** The functions of both modules as declarations. */
function program(): string {
  const all = [...Object.values(fields), ...Object.values(app)].map(String);
  return `${all.join("\n")}\n${app.startReview.name}();`.replaceAll("</", "<\\/");
}

/** What the review's program works on. @param before further elements at the beginning of its header. */
export function reviewBody(before = ""): string {
  return `<header>
${before}<strong id="name"></strong>
<label>Order <select id="order"><option value="doubtful">doubtful first<option value="alike">what reads alike<option value="page">as on the page</select></label>
<label><input type="checkbox" id="suppressed"> what was left out</label>
<button id="accept">Accept</button><button id="nothing">No text</button><button id="print">Printed</button>
<button id="undo">Undo</button><button id="save">Save corrections</button>
<progress id="progress" max="1" value="0" aria-label="looked at"></progress>
<span id="status" role="status"></span><span id="kept" role="alert"></span>
</header>
<main id="page" aria-label="page"><div id="sheet"><img alt=""><svg id="marks" preserveAspectRatio="none"></svg></div></main>
<section id="side" aria-label="fields"><div id="list"></div>
<footer><div id="others"></div>${
    KEYS.map(([key, what]) => `<span><kbd>${key}</kbd> ${what}</span>`).join(" ")
  }</footer></section>`;
}

/** @param name what the file with the corrections is called before its ending. @param pictures of each page, of any size. */
export function reviewPage(name: string, pages: Page[], pictures: (PagePicture | undefined)[]): string {
  const images = pictures.map((picture, i) => {
    // A browser turns a JPEG upright as its EXIF block says.
    const source = picture && ` src="data:image/${picture.kind};base64,${encodeBase64(picture.bytes)}"`;
    return `<img id="picture-${i}" alt=""${source ?? ""}>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Review of ${escapeXml(name)}</title>
<style>${STYLE}</style>
<body data-name="${escapeXml(name)}">
${reviewBody()}
<div id="pictures">${images.join("\n")}</div>
<script type="application/json" id="data">${JSON.stringify(pages).replaceAll("<", "\\u003c")}</script>
<script>${program()}</script>
</body>
</html>
`;
}
