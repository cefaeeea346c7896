/** What is said of a script of the corpus, held against the script's label. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Cause } from "../../src/repro/cause.ts";
import { diagnose } from "../../src/repro/diagnose/diagnose.ts";
import type { Diagnosis, Place } from "../../src/repro/diagnose/diagnosis.ts";
import type { Planted, Script } from "./corpus.ts";
import { whyOfPair } from "./corpus-pair.ts";
import { type Staged, planOf, stage } from "./corpus-stage.ts";

/** A finding in the words of the labels. */
export interface Said {
  readonly cause: Cause;
  /** `file:line`; the surest first. */
  readonly places: readonly string[];
}

export interface Measured {
  readonly script: Script;
  readonly said: readonly Said[];
  /** A difference was seen, whatever was said of it. */
  readonly isFound: boolean;
  readonly executions: number;
  readonly seconds: number;
}

/** Diagnoses `script`, in a folder of its own that is gone at the end. Nothing new is begun after `budgetMs`. */
export async function measure(script: Script, budgetMs: number): Promise<Measured> {
  const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-corpus-"));
  try {
    return script.shownBy.includes("later")
      ? await measurePair(script, folder)
      : await measureAlone(script, folder, budgetMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAlone(script: Script, folder: string, budgetMs: number): Promise<Measured> {
  const staged = stage(script, path.join(folder, "user"));
  const scratch = path.join(folder, "scratch");
  mkdirSync(scratch);
  const diagnosis = await diagnose({
    plan: planOf(staged),
    project: staged.project,
    env: staged.env,
    signal: new AbortController().signal,
    scratch,
    budgetMs,
    jobs: 2,
  });
  if (diagnosis.failure)
    throw new Error(`${script.half}/${script.name} fails: ${diagnosis.failure.message}`);
  return measuredOf(script, diagnosis, staged);
}

async function measurePair(script: Script, folder: string): Promise<Measured> {
  const began = performance.now();
  const { verdict, reasons } = await whyOfPair(script, folder);
  return {
    script,
    said: reasons.map(({ cause, what, line }) => {
      return { cause, places: line === undefined ? [] : [`@later/${what}:${line}`] };
    }),
    isFound: verdict === "DIFFERENT",
    executions: 2,
    seconds: (performance.now() - began) / 1000,
  };
}

function measuredOf(script: Script, diagnosis: Diagnosis, staged: Staged): Measured {
  const said = diagnosis.findings.map(({ cause, place, others }): Said => {
    const places = place ? [place, ...others] : others;
    return { cause, places: places.map((one) => placeText(one, staged)) };
  });
  return {
    script,
    said,
    isFound: diagnosis.verdict !== "same",
    executions: diagnosis.executions,
    seconds: diagnosis.milliseconds / 1000,
  };
}

/** As the labels have it: below the project's folder, or `@home/…`. */
function placeText({ file, line }: Place, { project, env }: Staged): string {
  const absolute = path.resolve(project, file.replace(/^~(?=\/)/, env["HOME"] ?? "~"));
  const inHome = path.relative(env["HOME"] ?? "/", absolute);
  const own = inHome.startsWith("..") ? path.relative(project, absolute) : `@home/${inHome}`;
  return `${own}:${line}`;
}

export interface Judged {
  readonly planted: Planted;
  readonly isFound: boolean;
  readonly isRightClass: boolean;
  /** Undefined: the label names no place. */
  readonly isRightLine: boolean | undefined;
}

/** One for each planted cause. */
export function judge({ script, said, isFound }: Measured): readonly Judged[] {
  return script.planted.map((planted) => {
    const fitting = said.filter(({ cause }) => planted.classes.includes(cause));
    const places = fitting.flatMap((one) => one.places);
    return {
      planted,
      isFound,
      isRightClass: fitting.length > 0,
      isRightLine:
        planted.places.length === 0
          ? undefined
          : places.some((place) => planted.places.includes(place)),
    };
  });
}

/** What is said and was neither planted nor may be said besides. */
export function falseAlarms({ script, said }: Measured): readonly Said[] {
  const right = new Set([...script.planted.flatMap(({ classes }) => classes), ...script.besides]);
  return said.filter(({ cause }) => !right.has(cause));
}
