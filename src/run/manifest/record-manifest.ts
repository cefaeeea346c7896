/** Records the manifest of a run, with small copies of what it was given: `mlpipe/manifest.json`, `mlpipe/inputs/<sha256>`. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { RunPlan } from "../../plan/plan.ts";
import { type Digest, digestOf } from "../cache/digest.ts";
import { redact } from "../output-redact.ts";
import { type PerformContext, type RunState, requireRunId } from "../state.ts";
import { secretsOf } from "../step.ts";
import { type GitState, patchName } from "./git-record.ts";
import { inputsFolder, placeOfInput } from "./input-store.ts";
import { makeManifest, printManifest } from "./make-manifest.ts";
import type { Manifest, RecordedFile } from "./manifest.ts";
import { scoreTag } from "./score.ts";

/** Larger inputs are not sent to the tracker, nor more of them in one run. */
export const largestSent: number = 1 << 20;
export const mostSent: number = 16 << 20;

export interface ManifestRecord {
  readonly manifest: Manifest;
  readonly digest: Digest;
  /** Files by the names that they shall have below `mlpipe/`. */
  readonly files: ReadonlyMap<string, string>;
  /** The same, of the run that `inputsRun` names. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly inputsRun: string;
}

/** `folder`: where files are written that are to be sent. Throws the file system's errors. */
export async function recordManifest(
  plan: RunPlan,
  recorded: { readonly plan: RecordedFile; readonly sources: readonly RecordedFile[] },
  folder: string,
  context: PerformContext,
  state: RunState,
): Promise<ManifestRecord> {
  const secrets = plan.actions.flatMap((action) =>
    action.kind === "step" ? secretsOf(action, context.env) : [],
  );
  const git = withoutSecrets(await context.origins?.git, secrets);
  const manifest = await makeManifest(plan, { ...recorded, git }, context, state);
  const text = redact(printManifest(manifest), secrets);
  const files = new Map([["manifest.json", path.join(folder, "manifest.json")]]);
  writeFileSync(path.join(folder, "manifest.json"), text);
  if (git?.patch !== undefined) {
    writeFileSync(path.join(folder, patchName), git.patch);
    files.set(patchName, path.join(folder, patchName));
  }
  return {
    manifest,
    digest: digestOf(text),
    files,
    inputs: inputsToSend(manifest, context.folder, secrets),
    inputsRun: runOfInputs(state),
  };
}

/** The trials of a sweep are given the same: their parent has it. */
function runOfInputs(state: RunState): string {
  const parent = state.tracked.known.parent_run_id;
  return parent === undefined || parent === "none" ? requireRunId(state) : String(parent);
}

/** A patch that holds a secret is not kept. */
function withoutSecrets(
  git: GitState | undefined,
  secrets: readonly string[],
): GitState | undefined {
  if (git?.patch === undefined || redact(git.patch, secrets) === git.patch) return git;
  return { record: { ...git.record, patch: null }, patch: undefined };
}

function inputsToSend(
  { steps, sources }: Manifest,
  folder: string,
  secrets: readonly string[],
): ReadonlyMap<string, string> {
  const sent = new Set(sources.map(({ sha256 }) => sha256));
  const files = new Map<string, string>();
  let room = mostSent;
  for (const { kept, files: some } of steps.flatMap(({ inputs }) => inputs))
    for (const { sha256, bytes } of kept ? some : []) {
      const place = placeOfInput(inputsFolder(folder), sha256);
      if (place === undefined || sent.has(sha256) || bytes > Math.min(largestSent, room)) continue;
      sent.add(sha256);
      if (secrets.length > 0 && holds(place, secrets)) continue;
      room -= bytes;
      files.set(`inputs/${sha256}`, place);
    }
  return files;
}

function holds(file: string, secrets: readonly string[]): boolean {
  const text = readFileSync(file, "utf8");
  return redact(text, secrets) !== text;
}

/** How the run is tagged once all of it is in the tracker. */
export function manifestTags({ manifest: { lacks }, digest }: ManifestRecord): readonly {
  readonly key: string;
  readonly value: string;
}[] {
  return [
    { key: "mlpipe.manifest", value: digest },
    { key: "mlpipe.replayable", value: scoreTag(lacks) },
  ];
}
