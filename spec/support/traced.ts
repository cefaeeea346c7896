/** A pipeline of one step that is executed with its trace, in a copy of a project that is gone with the test. */
import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished } from "vitest";
import { requireProgram } from "../../src/cli/open.ts";
import { lower } from "../../src/plan/lower.ts";
import type { RunPlan } from "../../src/plan/plan.ts";
import { type Execution, execute } from "../../src/repro/execute.ts";
import { type StepTrace, readTrace } from "../../src/repro/trace/read-trace.ts";
import { findMeans, traced } from "../../src/repro/trace/traced.ts";
import type { World } from "../../src/run/world.ts";

export interface Wanted {
  readonly language: "r" | "js" | "ts";
  /** Its first line is line 10 of `one.mlpipe`; or the path of a script among `files`. */
  readonly code: string | { readonly script: string };
  /** Lines of the run, above its step, and of the step. */
  readonly run?: string;
  readonly step?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Looked {
  readonly trace: StepTrace;
  readonly execution: Execution;
}

/** Why tests of the exact recorder are skipped. */
export const noStrace: string | undefined =
  (await findMeans(process.env)).strace === undefined ? "no strace that may watch" : undefined;

const head = 9;

/** With strace where `exact` asks for it. */
export async function trace(wanted: Wanted, { exact = false } = {}): Promise<Looked> {
  const means = exact ? await findMeans(process.env) : undefined;
  if (exact && means?.strace === undefined)
    throw new Error("guard this test with skipIf(noStrace)");
  const execution = await executeStep(wanted, traced(undefined, means));
  const found = await readTrace(execution.folderOf("one"));
  if (!found) throw new Error(JSON.stringify(execution.results.failure));
  return { trace: found, execution };
}

/** In the same folder each time within one test where `root` is given. */
export async function executeStep(
  wanted: Wanted,
  world?: World,
  root = newRoot(),
): Promise<Execution> {
  const project = path.join(root, "project");
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, "one.mlpipe"), textOf(wanted));
  for (const [name, text] of Object.entries(wanted.files ?? {})) {
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    writeFileSync(path.join(project, name), text);
  }
  const { program } = requireProgram(path.join(project, "one.mlpipe"));
  const plan = lower(program, "only", { params: {}, adopt: false }) as RunPlan;
  const { signal } = new AbortController();
  const scratch = path.join(root, "scratch");
  const env = { ...process.env, ...wanted.env };
  return execute({ plan, project, scratch, env, signal, ...(world && { world }) });
}

export function newRoot(): string {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "mlpipe-trace-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

function textOf({ language, code, run = "", step = "" }: Wanted): string {
  const above = [
    "mlpipe 1",
    "",
    "run only {",
    ...run.split("\n"),
    "  step one {",
    ...step.split("\n"),
  ];
  if (typeof code !== "string")
    return [...above, `    script "${code.script}"`, "  }", "}", ""].join("\n");
  const padded = [
    ...above.slice(0, head - 1),
    ...Array<string>(Math.max(0, head - 1 - above.length)).fill(""),
  ];
  return [...padded, `    \`\`\`${language}`, ...code.split("\n"), "    ```", "  }", "}", ""].join(
    "\n",
  );
}

/** `random rnorm 12`, `clock Sys.time 3 via lm`: what was called, where. */
export function calls({ calls: all }: StepTrace): readonly string[] {
  return all.map(({ about, name, detail, file, line, via }) => {
    const where = file === "one.mlpipe" ? `${line}` : `${file}:${line}`;
    const what = detail === null || path.isAbsolute(detail) ? "" : ` ${detail}`;
    return `${about} ${name}${what} at ${where}${via === null ? "" : ` via ${via}`}`;
  });
}

/** `undeclared read extra.csv at 12`: files and what they are to the step. */
export function files({ files: all }: StepTrace): readonly string[] {
  return all
    .filter(({ role }) => role !== "code")
    .map(({ role, use, shown, at }) => `${role} ${use} ${shown}${at ? ` at ${at.line}` : ""}`);
}

/** `cp, depth`: what the step has read of what it was given. */
export function read({ given }: StepTrace): string {
  return given.flatMap((one) => (one.read ? [one.name] : [])).join(", ");
}

/** `12-13: a b`: expressions of the same lines that have left other values, and which. */
export function unlike({ expressions }: StepTrace, other: StepTrace): readonly string[] {
  expect(other.expressions.map(({ line }) => line)).toEqual(expressions.map(({ line }) => line));
  return expressions.flatMap(({ line, end, changed, state }, at) => {
    const its = other.expressions[at];
    const names = Object.keys({ ...changed, ...its?.changed }).filter(
      (name) => changed[name] !== its?.changed[name],
    );
    const all = state === its?.state ? names : [...names, ".Random.seed"];
    return all.length === 0 ? [] : [`${line}-${end}: ${all.join(" ")}`];
  });
}
