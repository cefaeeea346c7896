/** L4: chance comes from the seed, and moves only what may move. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { compareResults } from "../compare/compare-results.ts";
import { generate } from "../../plan/random.ts";
import { parseStepEvent } from "../../run/step-event.ts";
import { firstDifference } from "./first-difference.ts";
import type { Kept } from "./executor.ts";
import { type Breach, type Law, type LawOutcome, failed, held } from "./law.ts";
import { interrupted, usualBreach } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import { type Session, differenceOf, planOf } from "./session.ts";

/** Seeds of the range that are tried at most. */
const most = 5;

export const seed: Law = {
  id: "L4",
  title: "seed",
  counted: "seed",
  executions: "own",
  statement: "random numbers come from the run's seed, and another seed moves only what may move",
  explanation: `A step that draws random numbers though the run has no \`seed\` is found by its generator, which R and Node tell of at the end of the step. Where the contract says \`across seeds 1..5\`, the run is executed with these seeds, and every output that has a tolerance must stay within it of what the run's own seed gives.

What to do: write \`seed 1\` in the run; each step then draws from a seed of its own. Where another seed moves a metric too far, there is too little data for it, or the tolerance is too tight.`,
  async check(session) {
    const base = await session.base();
    const unseeded = session.run.steps.filter((step) => drewUnseeded(base, step.name));
    if (unseeded.length > 0)
      return failed(
        1,
        unseeded.map(({ name }) => unseededBreach(session, name)),
      );
    if (session.run.seed === undefined)
      return held(1, { notes: ["there is no seed, and no step draws random numbers"] });
    return session.run.contract?.seeds ? acrossSeeds(session, base) : withAnother(session, base);
  },
};

/** As its last event tells; a step that was never begun has none. */
function drewUnseeded({ folderOf }: Kept, step: string): boolean {
  const file = path.join(folderOf(step), "events.ndjson");
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const last = parseStepEvent(lines.at(-1) ?? "");
  return "kind" in last && last.kind === "end" && last.unseeded;
}

function unseededBreach({ space, run }: Session, step: string): Breach {
  const what = `\`${step}\` draws random numbers, and \`${run.name}\` has no seed`;
  return usualBreach(space, what, `write \`seed 1\` in \`run ${run.name}\``);
}

/** Says what a seed moves; nothing is promised of it. */
async function withAnother(session: Session, base: Kept): Promise<LawOutcome> {
  const own = session.run.seed ?? 0;
  const other = await session.executor.execute(planOf(session, session.space.usual, own + 1));
  const { rows } = await compareResults(base.results, other.results, session.run.contract);
  await other.remove();
  const moved = rows.filter(({ verdict }) => verdict !== "IDENTICAL" && verdict !== "IGNORED");
  const names = [...new Set(moved.map(({ step, key }) => key || step))];
  const note =
    names.length > 0 ? `another seed moves ${names.join(", ")}` : "the seed moves nothing";
  return held(2, { notes: [note] });
}

async function acrossSeeds(session: Session, base: Kept): Promise<LawOutcome> {
  const seeds = seedsOf(session);
  let tried = 0;
  try {
    for (const one of seeds) {
      const breach = await trySeed(session, one, base);
      if (breach) return failed(tried + 1, [breach]);
      session.progress("L4", ++tried, seeds.length);
    }
  } catch (error) {
    if (error instanceof OutOfTime) return interrupted(tried, seeds.length);
    throw error;
  }
  return held(seeds.length);
}

/** Both ends of the declared range, then some between them. */
function seedsOf({ run: { contract }, seed: drawSeed }: Session): readonly number[] {
  const { low, high } = contract?.seeds ?? { low: 0, high: 0 };
  const draw = generate(drawSeed);
  const between = Array.from({ length: most }, () => low + Math.floor(draw() * (high - low + 1)));
  const all = high - low < most ? range(low, high) : [low, high, ...between];
  return [...new Set(all)].slice(0, most);
}

function range(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, at) => low + at);
}

async function trySeed(session: Session, other: number, base: Kept): Promise<Breach | undefined> {
  const execution = await session.executor.execute(planOf(session, session.space.usual, other));
  const comparison = await differenceOf(base.results, execution.results, tolerated(session));
  await execution.remove();
  if (!comparison) return undefined;
  const what = `seed ${other} moves a result further than its tolerance from what seed ${session.run.seed} gives`;
  return usualBreach(
    session.space,
    what,
    "widen the tolerance, or take more data, or fewer seeds",
    {
      surroundings: [{ name: "seed", changes: `the seed, to ${other}` }],
      difference: firstDifference(comparison),
      comparison,
    },
  );
}

/** What has no tolerance may be anything under another seed. */
function tolerated({ run }: Session): Pick<Session["run"], "contract"> {
  const { contract } = run;
  if (!contract) return { contract };
  const outputs = run.steps.flatMap(({ metrics, artifacts, models }) =>
    [...metrics, ...artifacts, ...models].map(({ key }) => key),
  );
  const { metrics, artifacts, models } = run.shared;
  const all = [...outputs, ...[...metrics, ...artifacts, ...models].map(({ key }) => key)];
  const unstated = all.filter((key) => !Object.hasOwn(contract.tolerances, key));
  const ignored = unstated.map((key) => [key, { kind: "ignored" }] as const);
  return {
    contract: {
      ...contract,
      tolerances: { ...contract.tolerances, ...Object.fromEntries(ignored) },
    },
  };
}
