/** Headless Chromium, where the developer or CI has put it, and pages in it that report what goes wrong. */
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";

/** Undefined where there is none (never in CI: there it throws). */
const chromiumFile: string | undefined = findChromium();
export const hasBrowser = chromiumFile !== undefined;

function findChromium(): string | undefined {
  const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const file = [process.env["MLPIPE_CHROMIUM"], ...places].find((one) => one && existsSync(one));
  if (file) return file;
  const reason = "no Chromium: install Debian's package chromium, or set MLPIPE_CHROMIUM to it";
  if (process.env["CI"] === "true") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return undefined;
}

/** A new one with a new profile, which goes with it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumFile !== undefined && { executablePath: chromiumFile }),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of the console and of scripts, dialogs, and requests for anything but the file itself. */
  readonly trouble: readonly string[];
}

export async function openFile(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  const address = pathToFileURL(file).href;
  page.on("console", (said) => {
    if (said.type() !== "log") trouble.push(`${said.type()}: ${said.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address) trouble.push(`request: ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return { page, trouble, [Symbol.asyncDispose]: () => context.close() };
}
