/** Why a run does not give the same again: repeats, changes of one thing at a time, and traces of a pair that differs. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import type { Failure } from "../../run/event.ts";
import { counted } from "../../source/figures.ts";
import type { ExecuteRequest } from "../execute.ts";
import { type StepTrace, readTrace } from "../trace/read-trace.ts";
import { knowHost } from "../world/known-host.ts";
import { minimise } from "../world/minimise.ts";
import type { Surrounding } from "../world/surrounding.ts";
import { askedFactors } from "./asked-factors.ts";
import type { Diagnosis, Finding, NotChecked } from "./diagnosis.ts";
import { type Factor, type Factors, factorsFor } from "./factors.ts";
import { type Evidence, findingsOf } from "./findings.ts";
import { copyHome } from "./home-copy.ts";
import { type Isolated, isolate } from "./isolate.ts";
import { type Key, stepOf } from "./keys.ts";
import { type Base, type Laboratory, openLaboratory } from "./laboratory.ts";
import { locate } from "./locate.ts";
import { missingFiles } from "./missing-files.ts";
import { explainRestless } from "./restless.ts";
import { type Screened, screen } from "./screen.ts";
import { isSuspicious, runsSideBySide } from "./suspicion.ts";

export interface DiagnoseRequest extends Pick<
  ExecuteRequest,
  "plan" | "project" | "env" | "signal" | "origin"
> {
  /** The run was recorded in one of these folders, and gives something else now; absent: it was not recorded. */
  readonly recordedIn?: readonly string[];
  /** Made for this diagnosis, and its to remove. */
  readonly scratch: string;
  /** Nothing new is begun after so long; what is under way then is ended only when it takes far longer than the others did. */
  readonly budgetMs: number;
  /** Executions at once. */
  readonly jobs: number;
}

/** Rejects with the file system's errors, and where `signal` is aborted. */
export async function diagnose(request: DiagnoseRequest): Promise<Diagnosis> {
  const began = performance.now();
  const { scratch, env, signal } = request;
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const { abilities, notSeen } = await knowHost(env, signal);
  const factors = factorsFor(abilities, notSeen);
  const laboratory = openLaboratory({
    ...request,
    abilities,
    scratch: path.join(scratch, "laboratory"),
  });
  const mayGoOn = (): boolean => {
    signal.throwIfAborted();
    return performance.now() - began < request.budgetMs;
  };
  try {
    const looked = await look({ ...request, laboratory, factors, mayGoOn });
    return {
      ...looked,
      notChecked: [
        ...notVaried(factors),
        ...(laboratory.cutOff() > 0 ? [wasCutOff(laboratory.cutOff())] : []),
        ...(mayGoOn() ? [] : [outOfTime(request.budgetMs)]),
      ],
      executions: laboratory.executions(),
      milliseconds: performance.now() - began,
    };
  } finally {
    laboratory.close();
  }
}

interface Looking extends DiagnoseRequest {
  readonly laboratory: Laboratory;
  readonly factors: Factors;
  readonly mayGoOn: () => boolean;
}

type Looked = Omit<Diagnosis, "notChecked" | "executions" | "milliseconds">;

const plain: Base = { name: "plain", surroundings: [], home: undefined, traced: false };

async function look(looking: Looking): Promise<Looked> {
  const { laboratory, factors, mayGoOn, plan } = looking;
  const { traces, copy } = await traceFirst(looking);
  const { failure } = (await laboratory.reference(plain)).results;
  const missing = missingFiles(traces, {
    projects: [looking.project, ...(looking.recordedIn ?? [])],
    copy,
    scratch: looking.scratch,
    fails: failure !== undefined,
    maybeGone: looking.recordedIn !== undefined,
  });
  if (failure) return notExecuted(failure, missing);
  const screened = await screen({
    laboratory,
    base: plain,
    perturbations: factors.perturbations,
    isSuspicious: traces.some((trace) => isSuspicious(trace, plan)),
    mayGoOn,
  });
  const base = await heldBase(looking, traces);
  const isAsked = ({ matters }: Factor): boolean =>
    traces.some(({ calls }) => calls.some(({ about }) => matters.includes(about)));
  const isolated = await isolate({
    laboratory,
    base,
    factors: [
      // No repeat has another library for linear algebra.
      ...factors.varied.filter((one) => screened.wanted.size > 0 || (one.counts && isAsked(one))),
      ...askedFactors({ ...looking, traces, mounts: canMount(factors) }),
    ],
    wanted: screened.wanted,
    isAsked,
    pairs: traces.some(runsSideBySide) ? 3 : 1,
    mayGoOn,
  });
  const evidence = await evidenceOf(isolated, base, looking);
  return conclude(screened, isolated, [...findingsFrom(evidence, looking), ...missing], looking);
}

function notExecuted(failure: Failure, findings: readonly Finding[]): Looked {
  const verdict = findings.length > 0 ? "explained" : "unexplained";
  return { verdict, failure, findings, unexplained: [], repeats: 0, harmless: [] };
}

/** A traced execution, beside a plain one that all later ones are compared with. */
async function traceFirst({ laboratory, plan }: Looking): Promise<{
  readonly traces: readonly StepTrace[];
  readonly copy: string;
}> {
  const tracing: Base = { ...plain, name: "plain traced", traced: true };
  const [execution] = await Promise.all([
    laboratory.reference(tracing),
    laboratory.reference(plain),
  ]);
  const traces = stepsOf(plan).map(({ name }) => readTrace(execution.folderOf(name)));
  return {
    traces: (await Promise.all(traces)).filter((trace) => trace !== undefined),
    copy: execution.copy,
  };
}

function stepsOf(plan: RunPlan): readonly StepAction[] {
  return plan.actions.filter((action) => action.kind === "step");
}

function canMount({ missing }: Factors): boolean {
  return !missing.some(({ surrounding }) => surrounding.needs.includes("namespaces"));
}

/** All that can be held still is, but for what the code does not bear. */
async function heldBase(
  { laboratory, factors, scratch, env }: Looking,
  traces: readonly StepTrace[],
): Promise<Base> {
  const home = path.join(scratch, "home");
  copyHome(env["HOME"], home, traces);
  const baseOf = (surroundings: readonly Surrounding[]): Base => ({
    name: `held ${surroundings.map(({ name }) => name).join(" ")}`,
    surroundings,
    home,
    traced: false,
  });
  const { results } = await laboratory.reference(plain);
  const fails = async (part: readonly Surrounding[]): Promise<boolean> => {
    const held = await laboratory.reference(baseOf(part));
    return held.results.failure !== undefined && results.failure === undefined;
  };
  const unbearable = (await minimise(factors.still, fails)) ?? [];
  return baseOf(factors.still.filter((one) => !unbearable.includes(one)));
}

async function evidenceOf(
  isolated: Isolated,
  base: Base,
  { laboratory, plan, factors }: Looking,
): Promise<readonly Evidence[]> {
  const request = {
    laboratory,
    plan,
    base: { ...base, name: `${base.name} traced`, traced: true },
  };
  const found = isolated.culprits.map(async (culprit) => {
    const located = await locate(culprit, request);
    return located.map((one): Evidence => ({ factors: culprit.factors, located: one }));
  });
  const restless =
    isolated.restless.size > 0 ? [explainRestless(isolated, factors, request, base)] : [];
  return (await Promise.all([...found, ...restless])).flat();
}

function findingsFrom(evidence: readonly Evidence[], { plan }: Looking): readonly Finding[] {
  return findingsOf(evidence, (step) =>
    stepsOf(plan).find(({ name }) => name === step)?.language === "r" ? "r" : "node",
  );
}

function conclude(
  { wanted, repeats }: Screened,
  isolated: Isolated,
  findings: readonly Finding[],
  { plan }: Looking,
): Looked {
  const explained = new Set(
    findings.flatMap(({ step, outputs }): readonly Key[] => [
      `${step}/`,
      ...outputs.map((key): Key => `${step}/${key}`),
    ]),
  );
  const differing = [...new Set([...wanted.keys(), ...isolated.restless])];
  const open = differing.filter((key) => !explained.has(key)).map(stepOf);
  const order = stepsOf(plan).map(({ name }) => name);
  return {
    failure: undefined,
    verdict: open.length > 0 ? "unexplained" : findings.length > 0 ? "explained" : "same",
    findings: findings.toSorted((a, b) => order.indexOf(a.step) - order.indexOf(b.step)),
    unexplained: [...new Set(open)],
    repeats,
    harmless: isolated.harmless.map(({ words }) => words),
  };
}

function notVaried({ missing }: Factors): readonly NotChecked[] {
  return missing.map(({ surrounding, why }) => ({ what: surrounding.changes, why }));
}

function wasCutOff(count: number): NotChecked {
  return {
    what: `what ${counted(count, "execution")} would have given`,
    why: "ended after far longer than the others took",
  };
}

function outOfTime(budgetMs: number): NotChecked {
  return {
    what: "what is left",
    why: `the budget of ${Math.round(budgetMs / 1000)} s was used up`,
  };
}
