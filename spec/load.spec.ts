/** Loading: a file with everything it imports, from memory. */
import { describe, expect, it } from "vitest";
import type { Files, ReadResult } from "../src/source/files.ts";
import { type Contents, memoryFiles } from "../src/source/memory.ts";
import { positionAt } from "../src/source/text.ts";
import { load } from "../src/syntax/load.ts";

function loadFrom(contents: Contents, entry = "a.mlpipe") {
  return load(entry, memoryFiles(contents));
}

/** `a.mlpipe:2:13 E0205 what is wrong → "replacement"`. */
function said(result: ReturnType<typeof load>): readonly string[] {
  return result.diagnostics.map(({ code, message, place, edits }) => {
    const { line, column } = positionAt(place.source, place.span.start);
    const more = edits.map(({ replacement }) => ` → ${replacement}`).join("");
    return `${place.source.path}:${line}:${column} ${code} ${message}${more}`;
  });
}

function modulesOf({ loaded }: ReturnType<typeof load>): readonly string[] {
  return [...(loaded?.modules.keys() ?? [])];
}

describe("imports", () => {
  it("are found from the file that names them, and in the standard library", () => {
    const result = loadFrom(
      {
        "runs/a.mlpipe":
          'import "./b.mlpipe"\nimport x from "../shared/c.mlpipe"\nimport rmse from "std/metrics"',
        "runs/b.mlpipe": "",
        "shared/c.mlpipe": 'import "d.mlpipe"\nrun x {}',
        "shared/d.mlpipe": "",
        "std/metrics": 'import "./more"',
        "std/more": "",
      },
      "runs/a.mlpipe",
    );
    expect(said(result)).toEqual([]);
    expect(modulesOf(result)).toEqual([
      "runs/a.mlpipe",
      "runs/b.mlpipe",
      "shared/c.mlpipe",
      "shared/d.mlpipe",
      "std/metrics",
      "std/more",
    ]);
    expect(result.loaded?.entry.source.path).toBe("runs/a.mlpipe");
    expect([...(result.loaded?.imports.values() ?? [])].toSorted()).toEqual(
      modulesOf(result).slice(1).toSorted(),
    );
  });

  it("of one file by two are read once", () => {
    const reads: string[] = [];
    const files = memoryFiles({
      "a.mlpipe": 'import "b.mlpipe"\nimport "./c.mlpipe"',
      "b.mlpipe": 'import "c.mlpipe"',
      "c.mlpipe": "run x {}",
    });
    const watched: Files = {
      ...files,
      read: (path) => {
        reads.push(path);
        return files.read(path);
      },
    };
    const { loaded } = load("./a.mlpipe", watched);
    expect(reads).toEqual(["a.mlpipe", "b.mlpipe", "c.mlpipe"]);
    expect([...(loaded?.imports.values() ?? [])].toSorted()).toEqual([
      "b.mlpipe",
      "c.mlpipe",
      "c.mlpipe",
    ]);
  });

  it("bring the findings of their own files", () => {
    const result = loadFrom({ "a.mlpipe": 'import "b.mlpipe"\nparm x', "b.mlpipe": "runn b {}" });
    expect(said(result)).toEqual([
      "a.mlpipe:2:1 E0101 there is no `parm` here; did you mean `param`? → param",
      "b.mlpipe:1:1 E0101 there is no `runn` here; did you mean `run`? → run",
    ]);
    expect(modulesOf(result)).toEqual(["a.mlpipe", "b.mlpipe"]);
  });

  it.each<{ name: string; written: string; finding: string; more?: Contents }>([
    {
      name: "that are missing name the nearest file",
      written: "./iirs.mlpipe",
      more: { "iris.mlpipe": "" },
      finding:
        'E0205 `./iirs.mlpipe` is not there; did you mean `./iris.mlpipe`? → "./iris.mlpipe"',
    },
    {
      name: "of a missing part of the standard library name the nearest",
      written: "std/metrcis",
      more: { "std/metrics": "" },
      finding: 'E0205 `std/metrcis` is not there; did you mean `std/metrics`? → "std/metrics"',
    },
    {
      name: "that are missing and like nothing say just that",
      written: "./other.mlpipe",
      finding: "E0205 `./other.mlpipe` is not there",
    },
    {
      name: "without the ending get it",
      written: "./iris",
      more: { "iris.mlpipe": "" },
      finding:
        'E0205 `./iris` is not an .mlpipe file; did you mean `./iris.mlpipe`? → "./iris.mlpipe"',
    },
    {
      name: "of data are refused",
      written: "iris.csv",
      more: { "iris.csv": "1,2" },
      finding: "E0205 `iris.csv` is not an .mlpipe file",
    },
    {
      name: "of a folder are refused",
      written: "runs.mlpipe",
      more: { "runs.mlpipe/a.mlpipe": "" },
      finding: "E0205 `runs.mlpipe` is a folder, not a file",
    },
    {
      name: "outside the project are refused",
      written: "../b.mlpipe",
      finding: "E0205 `../b.mlpipe` leaves the project's folder",
    },
    {
      name: "with an absolute path are refused",
      written: "/etc/b.mlpipe",
      finding: "E0205 `/etc/b.mlpipe` leaves the project's folder",
    },
    {
      name: "with a hole are refused",
      written: "${x}.mlpipe",
      finding: "E0205 the path of an import is fixed: it holds no `${…}`",
    },
    {
      name: "of the file itself are refused",
      written: "./a.mlpipe",
      finding: "E0205 `a.mlpipe` imports itself",
    },
    {
      name: "in a circle print it",
      written: "b.mlpipe",
      more: { "b.mlpipe": 'import "c.mlpipe"', "c.mlpipe": 'import "a.mlpipe"' },
      finding:
        "E0205 each of these files imports the next: a.mlpipe → b.mlpipe → c.mlpipe → a.mlpipe",
    },
    {
      name: "that are not UTF-8 name the byte",
      written: "b.mlpipe",
      more: { "b.mlpipe": new Uint8Array([65, 66, 0xff]) },
      finding: "E0109 b.mlpipe is not a UTF-8 text: byte 2 cannot be read",
    },
  ])("$name", ({ written, finding, more }) => {
    const result = loadFrom({ "a.mlpipe": `mlpipe 1\nimport "${written}"\nrun x {}\n`, ...more });
    expect(said(result).map((line) => line.replace(/^\S+ /, ""))).toEqual([finding]);
    expect(result.loaded?.entry.declarations.map(({ kind }) => kind)).toEqual(["import", "run"]);
    expect(result.loaded?.imports.size).toBe(finding.includes("next") ? 2 : 0);
  });
});

describe("the file that is asked for", () => {
  function loadResult(read: ReadResult) {
    return load("a.mlpipe", { read: () => read, kind: () => "missing", list: () => [] });
  }

  it.each<[string, ReadResult, string]>([
    ["is missing", { kind: "missing" }, "E0406 `a.mlpipe` is not there"],
    ["is a folder", { kind: "folder" }, "E0406 `a.mlpipe` is a folder, not a file"],
    ["is outside", { kind: "outside" }, "E0406 `a.mlpipe` leaves the project's folder"],
    ["is too large", { kind: "too-large", bytes: 99 }, "E0406 `a.mlpipe` is too large: 99 bytes"],
    [
      "cannot be read",
      { kind: "unreadable", reason: "permission denied" },
      "E0406 `a.mlpipe` cannot be read: permission denied",
    ],
    [
      "is not UTF-8",
      { kind: "not-utf8", offset: 7 },
      "E0109 a.mlpipe is not a UTF-8 text: byte 7 cannot be read",
    ],
  ])("%s: a finding and nothing loaded", (_, read, finding) => {
    const result = loadResult(read);
    expect(result.loaded).toBeUndefined();
    expect(said(result)).toEqual([`a.mlpipe:1:1 ${finding}`]);
  });

  it("is named nearly right: the finding names the file beside it", () => {
    const result = loadFrom({ "iris.mlpipe": "" }, "irsi.mlpipe");
    expect(said(result)).toEqual([
      "irsi.mlpipe:1:1 E0406 `irsi.mlpipe` is not there; did you mean `iris.mlpipe`?",
    ]);
  });
});
