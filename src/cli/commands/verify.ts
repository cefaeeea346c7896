/** `mlpipe verify`: whether a run keeps the laws of reproducibility, over the values that its params may have. */
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { allLaws } from "../../repro/laws/all-laws.ts";
import { type LawId, lawIds } from "../../repro/laws/law.ts";
import { explainLaw, printVerification } from "../../repro/laws/print-verification.ts";
import { planOf } from "../../repro/laws/session.ts";
import { type Progress, type Verification, verify } from "../../repro/laws/verify.ts";
import type { Diagnosis } from "../../repro/diagnose/diagnosis.ts";
import { printDiagnosis } from "../../repro/diagnose/print-diagnosis.ts";
import { openOrigin } from "../../repro/origin.ts";
import { ownCommand } from "../../repro/shipped.ts";
import { printVerdict } from "../../report/print-verdict.ts";
import { suggest } from "../../source/suggest.ts";
import { chooseRun, describeChoice, readParams, splitPairs } from "../entry.ts";
import { diagnosed } from "../diagnosed.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { requireProgram } from "../open.ts";
import { requireTarget } from "../output-target.ts";
import { abortOnSignals, interruptedCode } from "../signals.ts";
import { openStatusLine } from "../status-line.ts";
import { isLive, usesColor, write } from "../terminal.ts";
import { verificationReport } from "../verdict/verification-report.ts";

export interface VerifyOptions {
  readonly param?: readonly string[];
  readonly law?: string;
  readonly skip?: string;
  readonly budget: string;
  readonly cases: string;
  readonly seed?: string;
  readonly replay?: string;
  readonly trackingUri?: string;
  readonly r?: string;
  readonly json?: boolean;
  readonly explain?: string;
  readonly diagnose?: boolean;
  /** A file. */
  readonly html?: string;
}

export async function verifyFile(
  file: string | undefined,
  name: string | undefined,
  options: VerifyOptions,
): Promise<number> {
  if (options.explain !== undefined) return explain(options.explain, options);
  if (file === undefined)
    throw new CommandFailed(
      "`mlpipe verify` lacks its <file>",
      "write: mlpipe verify <file> [run]",
    );
  requireTarget(options.html);
  const { project, program } = requireProgram(file);
  const run = chooseRun(program, name, "verified");
  const params = readParams(program, run.name, options.param);
  const { seed, path } = readReplay(options);
  const signal = abortOnSignals();
  const display = displayFor(options);
  const env = options.r === undefined ? process.env : { ...process.env, MLPIPE_R: options.r };
  const origin = await openOrigin(run, options.trackingUri ?? process.env.MLFLOW_TRACKING_URI);
  try {
    const verification = await verify({
      program,
      run,
      shown: file,
      project: project.folder,
      params,
      fixed: [...splitPairs(options.param ?? []).keys()],
      laws: chooseLaws(options),
      step: undefined,
      budgetMs: readBudget(options.budget),
      cases: readCount("--cases", options.cases),
      seed,
      path,
      env,
      signal,
      command: ownCommand,
      origin,
      listener: display.note,
    });
    const diagnosis =
      options.diagnose && !signal.aborted
        ? await diagnosed({
            plan: planOf({ program, run }, params),
            project: project.folder,
            env,
            signal,
            ...(origin ? { origin } : {}),
          })
        : undefined;
    display.end();
    if (!options.json) write(describeChoice(program, name, run));
    tell(verification, diagnosis, options);
    return signal.aborted ? interruptedCode(signal) : judge(verification);
  } finally {
    display.end();
    await origin?.close();
  }
}

function tell(
  verification: Verification,
  diagnosis: Diagnosis | undefined,
  { json, html }: VerifyOptions,
): void {
  const colour = usesColor(process.stdout);
  if (json) write(jsonText(diagnosis ? { ...verification, diagnosis } : verification));
  else write(printVerification(verification, { color: colour }));
  if (diagnosis && !json) write(`\n${printDiagnosis(diagnosis, { colour })}`);
  if (html === undefined) return;
  writeFileSync(html, printVerdict(verificationReport(verification, diagnosis, Date.now())));
}

function explain(id: string, { json }: VerifyOptions): number {
  const law = allLaws.find((one) => one.id === requireLaw(id));
  if (!law) throw new CommandFailed(`there is no law ${id}`);
  const { title, statement, explanation } = law;
  write(json ? jsonText({ law: law.id, title, statement, explanation }) : explainLaw(law));
  return exitCodes.done;
}

function chooseLaws({ law, skip }: VerifyOptions): readonly LawId[] {
  const only = law === undefined ? allLaws.map(({ id }) => id) : law.split(",").map(requireLaw);
  const left = new Set(skip?.split(",").map(requireLaw));
  const chosen = only.filter((id) => !left.has(id));
  if (chosen.length === 0)
    throw new CommandFailed("every law is left out", "name fewer behind --skip");
  return chosen;
}

function requireLaw(word: string): LawId {
  const written = word.trim().toUpperCase();
  const known = lawIds.find((id) => id === written);
  if (known) return known;
  const near = suggest(written, lawIds);
  throw new CommandFailed(
    `there is no law ${word.trim()}${near ? `; did you mean ${near}?` : ""}`,
    `there are ${allLaws.map(({ id, title }) => `${id} (${title})`).join(", ")}`,
  );
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

function readBudget(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|min|h)$/.exec(text) ?? [];
  if (amount === undefined || Number(amount) <= 0)
    throw new CommandFailed(`--budget ${text}: expected a time`, "for example: --budget 2min");
  return Math.min(Number(amount) * (units[unit] ?? 1), 2 ** 31 - 1);
}

function readCount(flag: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CommandFailed(`${flag} ${text}: expected a whole number from 1`);
}

/** `--replay seed:path`, or `--seed`; without either a new one. */
function readReplay({ seed, replay }: VerifyOptions): {
  readonly seed: number;
  readonly path: string | undefined;
} {
  if (replay === undefined) return { seed: readSeed(seed), path: undefined };
  const [, at, path] = /^(\d{1,10}):([\d:]+)$/.exec(replay) ?? [];
  if (at === undefined || path === undefined)
    throw new CommandFailed(
      `--replay ${replay}: expected seed:path, as a failure prints it`,
      "for example: --replay 7:3:1",
    );
  return { seed: Number(at), path };
}

function readSeed(text: string | undefined): number {
  if (text === undefined) return randomInt(2 ** 31);
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31) return Number(text);
  throw new CommandFailed(`--seed ${text}: expected a whole number below 2147483648`);
}

interface Display {
  readonly note: (progress: Progress) => void;
  readonly end: () => void;
}

function displayFor({ json }: VerifyOptions): Display {
  if (json || !isLive(process.stdout)) return { note: () => {}, end: () => {} };
  const line = openStatusLine("verify");
  line.note("what this machine can change");
  return {
    note: ({ law, cases, of, executions }) =>
      line.note(`${law}  ${cases} of ${of}  ${executions} executions`),
    end: line.end,
  };
}

function judge({ failure, laws }: Verification): number {
  if (failure) return exitCodes.failed;
  const kinds = laws.map(({ outcome }) => outcome.kind);
  if (kinds.includes("failed")) return exitCodes.differs;
  return kinds.includes("undecided") ? exitCodes.undecided : exitCodes.done;
}
