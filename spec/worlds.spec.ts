/** Changed surroundings: each takes effect as R and Node see it, also without privileges, and leaves nothing behind. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askedFactors } from "../src/repro/diagnose/asked-factors.ts";
import type { StepTrace } from "../src/repro/trace/read-trace.ts";
import { type Abilities, findAbilities } from "../src/repro/world/abilities.ts";
import { checkHost } from "../src/repro/world/check-host.ts";
import { knowHost } from "../src/repro/world/known-host.ts";
import { perturbations, roundsOf } from "../src/repro/world/perturbations.ts";
import { stabilisers } from "../src/repro/world/stabilisers.ts";
import { type Surrounding, groupOf } from "../src/repro/world/surrounding.ts";
import { type Worldly, worldOf } from "../src/repro/world/world-of.ts";

const all = [...perturbations, ...stabilisers];
const { signal } = new AbortController();
let root = "";
let abilities: Abilities;
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-worlds-"));
  abilities = await findAbilities(path.join(root, "abilities"), process.env);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function named(...names: readonly string[]): readonly Surrounding[] {
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  });
}

let made = 0;
function make(...names: readonly string[]): Worldly {
  return makeOf(named(...names));
}

function makeOf(those: readonly Surrounding[]): Worldly {
  const scratch = path.join(root, `world-${made++}`);
  mkdirSync(scratch);
  const worldly = worldOf(those, { abilities, scratch, env: process.env });
  mkdirSync(worldly.scratch, { recursive: true });
  return worldly;
}

/** What the command prints in that world. */
function runIn({ world, env, scratch }: Worldly, ...command: readonly string[]): string {
  const [file = "", ...args] = [...world.before, ...command];
  const all = { ...env, ...world.env } as NodeJS.ProcessEnv;
  return execFileSync(file, args, { cwd: scratch, env: all, encoding: "utf8" }).trim();
}

test("R and Node see every perturbation and every stabiliser on this machine", async () => {
  for (const those of [perturbations, stabilisers]) {
    const checked = await checkHost(those, { abilities, env: process.env, scratch: root, signal });
    expect(checked.filter(({ kind }) => kind === "not-checked")).toEqual([]);
    expect(checked.map(({ surrounding }) => surrounding)).toEqual(those);
  }
  expect(readdirSync(root).filter((name) => name.startsWith("look-"))).toEqual([]);
});

test("what the machine lacks is told with the reason, and not taken for done", async () => {
  const bare = await findAbilities(path.join(root, "bare"), { ...process.env, PATH: "/nowhere" });
  const checked = await checkHost(named("clock-later", "locale", "host-name", "umask"), {
    abilities: bare,
    env: process.env,
    scratch: root,
    signal,
  });
  expect(checked.map((one) => (one.kind === "works" ? one.kind : one.why))).toEqual([
    "there is no C compiler (`cc`)",
    "there is no program `localedef` to make a locale",
    "there is no program `unshare`",
    "works",
  ]);
});

test("a library whose path has a blank cannot be preloaded, and what needs it is told as not checked", async () => {
  const env = { ...process.env, XDG_CACHE_HOME: path.join(root, "a cache") };
  const { notSeen } = await knowHost(env, signal);
  const folder = path.join(root, "a cache", "mlpipe", "world");
  const why = `LD_PRELOAD takes no path with a blank or a colon, as ${folder} has; set XDG_CACHE_HOME to another folder`;
  expect(Object.fromEntries(notSeen)).toEqual(
    Object.fromEntries(
      all.filter(({ needs }) => needs.includes("shim")).map(({ name }) => [name, why]),
    ),
  );
});

test("a change that does not take effect is told so", async () => {
  const [zone] = named("timezone-west");
  const idle: Surrounding = { ...(zone as Surrounding), make: () => ({}) };
  const request = { abilities, env: process.env, scratch: root, signal };
  expect(await checkHost([idle], request)).toMatchObject([
    { kind: "not-checked", why: "neither R nor Node sees the change here" },
  ]);
});

test("an R that is ended while it looks leaves nothing where temporary files lie", async () => {
  const [scratch, temporary] = ["looking", "temporary"].map((name) => path.join(root, name));
  for (const folder of [scratch, temporary]) mkdirSync(folder ?? "");
  const ending = new AbortController();
  const looking = checkHost(named("umask"), {
    abilities,
    env: { ...process.env, TMPDIR: temporary },
    scratch: scratch ?? "",
    signal: ending.signal,
  });
  const isR = (): boolean =>
    [scratch, temporary].some((folder) =>
      readdirSync(folder ?? "", { recursive: true, encoding: "utf8" }).some((name) =>
        path.basename(name).startsWith("Rtmp"),
      ),
    );
  while (!isR()) await new Promise((go) => setTimeout(go, 5));
  ending.abort();
  await looking;
  expect([scratch, temporary].flatMap((folder) => readdirSync(folder ?? ""))).toEqual([]);
});

test("what takes effect is looked at once, and read from then on", async () => {
  const cache = path.join(root, "known");
  const env = { PATH: path.join(root, "nowhere"), XDG_CACHE_HOME: cache };
  const placeOfAnswer = (): string => {
    const folder = path.join(cache, "mlpipe", "world");
    const [name = ""] = readdirSync(folder).filter((file) => file.startsWith("seen-"));
    return path.join(folder, name);
  };
  const first = await knowHost(env, signal);
  const { ino, mtimeMs } = statSync(placeOfAnswer());
  expect(await knowHost(env, signal)).toEqual(first);
  expect(statSync(placeOfAnswer())).toMatchObject({ ino, mtimeMs });
});

test("one round after the other puts on every perturbation, and never two of one group", () => {
  const rounds = roundsOf(perturbations);
  expect(new Set(rounds.flat())).toEqual(new Set(perturbations));
  for (const round of rounds) expect(new Set(round.map(groupOf)).size).toBe(round.length);
  expect(() => make("clock-later", "clock-earlier")).toThrow(
    "two of clock: clock-later, clock-earlier",
  );
});

test("the machine is as before when the process has ended", () => {
  const before = [hostname(), readFileSync("/proc/cpuinfo", "utf8").match(/^processor/gmu)];
  const name = runIn(make("host-name", "processors", "still-chance"), "hostname");
  expect(name).toBe(`not-${hostname()}`);
  expect([hostname(), readFileSync("/proc/cpuinfo", "utf8").match(/^processor/gmu)]).toEqual(
    before,
  );
  expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(root);
});

test("a file that is to be empty is so wherever the copy of the project lies, and outside of it", () => {
  const project = path.join(root, "project");
  const other = path.join(root, "other.txt");
  const there = ["note.txt", other].map((shown) => path.resolve(project, shown));
  mkdirSync(project);
  for (const file of there) writeFileSync(file, "something");
  const use = { use: "read", role: "undeclared", at: undefined, by: undefined } as const;
  const files = ["note.txt", other].map((shown, at) => ({ ...use, shown, path: there[at] ?? "" }));
  const traces = [{ calls: [], files } as Pick<StepTrace, "calls" | "files"> as StepTrace];
  const factors = askedFactors({ traces, env: {}, project, mounts: true });
  const emptied = factors.flatMap(({ name, variants }) => (name === "file" ? variants : []));
  for (const one of emptied)
    for (const where of [[], named("folder")]) {
      const worldly = makeOf([...where, one]);
      const copy = path.join(worldly.scratch, "project");
      cpSync(project, copy, { recursive: true });
      const shown = one.name.slice("file ".length);
      expect(runIn(worldly, "wc", "-c", path.resolve(copy, shown))).toMatch(/^0 /);
    }
  expect(emptied).toHaveLength(2);
});

test("the user in namespaces is who he was, where it is not the user that changes", () => {
  expect(runIn(make("host-name"), "id", "-u")).toBe(String(process.getuid?.()));
  expect(runIn(make("host-name", "user"), "id", "-u")).not.toBe(String(process.getuid?.()));
});

test("the command takes the place of what starts it, so that the process that was started is the step's", async () => {
  const { world, env, scratch } = make("host-name", "umask", "processors", "memory-layout");
  const [file = "", ...args] = world.before;
  const command = [...args, "sh", "-c", "echo $$; read -r line"];
  const child = spawn(file, command, { cwd: scratch, env, stdio: ["pipe", "pipe", "inherit"] });
  const [bytes] = (await once(child.stdout, "data")) as [Buffer];
  expect(Number(String(bytes))).toBe(child.pid);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
});

const drawing = `
  library(parallel)
  cat(format(Sys.time(), "%F %T"), Sys.getpid(), runif(1), basename(tempfile()), proc.time(), "\\n")
  Sys.sleep(0.05)
  cat(unlist(mclapply(1:3, function(i) runif(1))), format(Sys.time(), "%F %T"), "\\n")
  cat(system("shuf -i 1-100 -n 3; head -c 4 /dev/urandom | od -An -tx1", intern = TRUE))`;

const still = [
  "still-clock",
  "still-process",
  "still-generator",
  "still-chance",
  "still-names",
  "still-memory",
];

test("with clock, process and chance held still, R draws the same without a seed, in its children too", () => {
  const file = path.join(root, "draw.R");
  writeFileSync(file, drawing);
  const [one, two] = [1, 2].map(() => runIn(make(...still), "Rscript", file));
  expect(one).toBe(two);
  expect(one).toContain("2020-01-01");
  expect(runIn(make("still-clock", "still-process"), "Rscript", file)).not.toBe(one);
});

test("with chance held still, Node draws the same ids, and its random numbers too", () => {
  const code = "console.log(crypto.randomUUID(), Math.random(), require('fs').mkdtempSync('x-'))";
  const [one, two] = [1, 2].map(() => runIn(make(...still), process.execPath, "-e", code));
  expect(one).toBe(two);
});

test("with chance held still, what Math.random() draws depends on no length of a path, and a seed of the run wins", () => {
  const code = ["-e", "console.log(Math.random())"];
  const drawn = (...words: readonly string[]): string =>
    runIn(make(...still), process.execPath, ...words);
  const one = drawn(...code);
  for (const length of [1, 40, 900]) expect(drawn(...code, "x".repeat(length))).toBe(one);
  expect(drawn("--random-seed=7", ...code)).toBe(
    execFileSync(process.execPath, ["--random-seed=7", ...code], { encoding: "utf8" }).trim(),
  );
});

test("more processors than there are, are told by all that count them", () => {
  const count = availableParallelism() + 5;
  const told = "const os = require('os'); console.log(os.cpus().length, os.availableParallelism())";
  const worldly = make("processors-more");
  expect(runIn(worldly, process.execPath, "-e", told)).toBe(`${count} ${count}`);
  expect(runIn(worldly, "nproc")).toBe(String(count));
  expect(runIn(worldly, "Rscript", "-e", "cat(parallel::detectCores())")).toBe(String(count));
});

test("a clock that is held still comes to any moment that is waited for", () => {
  const wait = "t <- Sys.time(); while (Sys.time() < t + 3) Sys.sleep(0.01); cat('there')";
  expect(runIn(make("still-clock"), "Rscript", "-e", wait)).toBe("there");
});

test("a process may end itself under the number that it was given", () => {
  const kill = "cat(Sys.getpid() > 4194304, tools::pskill(Sys.getpid(), 0))";
  expect(runIn(make("still-process"), "Rscript", "-e", kill)).toBe("TRUE TRUE");
});

test("variables that a plan needs stay when all others go", () => {
  const env = { ...process.env, WEATHER: "rain", API_KEY: "secret" };
  const scratch = path.join(root, "kept");
  mkdirSync(scratch);
  const those = named("variables");
  const kept = new Set(["API_KEY"]);
  const worldly = worldOf(those, { abilities, scratch, env, kept });
  const { WEATHER, API_KEY, PATH, MLPIPE_NOISE } = worldly.env;
  expect([WEATHER, API_KEY, PATH, MLPIPE_NOISE]).toEqual([
    undefined,
    "secret",
    process.env["PATH"],
    "noise",
  ]);
});
