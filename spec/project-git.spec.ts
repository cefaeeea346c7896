/** Projects from git: the version that is asked for, in a copy of its own, and no address that starts something else. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAddress, withoutLogin } from "../src/project/address.ts";
import { ProjectRefused } from "../src/project/refused.ts";
import { type Folder, temporaryFolder } from "./support/mlpipe.ts";
import { git, note, perform, writeProject } from "./support/project.ts";

const mlproject = (version: string): string =>
  `entry_points: {main: {command: "${note} ${version} && git log --oneline && git remote -v && git status --short"}}\n`;

/** A repository with a history; the tests only read it. */
let shelf: Folder;
const commits: Record<string, string> = {};
let bare = "";
let tree = "";

beforeAll(() => {
  shelf = temporaryFolder();
  tree = path.join(shelf.path, "tree");
  bare = `file://${shelf.path}/bare.git`;
  writeProject(tree, mlproject("one"), {
    "sub/project/MLproject": `entry_points: {main: {command: "${process.execPath} ../../note.mjs sub"}}\n`,
  });
  symlinkSync("/", path.join(tree, "sub", "out"));
  git(tree, "init", "--quiet", "--initial-branch", "main");
  commit("one");
  git(tree, "tag", "v1");
  git(tree, "checkout", "--quiet", "-b", "feature/x");
  writeFileSync(path.join(tree, "MLproject"), mlproject("two"));
  commit("two");
  git(tree, "checkout", "--quiet", "main");
  writeFileSync(path.join(tree, "MLproject"), mlproject("three"));
  commit("three");
  git(shelf.path, "clone", "--quiet", "--bare", "tree", "bare.git");
});
afterAll(() => shelf[Symbol.dispose]());

function commit(name: string): void {
  git(tree, "add", "-A");
  git(tree, "commit", "--quiet", "-m", name);
  commits[name] = git(tree, "rev-parse", "HEAD");
}

describe.concurrent("a project in git", () => {
  test.each([
    ["", [], "three", "three", undefined],
    ["@v1", [], "one", "one", undefined],
    ["@feature/x", [], "two", "two", "feature/x"],
    ["", ["--version", "v1"], "one", "one", undefined],
    ["", ["-v", "main"], "three", "three", "main"],
    ["#sub/project", [], "sub", "three", undefined],
    ["@v1#sub/project", [], "sub", "one", undefined],
  ])("at %s %j runs that version", async (suffix, words, argument, version, branch) => {
    using folder = temporaryFolder();
    const done = await perform(folder, [`${bare}${suffix}`, ...words]);
    expect(done.stderr).toBe("");
    expect(done.noted.map(({ args }) => args)).toEqual([[argument]]);
    expect(done.runs[0]?.tags).toMatchObject({
      "mlflow.source.type": "PROJECT",
      "mlflow.source.name": bare.replace(/$/, suffix.replace(/@[^#]*/, "")),
      "mlflow.source.git.commit": commits[version],
      "mlflow.source.git.repoURL": bare,
    });
    expect(done.runs[0]?.tags["mlflow.source.git.branch"]).toBe(branch);
  });

  test("may be named by a commit, also by the first digits of one", async () => {
    using folder = temporaryFolder();
    for (const name of ["one", "two"]) {
      const hash = commits[name] ?? "";
      for (const version of [hash, hash.slice(0, 8)]) {
        const done = await perform(folder, [bare, "-v", version]);
        expect(done.noted.at(-1)?.args).toEqual([name]);
        expect(done.runs.at(-1)?.tags["mlflow.source.git.commit"]).toBe(hash);
      }
    }
  });

  test("runs in a clean copy that nobody else can enter, and that is gone afterwards", async () => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    const done = await perform(folder, [bare], { TMPDIR: temporary.path });
    expect(done.noted[0]?.cwd).toMatch(new RegExp(`^${temporary.path}/mlpipe-project-`));
    expect(done.stdout).toMatch(/\n[0-9a-f]{7,} three\norigin\t/);
    expect(done.stdout).not.toMatch(/\n[ ?M]{2} /);
    expect(readdirSync(temporary.path).filter((name) => name.startsWith("mlpipe-"))).toEqual([]);
    expect(readdirSync(folder.path).toSorted()).toEqual([
      ".mlpipe",
      "mlflow.db",
      "mlruns",
      "notes.ndjson",
    ]);
  });

  test("brings its submodules, but from elsewhere none of this machine", async () => {
    using folder = temporaryFolder();
    const outer = path.join(folder.path, "outer");
    writeProject(outer, 'entry_points: {main: {command: "cat inner/MLproject"}}');
    git(outer, "init", "--quiet");
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", bare, "inner");
    git(outer, "add", "-A");
    git(outer, "commit", "--quiet", "-m", "all");
    const done = await perform(folder, [`file://${outer}/.git`]);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(mlproject("three"))]);
    const elsewhere = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.file://${outer}/.git.insteadOf`,
      GIT_CONFIG_VALUE_0: "https://example.org/outer.git",
    };
    const refused = await perform(folder, ["https://example.org/outer.git"], elsewhere);
    expect([refused.code, refused.runs]).toEqual([2, done.runs]);
    expect(refused.stderr).toContain("transport 'file' not allowed");
  });

  test("that lies here as a work tree has its commit, and runs as it lies there", async () => {
    using folder = temporaryFolder();
    const here = path.join(folder.path, "here");
    git(folder.path, "clone", "--quiet", bare, here);
    git(here, "remote", "set-url", "origin", "https://ann:token@example.org/ann/iris.git");
    const clean = await perform(folder, ["here"]);
    const tags = {
      "mlflow.source.name": `file://${here}`,
      "mlflow.source.git.commit": commits["three"],
      "mlflow.source.git.repoURL": "https://example.org/ann/iris.git",
    };
    expect(clean.runs[0]?.tags).toMatchObject(tags);
    expect(Object.keys(clean.runs[0]?.tags ?? {})).not.toContain("mlflow.source.git.dirty");
    writeFileSync(path.join(here, "MLproject"), mlproject("mine"));
    const dirty = await perform(folder, ["here"]);
    expect(dirty.noted[1]?.args).toEqual(["mine"]);
    expect(dirty.runs[1]?.tags).toMatchObject({ ...tags, "mlflow.source.git.dirty": "true" });
    const below = await perform(folder, ["here/sub/project"]);
    expect(below.runs[2]?.tags["mlflow.source.name"]).toBe(`file://${here}#sub/project`);
  });

  test("that lies here runs another version in a copy: the user's files stay as they are", async () => {
    using folder = temporaryFolder();
    const here = path.join(folder.path, "here");
    git(folder.path, "clone", "--quiet", bare, here);
    writeFileSync(path.join(here, "MLproject"), mlproject("mine"));
    const done = await perform(folder, ["here", "-v", "v1"]);
    expect(done.noted[0]?.args).toEqual(["one"]);
    expect(done.runs[0]?.tags).toMatchObject({
      "mlflow.source.name": `file://${here}`,
      "mlflow.source.git.commit": commits["one"],
      "mlflow.source.git.repoURL": bare,
    });
    expect(git(here, "status", "--short", "--branch")).toBe("## main...origin/main\n M MLproject");
    const below = await perform(folder, ["here/sub@v1#project"]);
    expect(below.noted[1]?.args).toEqual(["sub"]);
  });

  test("is refused before there is a run where it has no such version or folder", async () => {
    using folder = temporaryFolder();
    for (const [word, message] of [
      [`${bare}@v2`, "the repository has no tag, branch or commit `v2`; did you mean `v1`?"],
      [`${bare}@0123456789`, "git cannot bring"],
      [`${bare}#nowhere`, "the project has no folder `nowhere`"],
      [`${bare}#sub/out`, "`#sub/out` leads out of the project"],
      [`${bare}#sub/out/etc`, "`#sub/out/etc` leads out of the project"],
      [`${bare}#sub/../..`, "leads out of the project"],
      [`${bare}#/etc`, "leads out of the project"],
      [`file://${shelf.path}/none.git`, "there is no"],
    ] as const) {
      const done = await perform(folder, [word]);
      expect(done.stderr).toContain(message);
      expect([done.code, done.noted, done.runs]).toEqual([2, [], []]);
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("asks nobody for a password, and names no login in what it says or keeps", async () => {
    using folder = temporaryFolder();
    const env = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.${bare}.insteadOf`,
      GIT_CONFIG_VALUE_0: "https://ann:s3cret@example.org/iris.git",
    };
    const done = await perform(folder, ["https://ann:s3cret@example.org/iris.git"], env);
    expect(done.code).toBe(0);
    expect(done.runs[0]?.tags).toMatchObject({
      "mlflow.source.name": "https://example.org/iris.git",
      "mlflow.source.git.repoURL": "https://example.org/iris.git",
    });
    expect(done.stdout).toContain("origin\thttps://example.org/iris.git (fetch)\n");
    expect(done.stdout + done.stderr + JSON.stringify(done.runs)).not.toContain("s3cret");
    const wrong = await perform(folder, ["https://ann:s3cret@127.0.0.1:1/iris.git"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("git cannot bring https://127.0.0.1:1/iris.git");
    expect(wrong.stderr).not.toContain("s3cret");
  });

  test("starts git with the words themselves, a stop before each of the user's, and no prompt", async () => {
    using folder = temporaryFolder();
    const bin = path.join(folder.path, "bin");
    mkdirSync(bin);
    const fake = `#!/bin/sh\nprintf '%s ' "$@" >> "${folder.path}/git.txt"; echo "$GIT_TERMINAL_PROMPT $GIT_ALLOW_PROTOCOL" >> "${folder.path}/git.txt"\ncase $1 in ls-remote) printf 'x\\trefs/heads/it$(touch\${IFS}pwned)\\n';; esac\n`;
    writeFileSync(path.join(bin, "git"), fake);
    chmodSync(path.join(bin, "git"), 0o755);
    const env = { PATH: `${bin}:${process.env["PATH"]}` };
    await perform(folder, ["ssh://host/$(touch pwned)/x@it$(touch${IFS}pwned)"], env);
    const calls = readFileSync(path.join(folder.path, "git.txt"), "utf8").trimEnd().split("\n");
    expect(calls[2]).toBe(
      "ls-remote --quiet --heads --tags -- ssh://host/$(touch pwned)/x 0 git:http:https:ssh:file",
    );
    expect(calls[3]).toContain(" refs/heads/it$(touch${IFS}pwned) 0 ");
    expect(existsSync(path.join(folder.path, "pwned"))).toBe(false);
  });
});

describe("an address", () => {
  const read = (word: string, version?: string) => readAddress(word, version, "/project");

  test.each([
    ["https://example.org/a/b", "https://example.org/a/b", undefined, ""],
    ["https://ann@example.org/a/b.git@v1.2", "https://ann@example.org/a/b.git", "v1.2", ""],
    ["https://example.org/a/b@feature/x#c/d", "https://example.org/a/b", "feature/x", "c/d"],
    ["git@example.org:a/b.git", "git@example.org:a/b.git", undefined, ""],
    ["git@example.org:a/b.git@v1#c/", "git@example.org:a/b.git", "v1", "c"],
    ["example.org:a/b", "example.org:a/b", undefined, ""],
    ["ssh://git@example.org:22/a@main", "ssh://git@example.org:22/a", "main", ""],
  ])("%s names a repository, a version and a folder", (word, url, version, folder) => {
    expect(read(word)).toMatchObject({ kind: "git", url, version, folder });
  });

  test.each([
    ["https://example.org/a@v1", "v2", "two versions are named"],
    ["https://example.org/a@--upload-pack=x", undefined, "is no name of a commit, tag or branch"],
    ["https://example.org/a", "-x", "is no name of a commit, tag or branch"],
    ["https://example.org/a@v1~2", undefined, "is no name of a commit, tag or branch"],
    ["https://example.org/a#b\\..\\c", undefined, "leads out of the project"],
    ["--upload-pack=x", undefined, "names no project"],
    ["-oProxyCommand=x@host:y", undefined, "names no project"],
    ["git@-oProxyCommand=x:y", undefined, "names a host that begins with -"],
    ["ssh://-oProxyCommand=x/y", undefined, "names a host that begins with -"],
    ["ext::sh -c x", undefined, "would start a program"],
    ["fd::17/foo", undefined, "would start a program"],
    ["ftp://example.org/a", undefined, "projects do not come from ftp: addresses"],
    ["dbfs:/a", undefined, "projects do not come from dbfs: addresses"],
    ["a.zip@v1", undefined, "a zip file has no versions"],
  ])("%j with the version %j is refused", (word, version, message) => {
    expect(() => read(word, version)).toThrow(message);
  });

  test("shows no login, wherever it stands", () => {
    const text = fc.stringMatching(/^[\w:%!$&'()*+,;=.~-]{1,12}$/);
    fc.assert(
      fc.property(text, fc.constantFrom("@v1", "", "#sub"), (login, suffix) => {
        const word = `https://${login}SECRET@example.org/a${suffix}`;
        const address = read(word);
        expect(address.kind === "git" && address.shown).toBe("https://example.org/a");
        expect(withoutLogin(word)).not.toContain("SECRET");
      }),
    );
  });

  test("is read or refused, whatever it is", () => {
    const signs = fc.constantFrom(
      "#",
      "@",
      ".",
      "..",
      "/",
      "\\",
      ":",
      "a",
      "é",
      "https://",
      ".zip",
    );
    const addresses = fc.array(signs, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(addresses, fc.string()), (word) => {
        try {
          const { folder } = read(word);
          const inside = path.relative("/project", path.join("/project", folder));
          expect(inside).not.toMatch(/^\.\.(\/|$)/);
        } catch (error) {
          expect(error).toBeInstanceOf(ProjectRefused);
        }
      }),
    );
  });
});
