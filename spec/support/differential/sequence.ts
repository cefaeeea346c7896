/** The same sequence of requests to two servers, and the first answer in which they differ. */
import { differencesBetween } from "./difference.ts";
import { isMeant, isParting } from "./meant.ts";
import { describeStep, targetOf, type Step } from "./step.ts";
import { newWorld, perform, type Answer, type World } from "./world.ts";

export interface Server {
  readonly uri: string;
  /** Back to the experiment 0 and nothing else. */
  readonly empty: () => void | Promise<void>;
}

export interface Pair {
  /** The one that is right. */
  readonly theirs: Server;
  readonly ours: Server;
}

/** One request, and how each of the two answered it. */
export interface Exchange {
  readonly step: Step;
  readonly theirs: Answer;
  readonly ours: Answer;
}

export interface Mismatch extends Exchange {
  readonly at: number;
  readonly differences: readonly string[];
}

/** Empties both servers, performs the steps, then reads back all that is stored. Resolves to the first mismatch that is not meant. */
export async function compare(pair: Pair, steps: readonly Step[]): Promise<Mismatch | undefined> {
  return walk(await emptyWorlds(pair), [...steps, ...readBack]);
}

/** Empties both servers, performs the steps and resolves to what was said. */
export async function exchanges(pair: Pair, steps: readonly Step[]): Promise<readonly Exchange[]> {
  const worlds = await emptyWorlds(pair);
  const all: Exchange[] = [];
  for (const step of steps) all.push(await performBoth(worlds, step));
  return all;
}

async function emptyWorlds({ theirs, ours }: Pair): Promise<readonly [World, World]> {
  await Promise.all([theirs.empty(), ours.empty()]);
  return [newWorld(theirs.uri), newWorld(ours.uri)];
}

async function walk(
  worlds: readonly [World, World],
  steps: readonly Step[],
): Promise<Mismatch | undefined> {
  for (const [at, step] of steps.entries()) {
    if (isUndetermined(step, worlds[0]) || isTooLong(step, worlds[0])) continue;
    const exchange = await performBoth(worlds, step);
    const differences = differencesBetween(exchange.theirs, exchange.ours);
    if (differences.length > 0 && !isMeant(exchange)) return { ...exchange, at, differences };
    if (isParting(exchange)) return undefined;
  }
  return undefined;
}

async function performBoth(worlds: readonly [World, World], step: Step): Promise<Exchange> {
  const [theirs, ours] = await Promise.all(worlds.map((world) => perform(world, step)));
  if (theirs === undefined || ours === undefined) throw new Error("there are two servers");
  return { step, theirs, ours };
}

const namedByServer = /order_by.*name|name.*(filter|LIKE)|filter.*name/is;

/** Whoever sorts or filters by names that a server invented gets what chance decides. */
function isUndetermined(step: Step, { symbols }: World): boolean {
  const hasInvented = [...symbols.values()].some((symbol) => symbol.startsWith("⟨name"));
  return hasInvented && step.path.endsWith("/search") && namedByServer.test(describeStep(step));
}

/** Of an address that long, HTTP servers read the start only, each as far as it likes. */
function isTooLong(step: Step, { made }: World): boolean {
  return targetOf(step, made).length > 15_000;
}

const api = "/api/2.0/mlflow";
const experimentIds = [0, 1, 2, 3].map((at) => `{{experiment ${at}}}`);
const everything = { max_results: 1000 };
const readBack: readonly Step[] = [
  {
    verb: "POST",
    path: `${api}/experiments/search`,
    body: { ...everything, view_type: "ALL" },
  },
  {
    verb: "POST",
    path: `${api}/runs/search`,
    body: { ...everything, run_view_type: "ALL", experiment_ids: experimentIds },
  },
  {
    verb: "POST",
    path: `${api}/logged-models/search`,
    body: { max_results: 50, experiment_ids: experimentIds },
  },
  { verb: "GET", path: `${api}/registered-models/search`, query: [["max_results", "1000"]] },
  { verb: "GET", path: `${api}/model-versions/search`, query: [["max_results", "1000"]] },
];

/** The sequence up to its mismatch, as a person reads it. */
export function describeMismatch(steps: readonly Step[], mismatch: Mismatch): string {
  const lines = [...steps, ...readBack].slice(0, mismatch.at + 1).map(describeStep);
  return [
    ...lines.map((line, at) => `${at}  ${line.length > 500 ? `${line.slice(0, 500)}…` : line}`),
    "MLflow ≠ mlpipe:",
    ...mismatch.differences.slice(0, 20).map((line) => `   ${line}`),
    `   MLflow said: ${said(mismatch.theirs)}`,
    `   mlpipe said: ${said(mismatch.ours)}`,
  ].join("\n");
}

function said({ status, body }: Answer): string {
  const text = JSON.stringify(body, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return `${status} ${(text ?? "").slice(0, 600)}`;
}
