/** The HTML report on a replay or a verification in a browser: read without a script, by keyboard, in light and dark. */
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printVerdict } from "../src/report/print-verdict.ts";
import type { VerdictData } from "../src/report/verdict-data.ts";
import { hasBrowser, openBrowser, openFile } from "./support/browser.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

const hostile = `</style></pre><img src=x onerror=alert(1)><script>alert(2)</script>"'&`;
/** One black point. */
const picture =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

const data: VerdictData = {
  title: "Replay of learn",
  about: [{ name: "run", text: hostile }],
  made: 0,
  verdict: { word: "DIFFERENT", tone: "bad", why: `step fit: ${hostile}` },
  notes: [hostile],
  causes: [
    {
      title: "unseeded random numbers",
      place: "step fit, forest.R:12",
      confidence: "certain",
      evidence: ["4 of 4 repeats differ", hostile],
      mend: `seed 2026 ${hostile}`,
    },
  ],
  tables: [
    {
      title: "Outputs",
      columns: ["output", "step", "verdict"],
      rows: [
        { cells: ["train", "split", "IDENTICAL"], tone: "good", details: [] },
        {
          cells: ["rmse", "test", "EQUIVALENT"],
          tone: "fair",
          details: [
            {
              kind: "table",
              columns: ["step", "recorded", "now"],
              rows: [["0", "5.12", "5.13"]],
              rest: "and 12 more",
            },
          ],
        },
        {
          cells: ["notes", "test", "DIFFERENT"],
          tone: "bad",
          details: [
            { kind: "text", text: hostile },
            { kind: "patch", text: `@@ -1,2 +1,2 @@\n one\n-two\n+${hostile}` },
          ],
        },
        {
          cells: ["plot", "test", "DIFFERENT"],
          tone: "bad",
          details: [{ kind: "pictures", before: picture, after: picture }],
        },
      ],
    },
    { title: "Environment", columns: ["what", "recorded", "now"], rows: [] },
  ],
  unchecked: [{ name: "directory order", why: hostile }],
};

const folder = temporaryFolder();
const report = path.join(folder.path, "replay.html");
let browser: Browser;
beforeAll(async () => {
  folder.write("replay.html", printVerdict(data));
  if (hasBrowser) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

describe.skipIf(!hasBrowser)("the report on a replay", () => {
  test("tells the verdict, the cause and its remedy, and shows what users wrote as they wrote it", async () => {
    await using opened = await openFile(browser, report, { javaScriptEnabled: false });
    const { page, trouble } = opened;
    expect(await page.title()).toBe("Replay of learn: DIFFERENT");
    expect(await page.locator(".verdict").innerText()).toBe(`DIFFERENT\n\nstep fit: ${hostile}`);
    expect(await page.locator(".causes > li p").allInnerTexts()).toEqual([
      "unseeded random numbers step fit, forest.R:12 certain",
      `seed 2026 ${hostile}`,
    ]);
    expect(await page.locator("main h2").allInnerTexts()).toEqual([
      "DIFFERENT",
      "The cause",
      "Outputs",
      "Not checked",
    ]);
    expect(await page.locator(".patch").innerText()).toBe(
      `@@ -1,2 +1,2 @@\n one\n-two\n+${hostile}\n`,
    );
    expect(trouble).toEqual([]);
  });

  test("shows what is not well at once, and the rest when asked by the keyboard", async () => {
    await using opened = await openFile(browser, report);
    const { page, trouble } = opened;
    const shown = page.locator("details table");
    expect(await page.locator("details[open]").count()).toBe(2);
    const widths = "[...document.querySelectorAll('.pictures img')].map((it) => it.naturalWidth)";
    expect(await page.evaluate<readonly number[]>(widths)).toEqual([1, 1]);
    expect(await shown.isVisible()).toBe(false);
    await page.getByText("details of rmse").focus();
    await page.keyboard.press("Enter");
    expect(await shown.isVisible()).toBe(true);
    expect(await shown.innerText()).toContain("5.13");
    expect(trouble).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "can be read in %s, on a narrow screen too",
    async (colorScheme) => {
      const viewport = { width: 400, height: 800 };
      await using opened = await openFile(browser, report, { colorScheme, viewport });
      const { page } = opened;
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(viewport.width);
      const [text, back] = await page.evaluate<[string, string]>(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]",
      );
      expect(light(text) > light(back)).toBe(colorScheme === "dark");
      expect(Math.abs(light(text) - light(back))).toBeGreaterThan(150);
    },
  );
});

/** From 0, black, to 255. */
function light(color: string): number {
  const parts = [...color.matchAll(/\d+/g)].slice(0, 3).map(Number);
  return parts.reduce((sum, part) => sum + part, 0) / 3;
}
