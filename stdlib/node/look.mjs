/** What Node sees of its surroundings, a line each: a name, a tab, a value. Started in a folder with some files. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, opendirSync, readFileSync, rmdirSync } from "node:fs";
import { availableParallelism, cpus, homedir, hostname, tmpdir, userInfo } from "node:os";

const { env } = process;

function list() {
  const folder = opendirSync(".");
  const names = [];
  for (let entry = folder.readSync(); entry; entry = folder.readSync()) names.push(entry.name);
  folder.closeSync();
  return names;
}

function user() {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

function temporaryName() {
  const made = mkdtempSync(`${tmpdir()}/look-`);
  rmdirSync(made);
  return made.slice(-6);
}

const may = new Date(Date.UTC(2020, 4, 1));
/** @type {Record<string, unknown>} */
const seen = {
  zone: new Date(0).getTimezoneOffset(),
  year: new Date().getUTCFullYear(),
  month: may.toLocaleString(undefined, { month: "long" }),
  sorting: ["z", "t", "a", "B", "_x"].toSorted((a, b) => a.localeCompare(b)),
  home: homedir(),
  temporary: tmpdir(),
  folder: process.cwd(),
  host: hostname(),
  user: [user(), env.USER],
  umask: process.umask(),
  processors: [availableParallelism(), cpus().length],
  threads: [env.OMP_NUM_THREADS, env.UV_THREADPOOL_SIZE],
  layout: readFileSync("/proc/self/personality", "utf8").trim(),
  listing: list(),
  noise: env.MLPIPE_NOISE,
  hashes: env.PYTHONHASHSEED,
  process: process.pid,
  chance: randomUUID(),
  draw: Math.random(),
  name: temporaryName(),
};
for (const [name, value] of Object.entries(seen))
  process.stdout.write(`${name}\t${[value].flat().join(" ")}\n`);
