/** What the tools of the machine are asked. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { gitFacts, toolVersion } from "../src/run/tool.ts";

function newFolder(name = "mlpipe tool 'x' "): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), name)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", [...who, ...args], { cwd: folder, encoding: "utf8" }).trim();
}

describe("git of a folder", () => {
  test("is undefined where there is none", async () => {
    expect(await gitFacts(newFolder())).toBeUndefined();
  });

  test("has no commit before the first one", async () => {
    const folder = newFolder();
    git(folder, "init", "--quiet", "--initial-branch", "main");
    expect(await gitFacts(folder)).toEqual({
      commit: "",
      branch: "main",
      repository: "",
      dirty: false,
      changed: [],
    });
  });

  test("tells commit, branch, origin without its login, and changes of tracked files", async () => {
    const folder = newFolder();
    git(folder, "init", "--quiet", "--initial-branch", "feature/x");
    writeFileSync(path.join(folder, "a"), "1");
    git(folder, "add", "a");
    git(folder, "commit", "--quiet", "-m", "a");
    git(folder, "remote", "add", "origin", "https://ann:token@example.org/ann/iris.git");
    const commit = git(folder, "rev-parse", "HEAD");
    const facts = { commit, branch: "feature/x", repository: "https://example.org/ann/iris.git" };
    writeFileSync(path.join(folder, "untracked"), "1");
    expect(await gitFacts(folder)).toEqual({ ...facts, dirty: false, changed: [] });
    writeFileSync(path.join(folder, "a"), "2");
    expect(await gitFacts(folder)).toEqual({ ...facts, dirty: true, changed: ["a"] });
    git(folder, "checkout", "--quiet", "--detach");
    expect(await gitFacts(folder)).toEqual({ ...facts, branch: "", dirty: true, changed: ["a"] });
  });
});

describe("the version of a program", () => {
  test("is the number that it prints", async () => {
    expect(await toolVersion(process.execPath)).toBe(process.versions.node);
  });

  test.each(["no-such-program", "false", "a b; echo 9.9"])("of %j is undefined", async (name) => {
    expect(await toolVersion(name)).toBeUndefined();
  });
});
