/** After a step has ended well: what it gave is checked and goes to the tracker. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { StepAction } from "../plan/plan.ts";
import type { Tracking } from "../tracking/tracking.ts";
import type { Listener } from "./event.ts";
import { type LoggedModel, modelJson, printMlmodel } from "./mlmodel.ts";
import type { StepEvent } from "./protocol.ts";
import { uploadFolder } from "./upload.ts";

export interface CollectPlaces {
  readonly tracking: Tracking;
  readonly runId: string;
  /** Where the step has written its outputs. */
  readonly outputs: string;
  readonly listener: Listener;
}

type Of<Kind extends StepEvent["kind"]> = Extract<StepEvent, { kind: Kind }>;

/** Uploads artifacts and models in the order in which the step made them. */
export async function collectOutputs(
  step: StepAction,
  events: readonly StepEvent[],
  places: CollectPlaces,
): Promise<void> {
  for (const event of events) {
    if (event.kind === "artifact") await collectArtifact(step, event, places);
    if (event.kind === "model") await collectModel(step, event, places);
  }
}

async function collectArtifact(
  step: StepAction,
  event: Of<"artifact">,
  places: CollectPlaces,
): Promise<void> {
  const file = path.join(places.outputs, event.path);
  if (event.folder) await uploadFolder(places.tracking, places.runId, file, event.path);
  else await places.tracking.upload(places.runId, file, event.path);
  places.listener({ kind: "artifact", step: step.name, path: event.path });
}

/** MLmodel is written beside what the step has saved, then the folder is uploaded and announced. */
async function collectModel(
  step: StepAction,
  event: Of<"model">,
  places: CollectPlaces,
): Promise<void> {
  const { tracking, runId } = places;
  const folder = path.join(places.outputs, event.path);
  const { name, ...flavorInfo } = { name: event.flavor, ...event.flavorInfo };
  const model: LoggedModel = {
    runId,
    path: event.path,
    flavorName: name,
    flavorInfo,
    packages: event.packages,
    createdAt: event.t,
  };
  writeFileSync(path.join(folder, "MLmodel"), printMlmodel(model));
  await uploadFolder(tracking, runId, folder, event.path);
  await tracking.call("runs/log-model", { run_id: runId, model_json: modelJson(model) });
  places.listener({ kind: "model", step: step.name, path: event.path });
}
