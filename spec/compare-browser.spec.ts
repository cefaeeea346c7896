/** The HTML report of a comparison in a browser: sorted, steered by the keyboard, in light and dark, with a thousand runs. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printReport } from "../src/report/print-report.ts";
import type { ReportData } from "../src/report/report-data.ts";
import { openTracking } from "../src/tracking/open.ts";
import { hasBrowser, openBrowser, openFile } from "./support/browser.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { type LoggedRun, logRuns } from "./support/query-runs.ts";
import { treeRuns, treesFile } from "./support/trees.ts";

const folder = temporaryFolder();
const report = path.join(folder.path, "trees.html");
const hostile = `</script><img src=x onerror=alert(1)><svg onload="alert('2')">"'&`;
const hostileRun: LoggedRun = {
  name: hostile,
  second: 40,
  params: { cp: hostile, maxdepth: "7" },
  metrics: { recall: [NaN], precision: [0.5], "loss of b": [1, 2] },
  tags: { "mlpipe.run": "baseline", note: hostile },
  files: { "notes.txt": "short" },
};

let browser: Browser;
beforeAll(async () => {
  if (!hasBrowser) return;
  folder.write("sweep.mlpipe", treesFile.replace(/ {2}where .*\n/, ""));
  const tracking = await openTracking(undefined, { folder: folder.path });
  await logRuns(tracking, folder, "/Shared/iris", [...treeRuns, hostileRun]);
  await tracking.close();
  const ended = await mlpipe(["compare", "sweep.mlpipe", "--html", "trees.html"], {
    cwd: folder.path,
  });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

/** The texts of a column, in the order of the rows. */
const column = (page: Page, at: number): Promise<readonly string[]> =>
  page.locator(`tbody tr > :nth-child(${at})`).allInnerTexts();

/** What assistive technology is told of the columns' order. */
const sorted = (page: Page): Promise<readonly (string | null)[]> =>
  page
    .locator("thead th[aria-sort]")
    .evaluateAll((all) =>
      all.map((th) => `${th.textContent.trim()} ${th.getAttribute("aria-sort")}`),
    );

const styleOf = (page: Page, name: string): Promise<string> =>
  page.evaluate<string>(`getComputedStyle(document.body).${name}`);

/** Runs with two params and two metrics, as many as asked for. */
function many(count: number): ReportData {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const share = (at: number, by: number): number => ((at * by) % count) / count;
  return {
    title: "many",
    about: [],
    made: 0,
    best: { run: 0, why: "it is" },
    notes: [],
    bestBy: [{ metric: "a", goal: "maximize" }],
    runs: numbers.map((at) => ({
      label: `run ${at}`,
      id: String(at),
      of: at % 2 ? "odd" : "even",
      started: at,
      took: 1,
      artifacts: "",
      links: {},
    })),
    columns: [
      { name: "p", kind: "param", shown: true, values: numbers.map((at) => share(at, 7)) },
      { name: "q", kind: "param", shown: true, values: numbers.map((at) => share(at, 11)) },
      { name: "a", kind: "metric", shown: true, values: numbers.map((at) => share(at, 13)) },
      { name: "b", kind: "metric", shown: true, values: numbers.map((at) => share(at, 17)) },
    ],
    curves: [],
  };
}

describe.skipIf(!hasBrowser)("a report in Chromium", () => {
  test.each(["light", "dark"] as const)(
    "is drawn in %s without asking the network, and without trouble by hostile texts",
    async (colorScheme) => {
      await using opened = await openFile(browser, report, { colorScheme });
      const { page } = opened;
      await page.locator("#parallel svg").waitFor();
      expect(await column(page, 2)).toContain(hostile);
      expect(await page.locator("figure:visible h2").allInnerTexts()).toEqual([
        "Two numbers of each run",
        "Metrics over their steps",
        "Params, and what came of them",
      ]);
      expect(await page.locator("img, tbody svg").count()).toBe(0);
      const ground = await styleOf(page, "backgroundColor");
      const [red = 0] = (ground.match(/\d+/g) ?? []).map(Number);
      expect(red < 128).toBe(colorScheme === "dark");
      expect(opened.trouble).toEqual([]);
    },
  );

  test("says which run is the best, and why", async () => {
    await using opened = await openFile(browser, report);
    const best = opened.page.locator(".best");
    expect(await best.locator("h2").innerText()).toBe("★ too good is the best");
    expect(await best.locator("p").innerText()).toBe(
      "recall 0.99 before 0.97 of tidy_grid/04; precision was not needed.",
    );
  });

  test("is sorted by a click on a title, the good end of a metric first, and what has no number last", async () => {
    await using opened = await openFile(browser, report);
    const { page } = opened;
    const title = page.getByRole("button", { name: "recall" });
    expect(await sorted(page)).toEqual(["# ascending"]);
    await title.click();
    expect(await sorted(page)).toEqual(["recall descending"]);
    expect((await column(page, 5)).map(Number)).toEqual([
      0.99,
      0.97,
      0.97,
      0.95,
      0.9032,
      0.88,
      NaN,
    ]);
    await title.click();
    expect(await sorted(page)).toEqual(["recall ascending"]);
    expect((await column(page, 5)).map(Number)).toEqual([
      0.88,
      0.9032,
      0.95,
      0.97,
      0.97,
      0.99,
      NaN,
    ]);
    expect(await page.getByRole("status").innerText()).toBe("Sorted by recall, ascending.");
  });

  test("is sorted and steered with the keyboard alone", async () => {
    await using opened = await openFile(browser, report);
    const { page } = opened;
    const reach = async (name: string): Promise<void> => {
      const focused = (): Promise<string> =>
        page.evaluate<string>("document.activeElement.textContent.trim()");
      for (let presses = 0; (await focused()) !== name; presses++) {
        expect(presses).toBeLessThan(30);
        await page.keyboard.press("Tab");
      }
    };
    await reach("maxdepth");
    await page.keyboard.press("Enter");
    expect(await sorted(page)).toEqual(["maxdepth ascending"]);
    await page.keyboard.press("Space");
    expect(await sorted(page)).toEqual(["maxdepth descending"]);
    expect((await column(page, 4)).map(Number)).toEqual([7, 5, 3, 3, 3, 2, 2]);
    await page.getByLabel("up").focus();
    await page.keyboard.type("loss");
    const name = await page.locator("#scatter svg").getAttribute("aria-label");
    expect(name).toBe("loss against recall, one mark a run");
  });

  test("shows a run that is pointed at in every figure", async () => {
    await using opened = await openFile(browser, report);
    const { page } = opened;
    await page.locator("tbody tr", { hasText: "tidy_grid/03" }).hover();
    for (const id of ["scatter", "curves", "parallel"])
      expect(await page.locator(`#${id} .is-active`).count(), id).toBe(1);
    await page.locator("h1").hover();
    expect(await page.locator(".is-active").count()).toBe(0);
  });

  test("leads to the artifacts that lie on this machine", async () => {
    await using opened = await openFile(browser, report);
    const links = opened.page.locator("tbody a");
    expect(await links.count()).toBe(1);
    const address = (await links.getAttribute("href")) ?? "";
    expect(readdirSync(fileURLToPath(address))).toEqual(["notes.txt"]);
  });

  test("stays usable with 1,000 runs, and moves nothing once it is there", async () => {
    await using opened = await openFile(
      browser,
      folder.write("many.html", printReport(many(1000))),
    );
    const { page } = opened;
    expect(await page.locator("#scatter svg g[aria-label=dot] > *").count()).toBe(1000);
    expect(await page.locator("tbody tr").count()).toBe(1000);
    const milliseconds = await page.evaluate<number>(`(async () => {
      const began = performance.now();
      document.querySelectorAll("th button")[4].click();
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return performance.now() - began;
    })()`);
    expect(milliseconds).toBeLessThan(2000);
    const moved = await page.evaluate<number>(`(() => {
      const observer = new PerformanceObserver(() => {});
      observer.observe({ type: "layout-shift", buffered: true });
      return observer.takeRecords().reduce((sum, { value }) => sum + value, 0);
    })()`);
    expect(moved).toBeLessThan(0.02);
    expect(opened.trouble).toEqual([]);
  });

  test("fits a phone and a sheet of paper, and has its table without scripts", async () => {
    await using phone = await openFile(browser, report, { viewport: { width: 360, height: 700 } });
    const { page } = phone;
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const paper = await styleOf(page, "backgroundColor");
    expect(paper).toBe("rgb(255, 255, 255)");
    expect(await page.getByLabel("all columns").isVisible()).toBe(false);
    await using still = await openFile(browser, report, { javaScriptEnabled: false });
    expect(await still.page.locator("tbody tr").count()).toBe(7);
    expect(await still.page.locator("figure:visible").count()).toBe(0);
  });
});
