/** Which R is used, and how it is started. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { adviseR, findR, rCommand } from "../src/run/r.ts";
import { testFolder } from "./support/r-step.ts";

function program(...parts: readonly string[]): string {
  const file = join(...parts);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "#!/bin/sh\n");
  chmodSync(file, 0o755);
  return file;
}

describe("which R", () => {
  test("Rscript on PATH, the first one that may be executed", () => {
    const folder = testFolder();
    mkdirSync(join(folder, "a", "Rscript"), { recursive: true });
    mkdirSync(join(folder, "b"));
    writeFileSync(join(folder, "b", "Rscript"), "not executable");
    const path = program(folder, "c", "Rscript");
    const folders = ["", ".", ...["a", "b", "c"].map((name) => join(folder, name))];
    expect(findR({ PATH: folders.join(delimiter) })).toEqual({ kind: "rscript", path });
  });

  test("MLPIPE_R wins over PATH: a program, its folder, or the R beside it", () => {
    const folder = testFolder();
    program(folder, "path", "Rscript");
    const mine = program(folder, "R-4.4", "bin", "Rscript");
    program(folder, "R-4.4", "bin", "R");
    for (const asked of [mine, join(folder, "R-4.4"), join(folder, "R-4.4", "bin", "R")]) {
      const env = { PATH: join(folder, "path"), MLPIPE_R: asked };
      expect(findR(env)).toEqual({ kind: "rscript", path: mine });
    }
  });

  test("a name that leads nowhere is told, not replaced", () => {
    const asked = join(testFolder(), "Rscript");
    const found = findR({ PATH: process.env["PATH"], MLPIPE_R: asked });
    expect(found).toEqual({ kind: "none", asked });
    if (found.kind === "none") expect(adviseR(found)).toContain(`MLPIPE_R names \`${asked}\``);
  });

  test("WebR where there is no Rscript, or where it is asked for", () => {
    for (const env of [{ PATH: "" }, { PATH: process.env["PATH"], MLPIPE_R: "webr" }]) {
      const found = findR(env);
      expect(found).toMatchObject({ kind: "webr" });
      if (found.kind === "webr") expect(found.entry).toMatch(/webr[\\/]dist[\\/]webr\.[cm]?js$/);
    }
  });
});

describe("how R is started", () => {
  const found = { kind: "rscript", path: "/usr/bin/Rscript" } as const;

  test("with the step's file as its only argument, and no profile in a clean start", () => {
    const { file, args } = rCommand(found, "/tmp/step.json", {
      cleanStart: true,
      env: { LANG: "C.UTF-8" },
    });
    expect(file).toBe("/usr/bin/Rscript");
    expect(args.slice(0, 5)).toEqual([
      "--no-save",
      "--no-restore",
      "--no-init-file",
      "--no-site-file",
      "--no-environ",
    ]);
    expect(args.slice(-2)).toEqual([
      expect.stringMatching(/stdlib[\\/]r[\\/]runtime\.R$/),
      "/tmp/step.json",
    ]);
    const usual = rCommand(found, "/tmp/step.json", { cleanStart: false, env: {} });
    expect(usual.args).toHaveLength(4);
  });

  test.runIf(process.platform === "linux")(
    "with UTF-8 where the environment names no language",
    () => {
      const env = (given: Record<string, string>) =>
        rCommand(found, "s", { cleanStart: false, env: given }).env;
      expect(env({})).toEqual({ LC_CTYPE: "C.UTF-8" });
      expect(env({ LANG: "" })).toEqual({ LC_CTYPE: "C.UTF-8" });
      expect(env({ LANG: "nl_NL.UTF-8" })).toEqual({});
      expect(env({ LC_ALL: "C" })).toEqual({});
    },
  );
});
