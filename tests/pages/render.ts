/**
 * Draws the test pages: handwriting fonts with print around it. `deno run -A tests/pages/render.ts FONTS [NAME...]` where FONTS is the
 * folder that `deno task data get fonts` filled, of which it takes three (all OFL).
 */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { createRequire } from "node:module";
import { dirname } from "@std/path/dirname";
import { PDFDocument, StandardFonts } from "pdf-lib";
import { unpackWoff } from "../../src/train/woff.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

const require = createRequire(import.meta.url);
const file = require.resolve("canvaskit-wasm/full");
const kit: Any = await require("canvaskit-wasm/full")({
  wasmBinary: await Deno.readFile(join(dirname(file), "canvaskit.wasm")),
});
const [fonts, ...wanted] = Deno.args;
const out = dirname(fromFileUrl(import.meta.url));

interface Text {
  font: string;
  size: number;
  x: number;
  y: number;
  text: string;
}

async function page(
  name: string,
  width: number,
  height: number,
  texts: Text[],
  draw: (canvas: Any, paint: Any) => void = () => {},
) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const surface = kit.MakeSurface(width, height);
  const canvas = surface.getCanvas();
  canvas.clear(kit.Color(250, 249, 244));
  const paint = new kit.Paint();
  paint.setAntiAlias(true);
  paint.setColor(kit.Color(90, 90, 90));
  paint.setStyle(kit.PaintStyle.Stroke);
  paint.setStrokeWidth(2);
  draw(canvas, paint);
  paint.setStyle(kit.PaintStyle.Fill);
  for (const t of texts) {
    const woff = join(fonts, "node_modules", "@fontsource", t.font, "files", `${t.font}-latin-400-normal.woff`);
    const face = kit.Typeface.MakeFreeTypeFaceFromData(unpackWoff(await Deno.readFile(woff)).buffer);
    paint.setColor(t.font !== roboto ? kit.Color(25, 30, 90) : kit.Color(20, 20, 20));
    canvas.drawText(t.text, t.x, t.y, paint, new kit.Font(face, t.size));
  }
  surface.flush();
  await Deno.writeFile(join(out, `${name}.png`), surface.makeImageSnapshot().encodeToBytes());
}

const pen = "nothing-you-could-do", kalam = "kalam", roboto = "roboto";

await page("digits", 700, 420, [
  { font: pen, size: 90, x: 60, y: 120, text: "4071" },
  { font: pen, size: 90, x: 60, y: 240, text: "93826" },
  { font: pen, size: 90, x: 60, y: 360, text: "15" },
]);

await page("form", 1000, 620, [
  { font: roboto, size: 34, x: 60, y: 90, text: "Reading of the water meter" },
  { font: roboto, size: 28, x: 60, y: 220, text: "Number" },
  { font: pen, size: 64, x: 320, y: 222, text: "70436" },
  { font: roboto, size: 28, x: 60, y: 360, text: "Amount" },
  { font: pen, size: 64, x: 320, y: 362, text: "128.50" },
  { font: roboto, size: 28, x: 60, y: 500, text: "Day" },
  { font: pen, size: 64, x: 320, y: 502, text: "24.09.1987" },
], (canvas, paint) => {
  for (const y of [235, 375, 515]) canvas.drawLine(300, y, 900, y, paint);
});

await page("note", 1000, 420, [
  { font: kalam, size: 70, x: 60, y: 110, text: "bread and milk" },
  { font: kalam, size: 70, x: 60, y: 230, text: "12 eggs" },
  { font: kalam, size: 70, x: 60, y: 350, text: "call Anna" },
]);

await page("print", 1000, 420, [
  { font: roboto, size: 34, x: 60, y: 90, text: "Nothing on this page was written by hand." },
  { font: roboto, size: 28, x: 60, y: 180, text: "Opening hours: 8 to 17, on Friday until 12" },
  { font: roboto, size: 28, x: 60, y: 240, text: "Telephone 030 1234567, room 214" },
]);

await page("sum", 1000, 420, [
  { font: pen, size: 70, x: 60, y: 130, text: "2  +  5" },
  { font: pen, size: 40, x: 304, y: 85, text: "2" },
  { font: pen, size: 70, x: 60, y: 260, text: "12  +  25" },
  { font: pen, size: 70, x: 60, y: 380, text: "37" },
]);

await page("boxes", 1000, 300, [
  { font: roboto, size: 28, x: 60, y: 150, text: "Number" },
  ...[..."4071395"].map((text, i) => ({ font: pen, size: 60, x: 316 + 74 * i, y: 152, text })),
], (canvas, paint) => {
  for (const y of [88, 172]) canvas.drawLine(300, y, 300 + 74 * 8, y, paint);
  for (let i = 0; i <= 8; i++) canvas.drawLine(300 + 74 * i, 88, 300 + 74 * i, 172, paint);
});

// A tally sheet that leans, with cells that nobody filled.
const ROWS = [["1", "204", "75", "9.50"], ["2", "", "68", "12.25"], ["3", "197", "71", ""], ["4", "186", "", "8.40"], [
  "5",
  "211",
  "64",
  "10.75",
]];
await page(
  "table",
  1000,
  640,
  ROWS.flatMap((row, r) =>
    row.map((text, c) => ({ font: pen, size: 54, x: 100 + 190 * c + 18 * (r % 2), y: 150 + 90 * r, text }))
  ),
  (canvas, paint) => {
    canvas.skew(-0.06, 0.01);
    for (let r = 0; r <= 5; r++) canvas.drawLine(80, 78 + 90 * r, 860, 78 + 90 * r, paint);
    for (const x of [80, 260, 450, 640, 860]) canvas.drawLine(x, 78, x, 78 + 450, paint);
  },
);

// A PDF page that is no single scan, and so is drawn: print and rules of its own, the written form as a picture among them.
if (wanted.length === 0 || wanted.includes("drawn")) {
  const document = await PDFDocument.create({ updateMetadata: false });
  const sheet = document.addPage([420, 594]);
  const font = await document.embedFont(StandardFonts.Helvetica);
  sheet.drawText("Please return this sheet by Friday.", { x: 40, y: 540, size: 12, font });
  sheet.drawLine({ start: { x: 40, y: 530 }, end: { x: 380, y: 530 } });
  const image = await document.embedPng(await Deno.readFile(join(out, "form.png")));
  sheet.drawImage(image, { x: 40, y: 280, width: 340, height: 340 * image.height / image.width });
  await Deno.writeFile(join(out, "drawn.pdf"), await document.save());
}
