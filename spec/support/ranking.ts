/** Runs and trials for comparisons, any of them, and a plain model of what the language says of their order. */
import fc from "fast-check";
import { expect } from "vitest";
import { lowerRanking } from "../../src/plan/lower-comparison.ts";
import type { Ranking } from "../../src/plan/plan.ts";
import { rankRuns } from "../../src/run/ranking/rank-runs.ts";
import type { Tracking } from "../../src/tracking/tracking.ts";
import type { Folder } from "./mlpipe.ts";
import { fence, programOf } from "./program.ts";
import { type LoggedRun, logRuns } from "./query-runs.ts";

/** A run, two sweeps of it, and the comparison `all`. */
function compareText(items: string): string {
  return `mlpipe 1
run baseline {
param cp: float = 0.5
param limit: float? = null
metric recall maximize
metric loss minimize${fence("recall <- cp; loss <- limit")}}
sweep grid of baseline {
grid
vary cp in [1, 2]
best by recall
}
sweep wide of baseline {
random 3 trials
vary cp in 1..2
best by loss
}
compare all {
${items}
}
`;
}

interface Tried {
  readonly of: "baseline" | "grid" | "wide";
  readonly second: number;
  readonly finished: boolean;
  readonly recall: number | undefined;
  readonly loss: number | undefined;
  readonly cp: number | undefined;
  readonly status: string | undefined;
}
/** `false`: the sweep was never begun, so that none of its trials is there. */
interface Scenario {
  readonly begun: { readonly grid: boolean; readonly wide: boolean };
  readonly tried: readonly Tried[];
}

const perhaps = <T>(...values: readonly T[]) => fc.constantFrom(undefined, ...values);

/** Few values, so that many are equal. */
const scenarios: fc.Arbitrary<Scenario> = fc.record({
  begun: fc.record({ grid: fc.boolean(), wide: fc.boolean() }),
  tried: fc.array(
    fc.record({
      of: fc.constantFrom("baseline", "grid", "wide"),
      second: fc.integer({ min: 10, max: 12 }),
      finished: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
      recall: perhaps(0.25, 0.5, NaN, Infinity, -Infinity),
      loss: perhaps(0, -0.5, 1, NaN),
      cp: perhaps(0.1, 1e-7),
      status: perhaps("rejected", "Rejected", "good"),
    } satisfies { [K in keyof Tried]: fc.Arbitrary<Tried[K]> }),
    { maxLength: 12 },
  ),
});

const given = <T>(record: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record).filter((pair): pair is [string, T] => pair[1] !== undefined),
  );

/** A FINISHED trial below the run called as the sweep, unless it says otherwise. */
export function trialOf(sweep: string, more: LoggedRun): LoggedRun {
  const tags = { ...more.tags, "mlpipe.run": "baseline", "mlpipe.sweep": sweep };
  return { parent: sweep, ...more, tags };
}

const numbered = ({ tried }: Scenario) =>
  tried.map((run, at) => ({ ...run, name: `${run.of}/${String(at).padStart(2, "0")}` }));

function toLog(scenario: Scenario): readonly LoggedRun[] {
  const parents = (["grid", "wide"] as const)
    .filter((name) => scenario.begun[name])
    .map((name): LoggedRun => ({
      name,
      second: 1,
      tags: { "mlpipe.sweep": name, "mlpipe.kind": "sweep" },
    }));
  const runs = numbered(scenario).flatMap((run) => {
    const { of, name, second, finished, recall, loss, cp, status } = run;
    if (of !== "baseline" && !scenario.begun[of]) return [];
    const logged: LoggedRun = {
      name,
      second,
      status: finished ? "FINISHED" : "FAILED",
      metrics: given({ recall: recall === undefined ? undefined : [9, recall], loss: wrap(loss) }),
      params: given({ cp: cp === undefined ? undefined : String(cp) }),
      tags: given({ status, "mlpipe.run": "baseline" }),
    };
    return [of === "baseline" ? logged : trialOf(of, logged)];
  });
  return [...parents, ...runs];
}

const wrap = (value: number | undefined) => (value === undefined ? undefined : [value]);

/** Conditions as written, and what they mean. */
const conditions: Readonly<Record<string, (run: Tried) => boolean>> = {
  "recall >= 0.5": ({ recall = NaN }) => recall >= 0.5,
  "recall < 0.5": ({ recall = NaN }) => recall < 0.5,
  "recall != 0.5": ({ recall = 7 }) => !Number.isNaN(recall) && recall !== 0.5,
  "loss <= -0.5": ({ loss = NaN }) => loss <= -0.5,
  "loss = 0": ({ loss }) => loss === 0,
  "loss > 1e-9": ({ loss = NaN }) => loss > 0,
  "cp < 0.1": ({ cp }) => cp === 1e-7,
  "cp != 0.1": ({ cp }) => cp !== 0.1,
  "limit > 3": () => true,
  "limit = null": () => true,
  'tags.status != "rejected"': ({ status }) => status !== "rejected",
  'tags.status = "rejected"': ({ status }) => status === "rejected",
  'tags.status ilike "rej%"': ({ status }) => status?.toLowerCase() === "rejected",
};

interface Modelled {
  readonly names: readonly string[];
  readonly winner: string | undefined;
  readonly notRun: readonly string[];
  readonly allLeftOut: readonly string[];
}

/** What `runs baseline, grid, wide`, these conditions and `best by recall then loss` must give. */
function modelOf(scenario: Scenario, texts: readonly string[]): Modelled {
  const there = numbered(scenario).filter(
    ({ of, finished }) => finished && (of === "baseline" || scenario.begun[of]),
  );
  const kept = there.filter((run) => texts.every((text) => conditions[text]?.(run)));
  const left = [...kept];
  const names: string[] = [];
  while (left.length > 0) {
    const best = left.findIndex((run) => left.every((other) => other === run || beats(run, other)));
    names.push(...left.splice(best, 1).map(({ name }) => name));
  }
  const [first] = names;
  const winner = kept.find(({ name }) => name === first);
  const has = (runs: readonly Tried[], name: string) => runs.some(({ of }) => of === name);
  const empty = ["baseline", "grid", "wide"].filter((name) => !has(kept, name));
  return {
    names,
    winner: winner?.recall === undefined || Number.isNaN(winner.recall) ? undefined : first,
    notRun: empty.filter((name) => !has(there, name)),
    allLeftOut: empty.filter((name) => has(there, name)),
  };
}

type Named = Tried & { readonly name: string };

function beats(a: Named, b: Named): boolean {
  const number = (value: number | undefined) => (Number.isNaN(value) ? undefined : value);
  for (const [mine, other] of [
    [number(a.recall), number(b.recall)],
    // Less is better.
    [negative(number(a.loss)), negative(number(b.loss))],
  ]) {
    if (mine === other) continue;
    return other === undefined || (mine !== undefined && mine > other);
  }
  // In the order of `runs`, then of the numbers of the trials: both are in the names.
  return a.name < b.name;
}

const negative = (value: number | undefined) => (value === undefined ? undefined : 0 - value);

let experiments = 0;

/** Logs the runs to an experiment of their own; answers the ranking of the comparison `all` of `items`, or of `name`. */
export async function prepareRanking(
  tracking: Tracking,
  folder: Folder,
  about: { readonly runs: readonly LoggedRun[]; readonly items: string; readonly name?: string },
): Promise<Ranking> {
  const experiment = `/Shared/compared ${experiments++}`;
  await logRuns(tracking, folder, experiment, about.runs);
  return lowerRanking(programOf(compareText(about.items)), about.name ?? "all", experiment);
}

/** Fails where `tracking` leads to other runs, or another order of them, than the model says. */
export async function checkAgainstModel(
  tracking: Tracking,
  folder: Folder,
  numRuns: number,
): Promise<void> {
  const some = fc.subarray(Object.keys(conditions), { maxLength: 2 });
  const property = fc.asyncProperty(scenarios, some, async (scenario, texts) => {
    const where = texts.map((text) => `where ${text}\n`).join("");
    const items = `runs baseline, grid, wide\n${where}best by recall then loss`;
    const ranking = await prepareRanking(tracking, folder, { runs: toLog(scenario), items });
    const { runs, verdict, notRun, allLeftOut } = await rankRuns(ranking, tracking);
    const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
    expect({
      names: namesOf(runs),
      winner: verdict?.winner.name,
      notRun: namesOf(notRun),
      allLeftOut: namesOf(allLeftOut),
    }).toEqual(modelOf(scenario, texts));
  });
  await fc.assert(property, { numRuns });
}
