/** What is held still to see whether a difference goes away with it. */
import path from "node:path";
import { stdlib } from "../shipped.ts";
import { mountOver, threadsTo } from "./perturbations.ts";
import type { Layer, Surrounding } from "./surrounding.ts";

export const stabilisers: readonly Surrounding[] = [
  {
    name: "still-clock",
    changes: "the clock, to one that begins at the same moment and goes on with every question",
    cause: "clock",
    group: "clock",
    needs: ["shim"],
    seen: ["year"],
    make: ({ round, env }) => ({
      words: [`still=${stillFrom(round)}`, `tick=${1000 + 137 * (round % 50)}`],
      forced: {
        NODE_OPTIONS: `${env["NODE_OPTIONS"] ?? ""} --require=${quoted(stillNode)}`.trim(),
      },
    }),
  },
  {
    name: "still-process",
    changes: "the number of the process, to the same in each execution",
    cause: "host",
    needs: ["shim"],
    seen: ["process"],
    make: ({ round }) => ({ words: [`process=${5_000_000 + round * 1009}`] }),
  },
  {
    name: "still-generator",
    changes: "what R seeds its generator from where nobody does, to the same in each execution",
    cause: "unseeded-rng",
    needs: ["shim"],
    seen: ["draw"],
    make: ({ round }) => ({ words: [`grain=${1 + round * 1_000_003}`] }),
  },
  {
    name: "still-chance",
    changes: "what the system gives as random bytes, to the same in each execution",
    cause: "unseeded-rng",
    needs: ["shim"],
    seen: ["chance"],
    make: ({ folder, round, abilities }) => ({
      words: [`chance=${1 + round}`],
      layers: abilities.has.namespaces.kind === "there" ? randomFiles(folder, round) : [],
    }),
  },
  {
    name: "still-names",
    changes: "the names of temporary files, to the same in each execution",
    cause: "host",
    needs: ["shim"],
    seen: ["name"],
    make: ({ round }) => ({ words: [`names=${1 + round}`] }),
  },
  {
    name: "one-thread",
    changes: "the number of threads, to one on one processor",
    cause: "scheduling",
    group: "processors",
    needs: ["taskset"],
    seen: ["threads"],
    make: () => ({ forced: threadsTo("1"), layers: [{ kind: "processors", list: "0" }] }),
  },
  {
    name: "still-memory",
    changes: "where objects lie in memory, to the same place in each execution",
    cause: "memory-order",
    group: "memory-layout",
    needs: ["setarch"],
    seen: ["layout"],
    make: () => ({ layers: [{ kind: "fixed-memory" }] }),
  },
  {
    name: "sorted-folders",
    changes: "the order in which a folder is listed, to a to z",
    cause: "order",
    group: "directory-order",
    needs: ["shim"],
    seen: ["listing"],
    make: () => ({ words: ["folder=sorted"], env: { PYTHONHASHSEED: "0" } }),
  },
];

const stillNode = path.join(stdlib, "node", "still.mjs");

/** As NODE_OPTIONS has words with blanks in them. */
function quoted(word: string): string {
  return `"${word.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;
const eightYears = 8 * 365.25 * 86_400 * 1e6;

/** In microseconds since 1970: moments that lie everywhere in eight years, none near another (Weyl's sequence). */
function stillFrom(round: number): number {
  return 1_577_836_812_345_678 + Math.floor(((round * goldenRatio) % 1) * eightYears);
}

/** A linear congruential generator: Knuth's MMIX constants, The Art of Computer Programming 2, 3.3.4. */
function randomFiles(folder: string, round: number): readonly Layer[] {
  let state = BigInt(round + 1);
  const bytes = Uint8Array.from({ length: 65_536 }, () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 56n);
  });
  const random = mountOver(folder, "random", bytes, "/dev/random");
  return [random, { ...random, over: "/dev/urandom" }];
}
