/** Whether the code of a run reads one of its params. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Step } from "../../check/program.ts";
import type { Session } from "./session.ts";

/** As far as its text shows: a step's code that names it. */
export async function readParams({ run, project }: Session, name: string): Promise<boolean> {
  return run.steps.some((step) => step.params.includes(name) && isNamed(step, name, project));
}

function isNamed({ code }: Step, name: string, project: string): boolean {
  const text =
    code.kind === "fence" ? code.text : readFileSync(path.join(project, code.path), "utf8");
  return text.split(/[^\p{L}\p{N}_.]+/u).includes(name);
}
