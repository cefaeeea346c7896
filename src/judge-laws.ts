/** What a test is told of a verification: that the laws hold, how they are broken, or that nobody can say. */
import { printComparison } from "./repro/compare/print-comparison.ts";
import type { Breach, LawId } from "./repro/laws/law.ts";
import { printBreach } from "./repro/laws/print-verification.ts";
import type { Verification, VerifiedLaw } from "./repro/laws/verify.ts";
import type { Failure } from "./run/event.ts";
import { counted, durationText } from "./source/figures.ts";
import { paintWith } from "./source/paint.ts";

export interface Judged {
  /** `unknown`: whatever a test expects, it must not pass. */
  readonly kind: "held" | "broken" | "unknown";
  /** Why, or what else a reader has to know; lines, none where that is nothing. */
  readonly told: string;
}

/** All laws as one. `idle`: those that may have nothing to say about a run. */
export function judgeLaws(verification: Verification, idle: readonly LawId[] = []): Judged {
  const { failure, laws } = verification;
  if (failure) return { kind: "unknown", told: describeFailure(failure) };
  const judged = laws.map((law) => judgeLaw(law, verification, idle.includes(law.law)));
  const kinds = judged.map(({ kind }) => kind);
  const kind = (["broken", "unknown"] as const).find((one) => kinds.includes(one)) ?? "held";
  const told = judged.filter((one) => one.kind === kind).map((one) => one.told);
  const isOpen = kind === "unknown" && laws.some(({ outcome }) => outcome.kind === "undecided");
  return { kind, told: told.join(kind === "broken" ? "\n" : "") + (isOpen ? moreTime : "") };
}

/** `isIdle`: that it could not be checked is no reason to fail. */
function judgeLaw(law: VerifiedLaw, verification: Verification, isIdle: boolean): Judged {
  const { outcome } = law;
  const name = `${law.law} ${law.title}`;
  switch (outcome.kind) {
    case "held":
      return { kind: "held", told: tell(name, [...outcome.warnings, ...outcome.notes]) };
    case "failed": {
      const breaches = outcome.breaches.map((breach) => describe(law, breach, verification));
      return { kind: "broken", told: breaches.join("\n") + tell(name, outcome.notes) };
    }
    case "interrupted": {
      const tried = `${outcome.cases} of ${counted(outcome.of, law.counted)}`;
      const time = durationText(verification.budgetMs);
      return { kind: "held", told: tell(name, [`${tried} in ${time}`, ...outcome.notes]) };
    }
    case "undecided":
      return { kind: "unknown", told: tell(`${name} is undecided`, [outcome.why]) };
    case "not-checked":
      return isIdle
        ? { kind: "held", told: tell(`${name} was not checked`, [outcome.why]) }
        : { kind: "unknown", told: tell(`${name} could not be checked`, [outcome.why]) };
    default:
      return outcome satisfies never;
  }
}

const moreTime = "  fix: a larger `budgetMs`, in a test whose `timeout` is larger still\n";

function tell(about: string, lines: readonly string[]): string {
  return lines.map((line) => `${about}: ${line}\n`).join("");
}

/** With all that differs, where the law is about that. */
function describe(law: VerifiedLaw, breach: Breach, verification: Verification): string {
  const text = printBreach(law, breach, verification, paintWith(false));
  const { comparison } = breach;
  return comparison
    ? `${text}\n${printComparison(comparison, { colour: false, width: 100 })}`
    : text;
}

function describeFailure({ place, code, message, fix }: Failure): string {
  const where = [place, code].filter((part) => part !== "").join("  ");
  return `the run fails, so that nothing was checked\n${where}  ${message}\n${fix && `  fix: ${fix}\n`}`;
}

/** What this machine could not change, where the laws are about such changes. */
export function describeUnchanged({ laws, unchanged }: Verification): string {
  const isAbout = laws.some(({ law }) => law === "L2" || law === "L13");
  if (!isAbout || unchanged.length === 0) return "";
  const lines = unchanged.map(({ changes, why }) => `  ${changes}: ${why}\n`);
  return `not changed on this machine, so not checked:\n${lines.join("")}`;
}
