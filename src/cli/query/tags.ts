/** What tags say of a run, as MLflow and mlpipe write them. */
import type { TrackedRun } from "../../tracking/entities.ts";

/** Tags by their names. */
export function tagsOf({ data }: TrackedRun): ReadonlyMap<string, string> {
  return new Map((data.tags ?? []).map(({ key, value }) => [key, value]));
}

/** Why a run of mlpipe failed. */
export interface ToldFailure {
  /** `iris.mlpipe:31`; empty where it is unknown. */
  readonly place: string;
  /** Empty where the text has none. */
  readonly code: string;
  readonly message: string;
}

/** Reads `mlpipe.error`; undefined where the run has none. */
export function failureOf(tags: ReadonlyMap<string, string>): ToldFailure | undefined {
  const text = tags.get("mlpipe.error");
  if (text === undefined) return undefined;
  const [, place = "", code = "", message = text] =
    /^(?:(.+?:\d+(?::\d+)?): )?([A-Z][A-Z0-9_]+) (.*)$/s.exec(text) ?? [];
  return { place, code, message };
}

/** Where the code of a run came from; what is unknown is absent. */
export interface Source {
  readonly name?: string;
  readonly entryPoint?: string;
  readonly commit?: string;
  readonly branch?: string;
  readonly repository?: string;
  readonly changed: boolean;
}

/** By the name of the field, the tag that holds it. */
const sourceTags = {
  name: "mlflow.source.name",
  entryPoint: "mlflow.project.entryPoint",
  commit: "mlflow.source.git.commit",
  branch: "mlflow.source.git.branch",
  repository: "mlflow.source.git.repoURL",
} as const;
const changedTag = "mlflow.source.git.dirty";

export function sourceOf(tags: ReadonlyMap<string, string>): Source {
  const known = Object.entries(sourceTags).flatMap(([field, tag]) => {
    const value = tags.get(tag);
    return value ? [[field, value] as const] : [];
  });
  return { ...Object.fromEntries(known), changed: tags.get(changedTag) === "true" };
}

/** Tags of which the head of a run's page tells, and the marks by which mlpipe knows its own requests and copies again. */
export const headTags: ReadonlySet<string> = new Set([
  ...Object.values(sourceTags),
  changedTag,
  "mlflow.source.type",
  "mlflow.runName",
  "mlflow.user",
  "mlflow.note.content",
  "mlflow.parentRunId",
  "mlflow.log-model.history",
  "mlpipe.error",
  "mlpipe.client_request_id",
  "mlpipe.attempt",
  "mlpipe.meaning",
  "mlpipe.manifest",
  "mlpipe.replayable",
  "mlpipe.replay_of",
  "mlpipe.verdict",
  "mlpipe.copied",
]);

/** Written by MLflow or mlpipe, not by the user. */
export function isOwnTag(key: string): boolean {
  return /^(mlflow|mlpipe)\./.test(key);
}

export interface ModelNote {
  /** Where it lies below the artifacts. */
  readonly path: string;
  readonly flavors: readonly string[];
  /** Versions by name. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The models that a run has logged, from the tag that MLflow keeps of them; what is not of its form is left out. */
export function modelNotes(tags: ReadonlyMap<string, string>): readonly ModelNote[] {
  const history = parseQuietly(tags.get("mlflow.log-model.history"));
  if (!Array.isArray(history)) return [];
  return history.filter(isObject).flatMap((note) => {
    const flavors = isObject(note["flavors"]) ? note["flavors"] : {};
    return typeof note["artifact_path"] === "string"
      ? [
          {
            path: note["artifact_path"],
            flavors: Object.keys(flavors),
            packages: packagesOf(flavors),
          },
        ]
      : [];
  });
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function packagesOf(flavors: Fields): Readonly<Record<string, string>> {
  const listed = Object.values(flavors).flatMap((flavor) =>
    isObject(flavor) && isObject(flavor["packages"]) ? Object.entries(flavor["packages"]) : [],
  );
  return Object.fromEntries(listed.map(([name, version]) => [name, String(version)]));
}

function parseQuietly(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
