/** Texts of a plan: holes filled with what is known now, the rest left for later. */
import type { Template } from "../check/program.ts";
import { formatParam } from "../check/domain.ts";
import type { Later, LaterText, PlannedParam } from "./plan.ts";

/** What a hole can name. */
export interface HoleScope {
  readonly params: readonly PlannedParam[];
  readonly run: string;
  readonly experiment: string;
  readonly seed: number | undefined;
}

type Part = string | Later;

/** Joins neighbouring texts; a text without Laters becomes a plain string. */
function join(parts: readonly Part[]): string | LaterText {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string")
      joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  if (joined.length === 0) return "";
  const [only] = joined;
  return joined.length === 1 && typeof only === "string" ? only : { parts: joined };
}

function fill(path: readonly string[], scope: HoleScope): Part {
  const name = path.join(".");
  if (name === "run.id") return { later: "run_id" };
  if (name === "run.name") return scope.run;
  if (name === "run.experiment") return scope.experiment;
  const param = scope.params.find((candidate) => candidate.name === name);
  if (param) return param.value === null ? "" : formatParam(param.value, param.type);
  if (name === "seed") return scope.seed === undefined ? "" : String(scope.seed);
  throw new Error(`no such hole: ${name}`);
}

/** A template with every hole filled that can be filled before the run. */
export function fillTemplate(template: Template, scope: HoleScope): string | LaterText {
  return join(template.map((part) => (typeof part === "string" ? part : fill(part.hole, scope))));
}

/** Whether a text needs the run's id, which the tracker gives when the run is made. */
export function needsRunId(text: unknown): boolean {
  if (typeof text !== "object" || text === null) return false;
  if ("later" in text) return text.later === "run_id";
  return "parts" in text && Array.isArray(text.parts) && text.parts.some(needsRunId);
}
