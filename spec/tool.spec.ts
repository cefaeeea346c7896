/** What the tools of the machine are asked. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { gitFacts, gitPatch, toolVersion } from "../src/run/tool.ts";

function newFolder(name = "mlpipe tool 'x' "): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), name)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

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

describe("the patch of a folder", () => {
  test("is what git applies, up to the limit and not a byte beyond it", async () => {
    const folder = newFolder();
    git(folder, "init", "--quiet");
    writeFileSync(path.join(folder, "a"), "one\n");
    git(folder, "add", "a");
    git(folder, "commit", "--quiet", "-m", "a");
    expect(await gitPatch(folder, 1000)).toBeUndefined();
    writeFileSync(path.join(folder, "a"), "é\n \n");
    const patch = (await gitPatch(folder, 1000)) ?? "";
    expect(await gitPatch(folder, Buffer.byteLength(patch))).toBe(patch);
    expect(await gitPatch(folder, Buffer.byteLength(patch) - 1)).toBeUndefined();
    git(folder, "checkout", "--quiet", "a");
    execFileSync("git", ["apply"], { cwd: folder, input: patch });
    expect(readFileSync(path.join(folder, "a"), "utf8")).toBe("é\n \n");
  });

  test("that is too large is not read to its end", async () => {
    const folder = newFolder();
    const endless = path.join(folder, "git");
    writeFileSync(endless, "#!/bin/sh\necho $$ > pid\nexec yes\n", { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    expect(await gitPatch(folder, 1000)).toBeUndefined();
    const pid = Number(readFileSync(path.join(folder, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
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
