/** The HTML report on a verification: law by law, each breach with what repeats it. */
import type { Diagnosis } from "../../repro/diagnose/diagnosis.ts";
import type { Breach, LawOutcome } from "../../repro/laws/law.ts";
import { detailOf, printParams, repeatOf, wordFor } from "../../repro/laws/print-verification.ts";
import type { Verification, VerifiedLaw } from "../../repro/laws/verify.ts";
import type { ReportDetail, ReportRow, Tone, VerdictData } from "../../report/verdict-data.ts";
import { diagnosedCauses, uncheckedBy } from "./diagnosis-causes.ts";

/** `diagnosis`: undefined where nobody asked for it. `made`: milliseconds since 1970. */
export function verificationReport(
  verification: Verification,
  diagnosis: Diagnosis | undefined,
  made: number,
): VerdictData {
  const { file, run, seed, executions, milliseconds, laws, unchanged } = verification;
  const took = `${executions} in ${(milliseconds / 1000).toFixed(1)} s`;
  return {
    title: `Verification of ${run}`,
    about: [
      { name: "file", text: file },
      { name: "executions", text: took },
      { name: "seed", text: String(seed) },
    ],
    made,
    verdict: verdictOf(verification),
    notes: [],
    causes: diagnosis ? diagnosedCauses(diagnosis) : [],
    tables: [
      {
        title: "Laws",
        columns: ["law", "", "what was found", "outcome"],
        rows: laws.map((law) => rowOf(law, verification)),
      },
    ],
    unchecked: [
      ...unchanged.map(({ changes, why }) => ({ name: changes, why })),
      ...(diagnosis ? uncheckedBy(diagnosis) : []),
    ],
  };
}

const tones: Readonly<Record<LawOutcome["kind"], Tone>> = {
  held: "good",
  interrupted: "fair",
  failed: "bad",
  undecided: "open",
  "not-checked": "open",
};

function verdictOf({ failure, laws }: Verification): VerdictData["verdict"] {
  if (failure) {
    const why = `${failure.place} ${failure.code} ${failure.message}`.trim();
    return { word: "NOT EXECUTED", tone: "bad", why };
  }
  const of = (kind: LawOutcome["kind"]) => laws.filter(({ outcome }) => outcome.kind === kind);
  const names = (some: readonly VerifiedLaw[]): string =>
    some.map(({ law, title }) => `${law} ${title}`).join(", ");
  const [failed, undecided, partly] = [of("failed"), of("undecided"), of("interrupted")];
  if (failed.length > 0) return { word: "BROKEN", tone: "bad", why: names(failed) };
  if (undecided.length > 0) return { word: "UNDECIDED", tone: "open", why: names(undecided) };
  const why = `${of("held").length + partly.length} of ${laws.length} laws hold as far as they were checked`;
  return partly.length > 0
    ? { word: "HELD IN PART", tone: "fair", why: `${why}; out of time in ${names(partly)}` }
    : { word: "HELD", tone: "good", why };
}

function rowOf(law: VerifiedLaw, verification: Verification): ReportRow {
  const { outcome } = law;
  const breaches = outcome.kind === "failed" ? outcome.breaches : [];
  const warnings = outcome.kind === "held" ? outcome.warnings : [];
  return {
    cells: [law.law, law.title, detailOf(law), wordFor(outcome)],
    tone: outcome.kind === "held" && warnings.length > 0 ? "fair" : tones[outcome.kind],
    details: [
      ...warnings.map((text) => ({ kind: "text", text }) as const),
      ...breaches.map((breach) => breachTable(breach, repeatOf(law.law, breach, verification))),
    ],
  };
}

function breachTable(breach: Breach, repeat: string): ReportDetail {
  const rows = [
    ["what", breach.what],
    ["with", printParams(breach)],
    ["changed", breach.surroundings.map(({ changes }) => changes).join("; ")],
    ["differs", breach.difference],
    ["mend", breach.fix],
    ["repeat", repeat],
  ].filter(([, text]) => text !== "");
  return { kind: "table", columns: ["", ""], rows, rest: "" };
}
