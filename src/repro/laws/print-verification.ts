/** What `mlpipe verify` prints: the table of laws, then each breach with what repeats it. */
import { describeValue } from "../../check/domain.ts";
import type { Breach, Law, LawId, LawOutcome } from "./law.ts";
import type { Verification, VerifiedLaw } from "./verify.ts";
import { printColumns } from "../../source/columns.ts";
import { counted, durationText } from "../../source/figures.ts";
import { type Paint, type Role, paintWith } from "../../source/paint.ts";
import { quoteForShell } from "../../source/shell-quote.ts";
import { wrap } from "../../source/wrap.ts";

export function printVerification(
  verification: Verification,
  { color }: { readonly color: boolean },
): string {
  const paint = paintWith(color);
  const { laws, failure } = verification;
  const parts = failure
    ? [
        `${paint("error", "not executed")}  ${failure.code}  ${failure.place}  ${failure.message}\n`,
        failure.fix && `  ${failure.fix}\n`,
      ]
    : [
        `${table(laws, paint)}\n`,
        ...laws.flatMap((law) => printBreaches(law, verification, paint)),
        ...laws.flatMap((law) => printWarnings(law, paint)),
        ...notChanged(verification),
        printSummary(verification, paint),
      ];
  return parts.join("");
}

function table(laws: readonly VerifiedLaw[], paint: Paint): string {
  const roles = laws.map(({ outcome }) => roleOf(outcome));
  const columns = [
    { title: "law", cells: laws.map(({ law }) => law) },
    { title: "", cells: laws.map(({ title }) => title) },
    {
      title: "outcome",
      cells: laws.map(({ outcome }) => wordFor(outcome)),
      role: (row: number) => roles[row],
    },
    { title: "", cells: laws.map(detailOf) },
  ];
  return printColumns(columns, paint);
}

export function wordFor({ kind }: LawOutcome): string {
  return kind === "not-checked" ? "not checked" : kind;
}

function roleOf({ kind }: LawOutcome): Role | undefined {
  switch (kind) {
    case "held":
      return "fix";
    case "failed":
      return "error";
    case "undecided":
    case "interrupted":
      return "warning";
    case "not-checked":
      return "faint";
    default:
      return kind satisfies never;
  }
}

/** What was found, in a few words. */
export function detailOf({ outcome, counted: what }: VerifiedLaw): string {
  switch (outcome.kind) {
    case "held":
      return [counted(outcome.cases, what), ...outcome.notes].join("; ");
    case "failed":
      return [breachesOf(outcome.breaches.length), ...outcome.notes].join("; ");
    case "interrupted":
      return [`${outcome.cases} of ${counted(outcome.of, what)}`, ...outcome.notes].join("; ");
    case "undecided":
      return [outcome.why, ...outcome.notes].join("; ");
    case "not-checked":
      return outcome.why;
    default:
      return outcome satisfies never;
  }
}

function breachesOf(number: number): string {
  return number === 1 ? "in one way, below" : `in ${number} ways, below`;
}

function printBreaches(
  law: VerifiedLaw,
  verification: Verification,
  paint: Paint,
): readonly string[] {
  if (law.outcome.kind !== "failed") return [];
  return law.outcome.breaches.map((breach) => `${printBreach(law, breach, verification, paint)}\n`);
}

/** What has happened, with which values, and what repeats it. */
export function printBreach(
  { law, title }: VerifiedLaw,
  breach: Breach,
  verification: Verification,
  paint: Paint,
): string {
  const rows = [
    ["with", printParams(breach)],
    ["differs", breach.difference],
    ["mend", breach.fix],
    ["repeat", repeatOf(law, breach, verification)],
  ];
  const lines = rows
    .filter(([, text]) => text !== "")
    .map(([name = "", text]) => `  ${name.padEnd(7)}  ${text}\n`);
  return `${paint("error", `${law} ${title}`)}: ${breach.what}\n${lines.join("")}`;
}

/** The command that repeats the very case. */
export function repeatOf(law: LawId, { replay }: Breach, { command, seed }: Verification): string {
  const which = replay === undefined ? `--seed ${seed}` : `--replay ${replay}`;
  return `${command.map(quoteForShell).join(" ")} --law ${law} ${which}`;
}

/** The counterexample first; the rest is as always. */
export function printParams({ params, unusual }: Breach): string {
  const print = (name: string): string => `${name} = ${describeValue(params[name] ?? null)}`;
  const names = Object.keys(params);
  if (names.length === 0) return "";
  if (unusual.length === 0) return "the usual values of all params";
  const others = unusual.length === names.length ? "" : ", the other params as usual";
  return `${unusual.map(print).join(", ")}${others}`;
}

function printWarnings({ law, outcome }: VerifiedLaw, paint: Paint): readonly string[] {
  if (outcome.kind !== "held") return [];
  return outcome.warnings.map((warning) => `${paint("warning", `${law} warning`)}: ${warning}\n\n`);
}

function notChanged({ unchanged }: Verification): readonly string[] {
  if (unchanged.length === 0) return [];
  const lines = unchanged.map(({ changes, why }) => `  ${changes}: ${why}\n`);
  return [`not changed here, so not checked:\n${lines.join("")}\n`];
}

function printSummary(
  { laws, milliseconds, executions, seed }: Verification,
  paint: Paint,
): string {
  const kinds = ["held", "failed", "interrupted", "undecided", "not-checked"] as const;
  const counts = kinds.flatMap((kind) => {
    const some = laws.filter(({ outcome }) => outcome.kind === kind);
    return some[0] ? `${some.length} ${wordFor(some[0].outcome)}` : [];
  });
  const cost = `${counted(executions, "execution")} in ${durationText(Math.round(milliseconds))}`;
  return `${paint("strong", counts.join(", "))}  ${cost}, seed ${seed}\n`;
}

export function explainLaw({ id, title, statement, explanation }: Law): string {
  return `${wrap(`${id} ${title}: ${statement}.`)}\n\n${wrap(explanation)}\n`;
}
