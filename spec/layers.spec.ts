/** The architecture as a test: who may import whom, one door a package, and how long files and functions may be. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "..", "src");

/** A folder may import itself and what is named here; `.` stands for the files directly in src. */
const layers: Readonly<Record<string, readonly string[]>> = {
  source: [],
  syntax: ["source"],
  check: ["source", "syntax"],
  tracking: [],
  plan: ["source", "check", "tracking"],
  emit: ["source", "check", "plan"],
  project: ["source"],
  content: ["check"],
  run: ["source", "check", "plan", "tracking", "project", "content"],
  repro: ["source", "check", "plan", "tracking", "project", "content", "run"],
  report: [],
  ".": ["source", "syntax", "check", "plan", "emit", "run", "repro", "tracking"],
  cli: [
    ".",
    "source",
    "syntax",
    "check",
    "plan",
    "emit",
    "project",
    "content",
    "run",
    "repro",
    "report",
    "tracking",
  ],
};

/** The files that may import a package. Swapping the package touches these alone. */
const doors: Readonly<Record<string, RegExp>> = {
  "ohm-js": /^syntax\/parse/,
  yaml: /^(emit\/mlproject\.ts|project\/.*|tracking\/file-store\/.*)$/,
  undici: /^tracking\/client/,
  fastify: /^tracking\/server\//,
  zx: /^run\/tool\.ts$/,
  yauzl: /^project\/zip\.ts$/,
  diff: /^(cli\/patch|repro\/compare\/line-difference)\.ts$/,
  "fast-check": /^repro\/laws\//,
  vitest: /^vitest\.ts$/,
  webr: /^run\/webr/,
  acorn: /^run\/cache\/normal-js\.ts$/,
  commander: /^cli\//,
  "node:sqlite": /^tracking\/store\//,
};

/** Folders that must run in a browser, and the one door to the disk among them. */
const portable = new Set(["source", "syntax", "check", "plan", "emit"]);
const diskDoor = "source/disk.ts";

interface SourceFile {
  /** Below src, with forward slashes. */
  readonly name: string;
  readonly folder: string;
  readonly text: string;
}

const files: readonly SourceFile[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((name) => name.split(path.sep).join("/"))
  .filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".d.ts") && !name.includes(".ohm-bundle."),
  )
  .map((name) => ({
    name,
    folder: name.includes("/") ? name.slice(0, name.indexOf("/")) : ".",
    text: readFileSync(path.join(root, name), "utf8"),
  }));

function importsOf(file: SourceFile): readonly string[] {
  const text = file.text.replace(/^ *\/\*\*[^]*?\*\/$/gm, "");
  const forms = [
    /^(?:import|export)\s[^";]*?\bfrom "([^"\n]+)"/gm,
    /^import "([^"\n]+)"/gm,
    /\bimport\("([^"\n]+)"\)/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map(([, target = ""]) => target));
}

function folderOf(file: SourceFile, target: string): string {
  const name = path.posix.join(path.posix.dirname(file.name), target);
  return name.includes("/") ? name.slice(0, name.indexOf("/")) : ".";
}

/** Wrong imports of one file, as readable sentences. */
function violations(file: SourceFile): readonly string[] {
  return importsOf(file).flatMap((target) => {
    if (target.startsWith(".")) {
      const folder = folderOf(file, target);
      const allowed = folder === file.folder || (layers[file.folder] ?? []).includes(folder);
      return allowed
        ? []
        : [`${file.name} imports ${target}: ${file.folder} may not know ${folder}`];
    }
    const door = Object.entries(doors).find(
      ([name]) => target === name || target.startsWith(`${name}/`),
    );
    if (door)
      return door[1].test(file.name)
        ? []
        : [`${file.name} imports ${target}, whose door is ${door[1]}`];
    if (!target.startsWith("node:")) return [`${file.name} imports ${target}, which has no door`];
    const barred = portable.has(file.folder) && file.name !== diskDoor;
    return barred ? [`${file.name} imports ${target}, but must run in a browser`] : [];
  });
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;
}

/** Lengths of the named functions of a formatted file: from `function` to the brace in the same column. */
function functionLengths({ text }: SourceFile): readonly number[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const opening = /^(\s*)(?:export )?(?:async )?function\*? /.exec(line);
    if (!opening) return [];
    const end = lines.findIndex((other, at) => at > start && other === `${opening[1]}}`);
    return end < 0 ? [] : [end - start + 1];
  });
}

describe("the architecture", () => {
  test("every folder is a known layer", () => {
    expect(
      [...new Set(files.map(({ folder }) => folder))].filter((folder) => !(folder in layers)),
    ).toEqual([]);
  });

  test("a folder imports only the layers below it, and a package only through its door", () => {
    expect(files.flatMap(violations)).toEqual([]);
  });

  test("no file has a `using` declaration, which the oldest Node that is supported cannot read", () => {
    const found = files.filter(({ text }) => /^\s+(?:await )?using \w+ = /m.test(text));
    expect(found.map(({ name }) => name)).toEqual([]);
  });

  test("a wrong import would be found", () => {
    const wrong = (name: string, target: string): number =>
      violations({
        name,
        folder: name.split("/")[0] ?? ".",
        text: `import { x } from "${target}";`,
      }).length;
    expect([
      wrong("source/a.ts", "../syntax/ast.ts"),
      wrong("check/a.ts", "node:fs"),
      wrong("run/a.ts", "../cli/main.ts"),
      wrong("plan/a.ts", "yaml"),
      wrong("tracking/a.ts", "../check/program.ts"),
      wrong("run/a.ts", "left-pad"),
    ]).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe("the budgets", () => {
  const lengths = files.map(({ text }) => text.split("\n").length - 1);
  const functions = files.flatMap(functionLengths);

  test("half of all files have at most 120 lines, nine of ten at most 300, and none has over 500", () => {
    expect(quantile(lengths, 0.5)).toBeLessThanOrEqual(120);
    expect(quantile(lengths, 0.9)).toBeLessThanOrEqual(300);
    expect(
      files.filter(({ text }) => text.split("\n").length > 501).map(({ name }) => name),
    ).toEqual([]);
  });

  test("half of all functions have at most 8 lines, nine of ten at most 25, and none has over 60", () => {
    expect(functions.length).toBeGreaterThan(300);
    expect(quantile(functions, 0.5)).toBeLessThanOrEqual(8);
    expect(quantile(functions, 0.9)).toBeLessThanOrEqual(25);
    expect(Math.max(...functions)).toBeLessThanOrEqual(60);
  });
});
