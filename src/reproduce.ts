/** The public list of `mlpipe/reproduce`: a run executed, verified, replayed and compared from code, under any test runner. */
export type { Value } from "./check/program.ts";
export type { Executed } from "./executed.ts";
export {
  type Params,
  type Pipeline,
  type PipelineOptions,
  type PipelineStep,
  type VerifyOptions,
  pipeline,
} from "./pipeline.ts";
export { PipelineError } from "./pipeline-error.ts";
export { type ReplayOptions, replay } from "./replay.ts";
export { compareResults } from "./repro/compare/compare-results.ts";
export type { Comparison, Difference, Row, Verdict } from "./repro/compare/comparison.ts";
export { printComparison } from "./repro/compare/print-comparison.ts";
export type { Diagnosis, Finding } from "./repro/diagnose/diagnosis.ts";
export { printDiagnosis } from "./repro/diagnose/print-diagnosis.ts";
export { allLaws } from "./repro/laws/all-laws.ts";
export type { Breach, LawId, LawOutcome } from "./repro/laws/law.ts";
export { printVerification } from "./repro/laws/print-verification.ts";
export type { Verification, VerifiedLaw } from "./repro/laws/verify.ts";
export { printReplay } from "./repro/replay/print-replay.ts";
export type { Replay } from "./repro/replay/replay.ts";
export type { Results, StepResults } from "./repro/results.ts";
