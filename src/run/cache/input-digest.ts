/** The content of a step's input, from disk or from what the cache has kept of the step that gave it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { OutputRef } from "../../check/program.ts";
import { printMlmodel } from "../mlmodel.ts";
import type { StepEvent, StepInput } from "../protocol.ts";
import { type Digest, digestOf, digestOfList, digestOfPath, filesOfTree } from "./digest.ts";
import type { KeptFile } from "./entry.ts";

/** `csv sha`; undefined where it is not there. */
export async function digestOfInput(input: StepInput): Promise<string | undefined> {
  if (input.kind === "artifact") return worded(input.format, await digestOfPath(input.path));
  const files = await filesOfTree(input.path);
  const told = files.map((file) =>
    file.path === "MLmodel"
      ? { ...file, digest: digestOfMlmodel(readFileSync(path.join(input.path, "MLmodel"), "utf8")) }
      : file,
  );
  return worded(input.flavor, digestOfList(told));
}

/** What `digestOfInput` will say of an output once these files and events are brought to a run. */
export function digestOfOutput(
  output: OutputRef,
  files: readonly KeptFile[],
  events: readonly StepEvent[],
): string | undefined {
  const its = below(output.path, files);
  if (output.kind === "artifact") {
    const file = files.find((one) => one.path === output.path);
    return worded(output.format, file?.digest ?? (its.length > 0 ? digestOfList(its) : undefined));
  }
  const event = events.find((one) => one.kind === "model" && one.path === output.path);
  if (event?.kind !== "model") return undefined;
  const { flavor, flavorInfo, packages } = event;
  const { name, ...info } = { name: flavor as string, ...flavorInfo };
  const text = printMlmodel({
    runId: "",
    path: output.path,
    flavorName: name,
    flavorInfo: info,
    packages,
    createdAt: 0,
  });
  return worded(
    output.flavor,
    digestOfList([...its, { path: "MLmodel", digest: digestOfMlmodel(text) }]),
  );
}

function worded(format: string, digest: Digest | undefined): string | undefined {
  return digest && `${format} ${digest}`;
}

function below(folder: string, files: readonly KeptFile[]): readonly KeptFile[] {
  return files.flatMap((file) =>
    file.path.startsWith(`${folder}/`)
      ? [{ ...file, path: file.path.slice(folder.length + 1) }]
      : [],
  );
}

/** Without what is new in each run: a model is the same whichever run made it, and when. */
function digestOfMlmodel(text: string): Digest {
  const isNew = /^(?:run_id|utc_time_created|model_uuid|model_id):/u;
  return digestOf(
    text
      .split("\n")
      .filter((line) => !isNew.test(line))
      .join("\n"),
  );
}
