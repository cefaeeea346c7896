/** Runs of one file again and again in one folder, and which of their steps came from the cache. */
import { type Ended, type Folder, mlpipe } from "./mlpipe.ts";

export interface CachedRun extends Ended {
  readonly ran: readonly string[];
  readonly cached: readonly string[];
  /** Codes of warnings. */
  readonly warned: readonly string[];
  /** Last value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly runId: string;
}

interface Heard {
  readonly kind: string;
  readonly step?: string;
  readonly runId?: string;
  readonly key?: string;
  readonly value?: number;
  readonly failure?: { readonly code: string };
}

/** `mlpipe run it.mlpipe`, after `source` is written to that file where it is given. */
export async function runCached(
  folder: Folder,
  source: string | undefined,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<CachedRun> {
  if (source !== undefined) folder.write("it.mlpipe", source);
  const ended = await mlpipe(["run", "it.mlpipe", ...words, "--json"], { cwd: folder.path, env });
  const heard = ended.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Heard);
  const stepsOf = (kind: string): readonly string[] =>
    heard.flatMap((event) => (event.kind === kind && event.step ? [event.step] : []));
  return {
    ...ended,
    ran: stepsOf("step-started"),
    cached: stepsOf("step-cached"),
    warned: heard.flatMap(({ kind, failure }) =>
      kind === "warning" && failure ? [failure.code] : [],
    ),
    metrics: Object.fromEntries(
      heard.flatMap(({ kind, key, value }) =>
        kind === "metric" && key !== undefined && value !== undefined ? [[key, value]] : [],
      ),
    ),
    runId: heard.find(({ runId }) => runId !== undefined)?.runId ?? "",
  };
}

/** A fence of JavaScript. */
export function js(...lines: readonly string[]): string {
  return ["```js", ...lines, "```"].join("\n");
}
