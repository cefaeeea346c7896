/** The HTML report of a comparison as a text: what may run in it, what users' texts may do to it, and its colours. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate, generatedFile } from "../report/generate.ts";
import { printReport } from "../src/report/print-report.ts";
import type { ReportData } from "../src/report/report-data.ts";
import { root } from "./support/mlpipe.ts";

const hostile = `</script ></script><script>alert(1)</script><img src=x onerror="alert('2')"><!-- & ' " \u2028`;

/** Every text of a user is `text`. */
function reportOf(text: string): ReportData {
  const run = { of: text, started: 0, took: 1, artifacts: text, links: {} };
  return {
    title: text,
    about: [{ name: text, text }],
    made: 0,
    best: { run: 0, why: text },
    notes: [text],
    bestBy: [{ metric: text, goal: "maximize" }],
    runs: [
      { ...run, id: text, label: text },
      { ...run, id: "b", label: "b" },
    ],
    columns: [
      { name: text, kind: "param", shown: true, values: [text, "x"] },
      { name: text, kind: "metric", shown: false, values: [1, 2] },
    ],
    curves: [{ metric: text, series: [{ run: 0, steps: [0, 1], values: [1, 2] }] }],
  };
}

/** As browsers find the end of a script: what stands between tags, with what an attribute's quotes hold; and the data of its script. */
function parts(page: string): { readonly tags: string; readonly data: unknown } {
  const [, json = ""] =
    /<script type="application\/json" id="data">(.*?)<\/script[\s/>]/s.exec(page) ?? [];
  const rest = page.replace(/<(style|script)\b[^>]*>.*?<\/\1[\s/>]/gs, "");
  const tags = [...rest.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
  return { tags: tags.join("\n"), data: JSON.parse(json) };
}

describe("a report", () => {
  test("has the same tags and scripts whatever a user's texts are, and carries them unchanged", () => {
    const plain = parts(printReport(reportOf("a"))).tags;
    const texts = fc.oneof(
      fc.constant(hostile),
      fc.string({ unit: fc.constantFrom(..."<>/!-'\"&=`\\ascript\n\u2028") }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const found = parts(printReport(reportOf(text)));
        expect(found.tags).toBe(plain);
        expect(found.data).toEqual(reportOf(text));
      }),
    );
  });

  test("lets nothing be fetched, and no script run but its own", () => {
    const page = printReport(reportOf("a"));
    const [, policy = ""] =
      /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page) ?? [];
    const script = page.slice(page.lastIndexOf("<script>") + 8, page.lastIndexOf("</script>"));
    const digest = createHash("sha256").update(script).digest("base64");
    expect(policy).toBe(
      `default-src &#39;none&#39;; script-src &#39;sha256-${digest}&#39;; style-src &#39;unsafe-inline&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;`,
    );
    expect(page).not.toMatch(/<(link|iframe|object|embed|base|form)\b/);
  });

  test("is made with the script and the style that the sources in report/ give", async () => {
    expect(await generate()).toBe(readFileSync(generatedFile, "utf8"));
  });

  test("carries the licences of what draws in it", () => {
    const page = printReport(reportOf("a"));
    expect(page).toContain("Copyright 2020-2025 Observable, Inc.");
    expect(page).toContain("Mike Bostock");
  });
});

type Colors = Readonly<Record<string, string>>;

/** The colours of the page in light, in dark and in print. */
const [light = {}, dark = {}, print = {}]: readonly Colors[] = [
  ...readFileSync(path.join(root, "report", "page.css"), "utf8").matchAll(/:root \{([^}]*)\}/g),
].map(([, body = ""]) =>
  Object.fromEntries(
    [...body.matchAll(/--([\w-]+): (#\w+)/g)].map(([, name, color]) => [name, color]),
  ),
);

function luminance(color: string): number {
  const digits =
    color.length === 4
      ? Array.from(color.slice(1), (one) => one + one)
      : (color.match(/\w\w/g) ?? []);
  const [red = 0, green = 0, blue = 0] = digits
    .map((pair) => Number.parseInt(pair, 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** As WCAG 2 defines it. */
function contrast(a = "", b = ""): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ["light", light],
  ["dark", { ...light, ...dark }],
  ["print", { ...light, ...print }],
])("its colours in %s", (_, colors) => {
  test("let every text be read as WCAG AA asks", () => {
    for (const text of ["text", "soft", "link", "best"])
      for (const ground of ["page", "card", "row", "best-page"])
        expect(contrast(colors[text], colors[ground]), `${text} on ${ground}`).toBeGreaterThan(4.5);
  });

  test("let every mark be seen as WCAG AA asks", () => {
    const marks = Object.keys(colors).filter((name) => name.startsWith("group-"));
    expect(marks).toHaveLength(6);
    for (const mark of [...marks, "best", "axis"])
      expect(contrast(colors[mark], colors["card"]), mark).toBeGreaterThan(3);
  });
});
