/** The page's HTML and style: the review, and before it what opens and saves files. */
import { reviewBody, STYLE } from "../format/review.ts";
import { percent } from "../promise/budgets.ts";

/** Nothing from elsewhere, and nothing to elsewhere; WASM may be compiled. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Kinds of files that a phone or a file dialog is asked for. */
const ACCEPT = "image/*,application/pdf,.pdf,.tif,.tiff,.pnm,.pgm,.ppm,.pbm,.bmp,.avif,.webp";

/** Shares of wrong fields that may be asked for; smaller ones are not carried by lines of held-out writers so far. */
const MOST_WRONG = [0.05, 0.1, 0.2];

const FORMATS: [value: string, name: string][] = [
  ["txt", "text"],
  ["csv", "table (CSV)"],
  ["tsv", "words (TSV)"],
  ["json", "JSON"],
  ["jsonl", "JSON lines"],
  ["pdf", "searchable PDF"],
  ["hocr", "hOCR"],
  ["alto", "ALTO"],
  ["page", "PAGE"],
  ["overlay", "overlay (SVG)"],
  ["review", "review (HTML)"],
  ["corrections", "corrections"],
];

export const WEB_STYLE = `${STYLE}
.button{position:relative;border:1px solid #888;border-radius:4px;padding:.2rem .6rem;background:#f4f4f4;color:#222;cursor:pointer}
.button input{position:absolute;inset:0;opacity:0;cursor:pointer;width:100%}
.button:focus-within{outline:2px solid #06c;outline-offset:2px}
#told{flex-basis:100%;font-size:13px;max-height:6em;overflow:auto}
#told:empty{display:none}
.error{color:#b00}
#offline{color:#060;font-size:13px}
#welcome{position:absolute;inset:0;display:grid;place-content:center;text-align:center;padding:1rem;color:#fff}
#welcome p{max-width:34rem}
.has-pages #welcome{display:none}
body:not(.has-pages) :is(#name,#accept,#nothing,#print,#undo,#save,#progress,label:has(#order),label:has(#suppressed)){display:none}
body.over main{outline:4px dashed #06c;outline-offset:-8px}
@media(prefers-color-scheme:dark){.error{color:#f88}#offline{color:#8d8}}
@media(max-width:800px){footer span{display:none}.button{padding:.5rem .8rem}}
`;

const OPENING = `<label class="button">Open files<input type="file" id="open" multiple accept="${ACCEPT}"></label>
<label class="button">Take a photo<input type="file" id="photo" accept="image/*" capture="environment"></label>
<label>Read <select id="charset"><option value="text">all<option value="numeric">numbers<option value="digits">digits</select></label>
<label title="what is too unsure is left blank">Wrong, at most <select id="max-error"><option value="">any${
  MOST_WRONG.map((share) => `<option value="${share}">${percent(share)}`).join("")
}</select></label>
<progress id="reading" max="1" value="0" hidden aria-label="files read"></progress><span id="reading-status" role="status"></span>
<label>Save as <select id="format">${
  FORMATS.map(([value, name]) => `<option value="${value}">${name}`).join("")
}</select></label>
<button id="download">Save</button><span id="offline" role="status"></span><div id="told" role="alert"></div>
`;

const WELCOME = `<div id="welcome"><h1>scrawl reads handwriting</h1>
<p>Drop pictures or PDFs here, paste one, open files or take a photo. They are read on this device: nothing leaves it.</p></div>`;

/** `index.html` */
export function webPage(): string {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Reads handwriting from pictures and PDFs on this device">
<title>scrawl</title>
<link rel="stylesheet" href="style.css">
<link rel="manifest" href="manifest.webmanifest">
<link rel="icon" href="icon.svg" type="image/svg+xml">
<body>
${reviewBody(OPENING).replace('<div id="sheet">', `${WELCOME}<div id="sheet">`)}
<script type="module" src="app.js"></script>
</body>
</html>
`;
}

/** So that it can be put among a phone's programs. */
export const MANIFEST = {
  name: "scrawl",
  short_name: "scrawl",
  description: "Reads handwriting from pictures and PDFs on this device",
  start_url: "./",
  display: "standalone",
  background_color: "#ffffff",
  theme_color: "#0066cc",
  icons: [{ src: "icon.svg", sizes: "any", type: "image/svg+xml" }],
};

export const ICON =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#06c"/>` +
  `<path d="M10 40c8-20 14-24 16-18s-8 22-2 22 10-20 14-20-4 18 2 18 8-8 14-12" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round"/></svg>\n`;
