/** Comparisons, and what `best of` names: which runs are looked at, and what makes one better than another. */
import type { Program, Run } from "../check/program.ts";
import type { Candidates, ComparePlan, RankedMetric, Ranking } from "./plan.ts";
import { required } from "./required.ts";

/**
 * What a comparison does. A run's or a sweep's name stands for a comparison of its own runs alone, with all params that
 * may differ and all metrics. `experiment`: instead of those that the runs are logged to.
 */
export function lowerComparison(program: Program, name: string, experiment?: string): ComparePlan {
  const compare = program.compares.get(name);
  return {
    kind: "compare",
    compare: name,
    file: program.file,
    ...lowerRanking(program, name, experiment),
    show: compare ? compare.show : columnsOf(program, name),
  };
}

/** How the best run of `name`, a comparison, a sweep or a run, is found. */
export function lowerRanking(program: Program, name: string, experiment?: string): Ranking {
  const { runs, where, bestBy } = program.compares.get(name) ?? {
    runs: [name],
    where: [],
    bestBy: program.sweeps.get(name)?.bestBy ?? [],
  };
  const candidates = runs.map((one) => candidatesOf(program, one, experiment));
  const repeated = candidates.map(({ of }) => required(program.runs, of));
  return { candidates, where, bestBy: rankedMetrics(bestBy, repeated) };
}

function candidatesOf(program: Program, name: string, experiment?: string): Candidates {
  const sweep = program.sweeps.get(name);
  const run = required(program.runs, sweep?.of ?? name);
  return {
    kind: sweep ? "sweep" : "run",
    name,
    of: run.name,
    experiment: experiment ?? run.experiment,
    params: run.params.map((param) => ({
      name: param.name,
      type: param.type,
      nullable: param.nullable,
    })),
  };
}

function metricsOf(run: Run): Run["shared"]["metrics"] {
  return [...run.steps.flatMap((step) => step.metrics), ...run.shared.metrics];
}

/** With the direction that one of `runs` states; the checker has made sure that they agree. */
export function rankedMetrics(
  names: readonly string[],
  runs: readonly Run[],
): readonly RankedMetric[] {
  const metrics = runs.flatMap(metricsOf);
  return names.map((metric) => ({
    metric,
    goal: metrics.find(({ key, goal }) => key === metric && goal)?.goal ?? "maximize",
  }));
}

/** Of a sweep the params that it varies, of a run all; then the metrics. */
function columnsOf(program: Program, name: string): readonly string[] {
  const sweep = program.sweeps.get(name);
  const run = required(program.runs, sweep?.of ?? name);
  const params = sweep
    ? sweep.vary.map(({ param }) => param)
    : run.params.map((param) => param.name);
  return [...params, ...new Set(metricsOf(run).map(({ key }) => key))];
}
