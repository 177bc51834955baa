/** Makes the README's pictures anew: `deno run -A tests/pages/pictures.ts`. Chromium is needed. */
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import { Browser } from "../chromium.ts";
import { PAGES, ROOT, run } from "../command.ts";

const folder = await Deno.makeTempDir();
for (const name of ["table.png", "note.png", "form.png"]) await Deno.copyFile(join(PAGES, name), join(folder, name));
const cli = ["run", "-q", "-A", join(ROOT, "src/cli.ts")];
await run(Deno.execPath(), [...cli, "review", "-q", "-o", join(folder, "review.html"), folder]);
const browser = await Browser.open(toFileUrl(join(folder, "review.html")).href, folder);
// One accepted, one corrected, the third being looked at.
await browser.press("Enter");
await browser.type("eggs!");
await browser.press("Enter");
await Deno.mkdir(join(ROOT, "docs"), { recursive: true });
await Deno.writeFile(join(ROOT, "docs", "review.png"), await browser.picture());
await browser.close();
await Deno.remove(folder, { recursive: true });
