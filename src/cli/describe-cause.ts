/** Why a step runs, as people read it: the first thing that is not as it was, old and new. */
import type { Difference } from "../run/cache/component.ts";
import type { Forecast } from "../run/cache/forecast.ts";
import type { Cause, Happened, Uncached } from "../run/cache/record.ts";
import { harmless } from "../source/width.ts";

/** Fits after `runs: ` and `ran: `. */
function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case "first":
      return "it has not run here before";
    case "changed": {
      const { due, ...difference } = cause.reason;
      const because = due
        ? `, because ${describeDifference(due.difference)} in \`${due.step}\``
        : "";
      return describeDifference(difference) + because;
    }
    case "not-kept":
      return cause.uncached === undefined
        ? "nothing has changed, but the cache does not have it any more"
        : describeUncached(cause.uncached);
    case "told":
      return "--no-cache";
    default:
      return cause satisfies never;
  }
}

const reasons: Readonly<Record<Uncached, string>> = {
  off: "`cache off`",
  "run-id": "it uses the run's id, which is new each time",
  unseeded: "it drew random numbers without a seed",
  tracker: "it spoke to the tracker by itself",
  changed: "something that it reads was changed while it ran",
  failed: "it failed the last time",
};

function describeUncached(uncached: Uncached): string {
  return reasons[uncached];
}

/** `train.csv changed: sha a1b2c3d → b7c8d9e` */
function describeDifference({ name, before, after }: Difference): string {
  const [kind = "", ...rest] = name.split(" ");
  const what = harmless(rest.join(" "));
  switch (kind) {
    case "code":
      return "its code changed";
    case "param":
      return `param ${what} ${valueChange(before, after, (value) => value.replace(/^\S+ /u, ""))}`;
    case "seed":
      return `seed ${valueChange(before, after, (value) => value)}`;
    case "env":
      return before === undefined || after === undefined
        ? `env ${what} ${presence(before, after)}`
        : `env ${what} ${valueChange(before, after, (value) => value)}`;
    case "file":
    case "input":
      return contentChange(kind === "input" ? `input ${what}` : what, before, after);
    case "package":
      return packageChange(what === "base" ? "R" : `package ${what}`, before, after);
    case "interpreter":
      return `it runs by ${harmless(after ?? "")}, no longer by ${harmless(before ?? "")}`;
    case "mlpipe":
      return "mlpipe itself is another version";
    default:
      return `${declaredAs(kind, what)} ${presence(before, after)}`;
  }
}

/** Outputs, secrets and inherited variables: what they hold is not told. */
function declaredAs(kind: string, what: string): string {
  if (kind === "variable") return `the environment variable ${what}`;
  return `${kind} ${what}`.trim();
}

function presence(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return "is new";
  return after === undefined ? "is gone" : "changed";
}

function valueChange(
  before: string | undefined,
  after: string | undefined,
  show: (value: string) => string,
): string {
  if (before === undefined || after === undefined)
    return before === undefined ? "is used now" : "is no longer used";
  const [old, now] = [show(before), show(after)].map((value) => shorten(harmless(value)));
  return old === now ? "changed" : `${old} → ${now}`;
}

const most = 60;

function shorten(text: string): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** The digest is the last word. */
function contentChange(
  what: string,
  before: string | undefined,
  after: string | undefined,
): string {
  const [old, now] = [before, after].map((value) => /[0-9a-f]{64}$/u.exec(value ?? "")?.[0]);
  if (old === undefined || now === undefined) return `${what} ${presence(before, after)}`;
  return `${what} changed: sha ${old.slice(0, 7)} → ${now.slice(0, 7)}`;
}

function packageChange(
  what: string,
  before: string | undefined,
  after: string | undefined,
): string {
  const [old, now] = [before, after].map((value) => value?.split(" ")[0]);
  if (old === undefined || now === undefined) return `${what} ${presence(before, after)}`;
  return old === now ? `${what} ${now} was installed anew` : `${what} ${old} → ${now}`;
}

export function describeHappened(happened: Happened, runId: string): string {
  if (happened.kind === "cached")
    return `came from the cache in run ${runId}, as made in run ${happened.from}`;
  return `ran in run ${runId}: ${describeCause(happened.cause)}`;
}

export function describeForecast(now: Forecast): string {
  switch (now.kind) {
    case "cached":
      return `comes from the cache, as made in run ${now.from}`;
    case "runs":
      return `runs: ${now.uncached === undefined ? describeCause(now.cause) : describeUncached(now.uncached)}`;
    case "depends":
      return `runs if ${now.on.map((one) => `\`${one}\``).join(" or ")} gives something else`;
    default:
      return now satisfies never;
  }
}
