/** What of a run can be compared with another. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TrackedRun } from "../../tracking/entities.ts";
import { type Tracking, TrackingError } from "../../tracking/tracking.ts";
import { listArtifacts } from "./artifacts.ts";

/** A file of the run's code: its text, or its size where it is none or too big to be read. */
export type SourceFile =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: number };

export interface RunContents {
  readonly run: TrackedRun;
  /** What mlpipe has recorded of its code, by path. */
  readonly sources: ReadonlyMap<string, SourceFile>;
  /** `mlpipe/plan.json`, whatever is in it; undefined where the run has none. */
  readonly plan: unknown;
  /** Sizes in bytes by path, of all that is not mlpipe's own record; undefined where the tracker cannot list them. */
  readonly artifacts: ReadonlyMap<string, number> | undefined;
  /** Folders of artifacts that were not looked into. */
  readonly unopened: readonly string[];
  /** Why artifacts cannot be read. */
  readonly trouble: string | undefined;
}

const sourceFolder = "mlpipe/source/";
const planFile = "mlpipe/plan.json";
const mostFolders = 64;
/** Bigger files are compared by size. */
const mostBytes = 1_000_000;

export async function readContents(tracking: Tracking, run: TrackedRun): Promise<RunContents> {
  const runId = run.info.run_id;
  try {
    const { entries, unopened } = await listArtifacts(tracking, runId, "", mostFolders);
    const sizes = new Map(
      entries.flatMap((file) => (file.is_dir ? [] : [[file.path, file.file_size ?? 0]])),
    ) as ReadonlyMap<string, number>;
    const texts = await readTexts(tracking, runId, sizes);
    return {
      run,
      sources: sourcesOf(sizes, texts),
      plan: parsePlan(texts.get(planFile)),
      artifacts: new Map([...sizes].filter(([file]) => !file.startsWith("mlpipe/"))),
      unopened,
      trouble: undefined,
    };
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    const nothing = { sources: new Map(), plan: undefined, artifacts: undefined, unopened: [] };
    return { run, ...nothing, trouble: error.message };
  }
}

/** The plan and the sources, but for those that are big; each is fetched to this machine, and gone afterwards. */
async function readTexts(
  tracking: Tracking,
  runId: string,
  sizes: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, string | undefined>> {
  const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-diff-"));
  try {
    const texts = new Map<string, string | undefined>();
    const wanted = [...sizes].filter(
      ([file, bytes]) => (file === planFile || file.startsWith(sourceFolder)) && bytes <= mostBytes,
    );
    for (const [at, [file]] of wanted.entries()) {
      const target = path.join(folder, String(at));
      await tracking.download(runId, file, target);
      texts.set(file, decode(readFileSync(target)));
    }
    return texts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined for bytes that are no text. */
function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function sourcesOf(
  sizes: ReadonlyMap<string, number>,
  texts: ReadonlyMap<string, string | undefined>,
): ReadonlyMap<string, SourceFile> {
  const files = [...sizes].filter(([file]) => file.startsWith(sourceFolder));
  return new Map(
    files.map(([file, bytes]): [string, SourceFile] => {
      const text = texts.get(file);
      const name = file.slice(sourceFolder.length);
      return [name, text === undefined ? { kind: "bytes", bytes } : { kind: "text", text }];
    }),
  );
}

/** A plan that is no JSON tells nothing. */
function parsePlan(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
