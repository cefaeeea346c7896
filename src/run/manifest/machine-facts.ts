/** The machine that a run is performed on, as far as results may depend on it. */
import { readFileSync, readlinkSync } from "node:fs";
import os from "node:os";
import { ifThere } from "../cache/there.ts";
import type { FileMemory } from "./file-memory.ts";
import type { RecordedMachine } from "./manifest.ts";

/** What steers R, Node, Python and the libraries below them. None of them holds a secret. */
export const steering =
  /^(?:TZ|TZDIR|LANG|LANGUAGE|LC_[A-Z]+|[A-Z]+_NUM_THREADS|OMP_[A-Z_]+|OPENBLAS_CORETYPE|MKL_[A-Z_]+|MC_CORES|R_LIBS(?:_USER|_SITE)?|R_PROFILE(?:_USER)?|R_ENVIRON(?:_USER)?|R_HOME|R_ICU_LOCALE|R_ENABLE_JIT|NODE_PATH|UV_THREADPOOL_SIZE|SOURCE_DATE_EPOCH|CUDA_VISIBLE_DEVICES|LD_PRELOAD|LD_LIBRARY_PATH)$/u;

export function machineFacts(env: NodeJS.ProcessEnv, memory: FileMemory): RecordedMachine {
  const cpus = os.cpus();
  return {
    system: systemName(),
    kernel: `${os.type()} ${os.release()}`,
    architecture: os.arch(),
    libc: libcName(memory),
    cpu: cpus[0]?.model ?? "",
    cores: cpus.length,
    usableCores: os.availableParallelism(),
    umask: process.umask().toString(8).padStart(4, "0"),
    timeZone: env["TZ"] ?? zoneOfSystem(),
    node: process.versions.node,
    icu: process.versions.icu ?? "",
    variables: steeringIn(env),
  };
}

function steeringIn(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const names = Object.keys(env).filter((name) => steering.test(name));
  return Object.fromEntries(names.toSorted().map((name) => [name, env[name] ?? ""]));
}

/** As os-release(5) calls it. */
function systemName(): string {
  const text = ifThere(() => readFileSync("/etc/os-release", "utf8")) ?? "";
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? os.type();
}

/** As the system's link names it; Node's own answer would first load all of its languages. */
function zoneOfSystem(): string {
  try {
    return readlinkSync("/etc/localtime").replace(/^.*\/zoneinfo\//, "");
  } catch {
    return "";
  }
}

/** The library tells its version in a text of its own, and Node's report costs more than that. */
function libcName({ remembered }: FileMemory): string {
  if (process.platform !== "linux") return "";
  const linked = ifThere(() => readFileSync("/proc/self/maps", "utf8")) ?? "";
  const file = /\s(\/\S*\/(?:libc[-.]\S*|ld-musl\S*))$/m.exec(linked)?.[1];
  return file === undefined ? "" : (remembered("libc", file, () => versionOfLibc(file)) ?? "");
}

function versionOfLibc(file: string): string {
  const text = readFileSync(file, "latin1");
  const version = /GNU C Library [^\n]*?version (\d[\d.]*\d)/.exec(text)?.[1];
  return version === undefined ? file : `glibc ${version}`;
}
