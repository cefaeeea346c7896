/** From what happened in an execution to what it has given. */
import path from "node:path";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import type { Failure, RunEvent } from "../run/event.ts";
import type { Output, Point, Results, StepResults } from "./results.ts";

interface Heard {
  readonly points: Map<string, Point[]>;
  /** Below the run's artifacts. */
  readonly paths: Set<string>;
  failure: Failure | undefined;
}

/** Hears the events of one run; `results` says what it has given so far. `artifacts`: the folder of the run's artifacts. */
export interface Gatherer {
  readonly hear: (event: RunEvent) => void;
  readonly results: (artifacts: string, failure: Failure | undefined) => Results;
}

export function openGatherer(plan: RunPlan): Gatherer {
  const heard = new Map<string, Heard>();
  const of = (step: string): Heard => {
    const known = heard.get(step) ?? { points: new Map(), paths: new Set(), failure: undefined };
    heard.set(step, known);
    return known;
  };
  return {
    hear: (event) => note(event, of),
    results(artifacts, failure) {
      const steps = plan.actions.flatMap((action) => {
        const said = action.kind === "step" ? heard.get(action.name) : undefined;
        return action.kind === "step" && said ? [resultsOf(action, said, artifacts)] : [];
      });
      return { failure, steps };
    },
  };
}

function note(event: RunEvent, of: (step: string) => Heard): void {
  switch (event.kind) {
    case "metric": {
      const { points } = of(event.step);
      const its = points.get(event.key) ?? [];
      its.push({ step: event.at, value: event.value });
      points.set(event.key, its);
      return;
    }
    case "artifact":
    case "model":
      of(event.step).paths.add(event.path);
      return;
    case "step-started":
      of(event.step);
      return;
    case "step-ended":
      of(event.step).failure = event.failure;
      return;
    default:
  }
}

function resultsOf(
  step: StepAction,
  { points, paths, failure }: Heard,
  artifacts: string,
): StepResults {
  const declared = new Set(step.metrics.map(({ key }) => key));
  const metrics = [...declared, ...[...points.keys()].filter((key) => !declared.has(key))];
  const outputs: Output[] = metrics.flatMap((key) => {
    const its = points.get(key);
    return its ? [{ kind: "metric", key, points: its } as const] : [];
  });
  return { step: step.name, failure, outputs: [...outputs, ...filesOf(step, paths, artifacts)] };
}

/** Scripts may log the files of a declared model or folder one by one. */
function filesOf(
  { artifacts, models }: Pick<StepAction, "artifacts" | "models">,
  paths: ReadonlySet<string>,
  root: string,
): readonly Output[] {
  const isAt = (file: string, place: string): boolean =>
    file === place || file.startsWith(`${place}/`);
  const isThere = ({ path: place }: { readonly path: string }): boolean =>
    [...paths].some((file) => isAt(file, place));
  const declared = [...artifacts, ...models];
  const rest = [...paths].filter((file) => !declared.some(({ path: place }) => isAt(file, place)));
  return [
    ...artifacts.filter(isThere).map(({ key, format, path: place }): Output => {
      return { kind: "artifact", key, format, path: path.join(root, place) };
    }),
    ...models.filter(isThere).map(({ key, flavor, path: place }): Output => {
      return { kind: "model", key, flavor, path: path.join(root, place) };
    }),
    ...rest.toSorted().map((file): Output => {
      return { kind: "artifact", key: file, format: "file", path: path.join(root, file) };
    }),
  ];
}
