/** The manifest of a run, from what its steps have left. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import { givenEvents } from "../cache/keep.ts";
import { digestOf, statOf } from "../cache/digest.ts";
import { cacheFolder } from "../cache/places.ts";
import { printHexFloat } from "../hex-float.ts";
import { type PerformContext, type RunState, givenBy, requireRunId, runFolder } from "../state.ts";
import { type StepPlaces, placesOfStep } from "../step-file.ts";
import { openFileMemory } from "./file-memory.ts";
import type { GitState } from "./git-record.ts";
import { machineFacts } from "./machine-facts.ts";
import type { Manifest, RecordedFile, RecordedMetric, RecordedOutput } from "./manifest.ts";
import type { RecordedStep } from "./manifest.ts";
import { exactText } from "./exact-text.ts";
import { lacksOf } from "./score.ts";
import type { StepDraft } from "./step-draft.ts";
import { filesIn, recordFile } from "./used-files.ts";

export interface Recorded {
  /** `mlpipe/plan.json`, and what lies below `mlpipe/source`. */
  readonly plan: RecordedFile;
  readonly sources: readonly RecordedFile[];
  readonly git: GitState | undefined;
}

/** Throws the file system's errors. */
export async function makeManifest(
  plan: RunPlan,
  { plan: planFile, sources, git }: Recorded,
  context: PerformContext,
  state: RunState,
): Promise<Manifest> {
  const { folder, env, origins } = context;
  const memory = openFileMemory(folder);
  const machine = machineFacts(env, memory);
  memory.save();
  const steps = await stepsOf(plan, context, state);
  const told = { git: git?.record ?? null, steps };
  return {
    manifest: 1,
    mlpipe: origins?.version ?? "",
    run: plan.run,
    file: plan.file,
    experiment: plan.experiment,
    folder: origins?.folder ?? folder,
    seed: plan.seed ?? null,
    plan: planFile,
    sources,
    ...told,
    machine,
    project: null,
    lacks: lacksOf(told),
  };
}

async function stepsOf(
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<readonly RecordedStep[]> {
  const folder = runFolder(context, requireRunId(state));
  const cache = cacheFolder(context.folder);
  const steps: RecordedStep[] = [];
  for (const action of plan.actions) {
    const draft = action.kind === "step" ? state.drafts.get(action.name) : undefined;
    if (action.kind === "step" && draft)
      steps.push(
        await completeStep(action, draft, placesOfStep(folder, action.name), state, cache),
      );
  }
  return steps;
}

async function completeStep(
  step: StepAction,
  draft: StepDraft,
  places: StepPlaces,
  state: RunState,
  cache: string,
): Promise<RecordedStep> {
  const { metrics, points } = givenBy(state, step.name);
  const recorded = [...metrics].map(([key, value]): RecordedMetric => ({
    key,
    points: points.get(key)?.count ?? 1,
    step: points.get(key)?.step ?? 0,
    value: exactText(value),
    hex: printHexFloat(value),
  }));
  // What a failed step has saved is not brought to the tracker.
  const own = draft.failed === null ? await ownOutputs(step, places, state, cache) : [];
  const known = new Set(own.map((output) => output.path));
  const logged = loggedOutputs(step, places).filter((output) => !known.has(output.path));
  return { ...draft, metrics: recorded, outputs: [...own, ...logged] };
}

async function ownOutputs(
  step: StepAction,
  { events, outputs }: StepPlaces,
  state: RunState,
  cache: string,
): Promise<readonly RecordedOutput[]> {
  const found = new Map<string, RecordedOutput>();
  // Those of a step that an earlier attempt has done are on the disk alone.
  for (const event of state.events.get(step.name) ?? givenEvents(events)) {
    if (event.kind !== "artifact" && event.kind !== "model") continue;
    const { kind, key, path: name } = event;
    const place = path.join(outputs, name);
    const isFolder = statOf(place)?.isDirectory() === true;
    const files = isFolder ? await filesIn(place) : [await recordFile(place)];
    const { contentOf, formatOf } = await import("./output-content.ts");
    const format = formatOf(event, step, isFolder);
    const content = await contentOf({ place, format, files }, cache);
    found.set(name, { key, kind, path: name, files, content });
  }
  return [...found.values()];
}

const unseen = { files: [], content: null } as const;

/** What the code has logged to MLflow by itself lies in the tracker alone. */
function loggedOutputs(step: StepAction, { logged }: StepPlaces): readonly RecordedOutput[] {
  if (!existsSync(logged)) return [];
  const lines = readFileSync(logged, "utf8").split("\n");
  const paths = lines.flatMap((line) => {
    const told = line === "" ? {} : (JSON.parse(line) as { readonly artifact?: string });
    return told.artifact ?? [];
  });
  const models = step.models.filter((model) => paths.includes(`${model.path}/MLmodel`));
  const isOfModel = (file: string): boolean =>
    models.some((model) => file.startsWith(`${model.path}/`));
  return [
    ...models.map(
      ({ key, path: name }) => ({ key, kind: "model", path: name, ...unseen }) as const,
    ),
    ...paths
      .filter((file) => !isOfModel(file))
      .map((file) => {
        const key = step.artifacts.find((one) => one.path === file)?.key ?? file;
        return { key, kind: "artifact", path: file, ...unseen } as const;
      }),
  ];
}

/** The text of `mlpipe/manifest.json`. */
export function printManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/** A text as a file of the manifest. */
export function recordText(name: string, text: string): RecordedFile {
  return { path: name, sha256: digestOf(text), bytes: Buffer.byteLength(text) };
}
