/** A headless Chromium, driven over its DevTools protocol: pages, keys, downloads, pictures of what is seen. */
import { join } from "@std/path/join";
import { until } from "./command.ts";

/** The program, where there is one. */
export const CHROMIUM = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].find((name) => {
  try {
    return new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
});

const MODIFIERS: Record<string, number> = { Alt: 1, Control: 2, Shift: 8 };

/** One page in a browser of its own. */
export class Browser {
  /** Errors of the page's program. */
  readonly errors: string[] = [];
  /** Addresses that it asked for. */
  readonly requests: string[] = [];
  private next = 0;
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (e: Error) => void }>();

  private constructor(private process: Deno.ChildProcess, private socket: WebSocket, private profile: string) {
    socket.onmessage = ({ data }) => {
      const { id, method, params, result, error } = JSON.parse(data);
      if (method === "Runtime.exceptionThrown") this.errors.push(params.exceptionDetails.exception?.description);
      if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
      if (id === undefined) return;
      const { resolve, reject } = this.waiting.get(id)!;
      if (error) reject(new Error(error.message));
      else resolve(result as never);
    };
  }

  /** @param downloads folder for what the page saves. @param dark whether it is asked to be dark. */
  static async open(url: string, downloads: string, dark = false): Promise<Browser> {
    const profile = await Deno.makeTempDir();
    const process = new Deno.Command(CHROMIUM!, {
      args: [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,720", "--remote-debugging-port=0"],
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const said = join(profile, "DevToolsActivePort");
    await until("Chromium says its port", () => {
      try {
        return Deno.readTextFileSync(said).includes("\n");
      } catch {
        return false;
      }
    });
    const [port] = (await Deno.readTextFile(said)).split("\n");
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const socket = new WebSocket(targets.find((t: { type: string }) => t.type === "page").webSocketDebuggerUrl);
    await new Promise((resolve, reject) => [socket.onopen, socket.onerror] = [resolve, reject]);
    const browser = new Browser(process, socket, profile);
    await browser.send("Runtime.enable");
    await browser.send("Network.enable");
    await browser.send("Page.enable");
    await browser.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
    await browser.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
    });
    await browser.go(url);
    return browser;
  }

  send<T = Record<string, never>>(method: string, params: object = {}): Promise<T> {
    const id = ++this.next;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise<T>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  async go(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    while (await this.value("document.readyState") !== "complete") await new Promise((r) => setTimeout(r, 20));
  }

  /** What an expression of JavaScript is worth in the page. */
  async value<T = unknown>(expression: string): Promise<T> {
    type Answer = { result: { value: T }; exceptionDetails?: { exception: { description: string } } };
    const o = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send<Answer>("Runtime.evaluate", o);
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  /** Presses a key like `Enter` or `Control+z`. */
  async press(keys: string): Promise<void> {
    const parts = keys.split("+");
    const key = parts.pop()!;
    const modifiers = parts.reduce((sum, m) => sum + MODIFIERS[m], 0);
    await this.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, modifiers });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, modifiers });
  }

  /** Types text where the focus is. */
  type = (text: string) => this.send("Input.insertText", { text });

  /** What is seen, as a PNG. */
  async picture(): Promise<Uint8Array> {
    const { data } = await this.send<{ data: string }>("Page.captureScreenshot");
    return Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  }

  async close(): Promise<void> {
    this.socket.close();
    this.process.kill();
    await this.process.status;
    await new Deno.Command("rm", { args: ["-rf", this.profile] }).output();
  }
}
