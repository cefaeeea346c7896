/** What may change around an execution and must not change its results. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import path from "node:path";
import { type Surrounding, groupOf } from "./surrounding.ts";

const day = 86_400;

/** In milliseconds: no two alike in any part of the time, from the year down; the sign is the side. */
function shiftOf(side: 1 | -1, round: number): number {
  const seconds = (400 + 37 * round) * day + 7 * 3600 + round * 4327 + 13 * 60 + 11;
  return side * (seconds * 1000 + 457 + 83 * round);
}

const clock = (name: string, side: 1 | -1, words: string): Surrounding => ({
  name,
  changes: `the clock, to ${words}`,
  cause: "clock",
  group: "clock",
  needs: ["shim"],
  seen: ["year"],
  make: ({ round }) => ({ words: [`shift=${shiftOf(side, round)}`] }),
});

const zone = (name: string, TZ: string, words: string): Surrounding => ({
  name,
  changes: `the time zone, to ${words}`,
  cause: "timezone",
  group: "timezone",
  needs: [],
  seen: ["zone"],
  make: () => ({ env: { TZ } }),
});

const noLocale = Object.fromEntries(
  `LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME LANGUAGE`
    .split(" ")
    .map((name) => [name, undefined]),
);

const elsewhere = (name: string, words: string, folder: string): Surrounding => ({
  name,
  changes: `the project's folder, to one with ${words}`,
  cause: "host",
  group: "folder",
  needs: [],
  seen: ["folder"],
  make: () => ({ below: path.join("a folder", folder) }),
});

const places: readonly Surrounding[] = [
  {
    name: "home",
    changes: "the home folder, to an empty one",
    cause: "environment",
    group: "home",
    needs: [],
    seen: ["home"],
    make: ({ folder }) => ({
      env: { HOME: folderIn(folder, "home"), R_PROFILE_USER: undefined, R_ENVIRON_USER: undefined },
    }),
  },
  {
    name: "start-up-files",
    changes: "the home folder, to one whose .Rprofile and .Renviron choose another sampling",
    cause: "rng-kind",
    group: "home",
    needs: [],
    seen: ["sampling"],
    make: ({ folder }) => {
      const home = folderIn(folder, "home");
      const profile = 'suppressWarnings(RNGkind(sample.kind = "Rounding"))\n';
      writeFileSync(path.join(home, ".Rprofile"), profile);
      writeFileSync(path.join(home, ".Renviron"), "MLPIPE_START_UP=read\n");
      return { env: { HOME: home, R_PROFILE_USER: undefined, R_ENVIRON_USER: undefined } };
    },
  },
  {
    name: "temporary-folder",
    changes: "the folder of temporary files",
    cause: "host",
    needs: [],
    seen: ["temporary"],
    make: ({ folder }) => ({ env: { TMPDIR: folderIn(folder, "elsewhere") } }),
  },
  elsewhere("folder", "a longer name and blanks", "far away from the first one"),
  elsewhere("folder-beyond-ascii", "letters beyond ASCII", "größer – ładniej"),
];

const machine: readonly Surrounding[] = [
  {
    name: "host-name",
    changes: "the name of the machine",
    cause: "host",
    needs: ["namespaces"],
    seen: ["host"],
    make: () => ({ layers: [{ kind: "host", name: `not-${hostname().slice(0, 40)}` }] }),
  },
  {
    name: "user",
    changes: "the user",
    cause: "host",
    needs: ["namespaces"],
    seen: ["user"],
    make: () => {
      const { id, name } = otherUser();
      return {
        env: { USER: name, LOGNAME: name, USERNAME: name },
        layers: [{ kind: "user", id }],
      };
    },
  },
  {
    name: "umask",
    changes: "the permissions that new files get (umask)",
    cause: "host",
    needs: [],
    seen: ["umask"],
    make: () => ({
      layers: [{ kind: "umask", mask: process.umask() === 0o077 ? "0022" : "0077" }],
    }),
  },
  {
    name: "processors",
    changes: "the number of processors, as the scheduler and as /proc/cpuinfo tell it",
    cause: "cpu-count",
    group: "processors",
    needs: ["namespaces", "taskset"],
    seen: ["processors"],
    make: ({ folder }) => {
      const listed = availableParallelism() === 1 ? 3 : 1;
      return { layers: [{ kind: "processors", list: "0" }, ...fakeProcessors(folder, listed)] };
    },
  },
  {
    // Of two processors, one less and a single one are the same to what keeps one free.
    name: "processors-more",
    changes: "the number of processors, to more than there are",
    cause: "cpu-count",
    group: "processors",
    needs: ["namespaces", "shim"],
    seen: ["processors"],
    make({ folder }) {
      const told = availableParallelism() + 5;
      return { words: [`processors=${told}`], layers: fakeProcessors(folder, told) };
    },
  },
  {
    name: "threads",
    changes: "the number of threads of BLAS, OpenMP and Node's pool",
    cause: "cpu-count",
    needs: [],
    seen: ["threads"],
    make: ({ env }) => ({ env: threadsTo(env["OMP_NUM_THREADS"] === "1" ? "2" : "1") }),
  },
  {
    name: "memory-layout",
    changes: "where objects lie in memory",
    cause: "memory-order",
    needs: ["setarch"],
    seen: ["layout"],
    make: ({ round }) => ({ env: roomInR(round), layers: [{ kind: "fixed-memory" }] }),
  },
  {
    name: "haste",
    changes: "how soon processes and threads start and read",
    cause: "scheduling",
    needs: ["shim"],
    seen: [],
    make: () => ({ words: ["haste=40"] }),
  },
];

const listing = (name: string, order: "sorted" | "turned", words: string): Surrounding => ({
  name,
  changes: `the order in which a folder is listed, to ${words}`,
  cause: "order",
  group: "directory-order",
  needs: ["shim"],
  seen: ["listing"],
  make: () => ({ words: [`folder=${order}`] }),
});

const locales: readonly Surrounding[] = [
  {
    name: "locale",
    changes: "the locale, to Estonian, which sorts z before t",
    cause: "locale",
    group: "locale",
    needs: ["estonian"],
    seen: ["month", "sorting"],
    make: ({ abilities: { has } }) => ({
      env: {
        ...noLocale,
        LANG: "et_EE.UTF-8",
        LC_ALL: "et_EE.UTF-8",
        LANGUAGE: "et:fr",
        ...(has.estonian.kind === "there" ? { LOCPATH: has.estonian.at } : {}),
      },
    }),
  },
  {
    name: "collation",
    changes: "how texts are sorted: by language if it was by code point, else the other way round",
    cause: "locale",
    group: "locale",
    needs: [],
    seen: ["collation"],
    make: ({ env }) => {
      const asked = env["LC_ALL"] || env["LC_COLLATE"] || env["LANG"] || "C";
      const isPlain = asked === "C" || asked === "POSIX";
      return { env: { LC_ALL: undefined, LC_COLLATE: isPlain ? "C.UTF-8" : "C" } };
    },
  },
  {
    name: "no-locale",
    changes: "the locale, to C, which knows no letters beyond ASCII",
    cause: "locale",
    group: "locale",
    needs: [],
    seen: ["encoding"],
    make: () => ({ env: { ...noLocale, LANG: "C", LC_ALL: "C" } }),
  },
];

const variables: readonly Surrounding[] = [
  {
    name: "variables",
    changes:
      "variables of the environment that have nothing to do with the run: one more, all others gone",
    cause: "environment",
    needs: [],
    seen: ["noise"],
    make: ({ env, kept }) => ({
      env: {
        ...Object.fromEntries(
          Object.keys(env)
            .filter((name) => !known.test(name) && !kept.has(name))
            .map((name) => [name, undefined]),
        ),
        MLPIPE_NOISE: "noise",
      },
    }),
  },
  {
    name: "hash-seeds",
    changes: "the seed of Python's hashes",
    cause: "order",
    needs: [],
    seen: ["hashes"],
    make: ({ round }) => ({ env: { PYTHONHASHSEED: String(1000 + round) } }),
  },
];

/** Each to be tried in turn; the first of each group, all at once, is the widest change there is. */
export const perturbations: readonly Surrounding[] = [
  zone("timezone-west", "Etc/GMT+12", "twelve hours behind UTC"),
  zone("timezone-east", "Etc/GMT-14", "fourteen hours ahead of UTC"),
  ...locales,
  clock("clock-later", 1, "more than a year later"),
  clock("clock-earlier", -1, "more than a year earlier"),
  ...places,
  ...machine,
  listing("directory-turned", "turned", "z to a"),
  listing("directory-sorted", "sorted", "a to z"),
  ...variables,
];

/** What programs cannot do without, and what others of the table change. */
const known =
  /^(?:PATH|HOME|LANG|LANGUAGE|LC_.*|TZ|TZDIR|TMPDIR|USER|LOGNAME|USERNAME|SHELL|TERM|R_.*|NODE_(?!ENV$).*|MLPIPE_.*|MLFLOW_.*|LD_.*|LOCPATH|.*_NUM_THREADS|UV_THREADPOOL_SIZE|PYTHON.*|SSL_.*|.*_proxy|.*_PROXY)$/u;

export function threadsTo(count: string): Readonly<Record<string, string>> {
  return {
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    RCPP_PARALLEL_NUM_THREADS: count,
    UV_THREADPOOL_SIZE: count,
  };
}

/** Cells that R makes room for when it starts: with other numbers objects lie in another order, which moving all of them keeps. */
export function roomInR(round: number): Readonly<Record<string, string>> {
  return { R_NSIZE: String(400_000 + 61_003 * (round % 20)) };
}

function folderIn(folder: string, name: string): string {
  const made = path.join(folder, name);
  mkdirSync(made, { recursive: true, mode: 0o700 });
  return made;
}

function otherUser(): { readonly id: number; readonly name: string } {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , id]) => ({ id: Number(id), name }))
    .filter(({ id, name }) => name !== "" && id > 0 && id !== process.getuid?.());
  return users[0] ?? { id: 4242, name: "somebody" };
}

function fakeProcessors(folder: string, count: number): ReturnType<typeof mountOver>[] {
  const entries = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
  const [first = "processor\t: 0"] = entries;
  const texts = Array.from({ length: count }, (_, at) =>
    first.replace(/^(processor\s*:) .*/mu, `$1 ${at}`),
  );
  const range = count === 1 ? "0" : `0-${count - 1}`;
  return [
    mountOver(folder, "cpuinfo", `${texts.join("\n\n")}\n\n`, "/proc/cpuinfo"),
    mountOver(folder, "online", `${range}\n`, "/sys/devices/system/cpu/online"),
    mountOver(folder, "stat", statOf(count), "/proc/stat"),
  ];
}

/** Node counts its processors here. */
function statOf(count: number): string {
  const lines = readFileSync("/proc/stat", "utf8").split("\n");
  const [all = "", first = "cpu0 0 0 0 0 0 0 0 0 0 0", ...rest] = lines;
  const each = Array.from({ length: count }, (_, at) => first.replace(/^cpu\d+/u, `cpu${at}`));
  return [all, ...each, ...rest.filter((line) => !/^cpu\d/u.test(line))].join("\n");
}

export function mountOver(
  folder: string,
  name: string,
  content: string | Uint8Array,
  over: string,
) {
  const from = path.join(folder, name);
  writeFileSync(from, content);
  return { kind: "mount", from, over } as const;
}

/** Lists of names, each to be put on at once, in which every one of `those` is, and no two of a group are together. */
export function roundsOf(those: readonly Surrounding[]): readonly (readonly Surrounding[])[] {
  const groups = Map.groupBy(those, groupOf);
  const count = Math.max(0, ...[...groups.values()].map((group) => group.length));
  return Array.from({ length: count }, (_, round) =>
    [...groups.values()].flatMap((group) => group[round % group.length] ?? []),
  );
}
