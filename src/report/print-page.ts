/** What frames every report: one HTML file that asks no network. */
import { type Html, markup } from "./html.ts";
import { timeText } from "./texts.ts";

export interface Page {
  readonly title: string;
  /** Behind the title in the browser's list of pages. */
  readonly subtitle: string;
  /** Runs, files and places, in words. */
  readonly about: readonly { readonly name: string; readonly text: string }[];
  /** Milliseconds since 1970. */
  readonly made: number;
  /** What the page may do besides: directives of a content security policy. */
  readonly allowed: string;
  readonly style: string;
  readonly main: Html;
  /** Behind all that is seen. */
  readonly scripts: Html;
}

/** Nothing may be fetched, sent or framed but what `allowed` says. */
export function printPage(page: Page): string {
  const { title, subtitle, about, made, allowed, style, main, scripts } = page;
  const policy = `default-src 'none'; ${allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="mlpipe" />
        <title>${title}: ${subtitle}</title>
        <style>${{ html: style }}</style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <dl class="about">
            ${about.map(
              ({ name, text }) =>
                markup`<div>
                  <dt>${name}</dt>
                  <dd>${text}</dd>
                </div>`,
            )}
          </dl>
        </header>
        <main>${main}</main>
        <footer>
          Made by mlpipe at
          <time>${timeText(made)}</time> UTC.
        </footer>
        ${scripts}
      </body>
    </html>
`.html;
}
