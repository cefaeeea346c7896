/** The values of a run's params: declared defaults, what the user gives as text, and whether they may stand together. */
import { evaluate } from "../check/condition-evaluate.ts";
import { describeDomain, parseParam } from "../check/domain.ts";
import type { Param, Requirement, Sweep, Value } from "../check/program.ts";
import { suggest } from "../source/suggest.ts";

/** Why a value cannot be used; one line that names the param, the value and what to write. */
export interface ParamProblem {
  readonly param: string;
  readonly message: string;
}
export interface ChosenParams {
  readonly values: Readonly<Record<string, Value>>;
  /** Empty: the values are complete, typed, inside their domains, and keep every `require`. */
  readonly problems: readonly ParamProblem[];
}

/** What may be given to a sweep from outside: every param of its run but those that it varies itself. */
export function freeParams({ params, vary }: Sweep): readonly Param[] {
  return params.filter(({ name }) => vary.every(({ param }) => param !== name));
}

/** Chooses each param's value. `given` are texts as on a command line, by name. */
export function chooseParams(
  params: readonly Param[],
  requires: readonly Requirement[],
  given: Readonly<Record<string, string>>,
): ChosenParams {
  const problems: ParamProblem[] = unknownNames(params, given);
  const values: Record<string, Value> = {};
  for (const param of params) {
    const chosen = chooseParam(param, given[param.name]);
    if ("value" in chosen) values[param.name] = chosen.value;
    else problems.push({ param: param.name, message: chosen.reason });
  }
  if (problems.length === 0) problems.push(...brokenRequirements(requires, values));
  return { values, problems };
}

function unknownNames(
  params: readonly Param[],
  given: Readonly<Record<string, string>>,
): ParamProblem[] {
  const names = params.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = suggest(name, names);
      const hint = near
        ? `; did you mean \`${near}\`?`
        : names.length > 0
          ? `; it has ${names.join(", ")}`
          : "";
      return { param: name, message: `there is no param \`${name}\`${hint}` };
    });
}

function chooseParam(
  param: Param,
  text: string | undefined,
): { value: Value } | { reason: string } {
  if (text !== undefined) return readParam(param, text);
  if (param.default !== undefined) return { value: param.default };
  return { reason: `\`${param.name}\` has no default; give it with -P ${param.name}=…` };
}

function readParam(param: Param, text: string): { value: Value } | { reason: string } {
  const parsed = parseParam(param, text);
  const given = `-P ${param.name}=${text}`;
  switch (parsed.kind) {
    case "value":
      return { value: parsed.value };
    case "mismatch":
      return { reason: `${given}: \`${param.name}\` is of type ${param.type}; ${parsed.reason}` };
    case "outside":
      return { reason: `${given}: \`${param.name}\` must be ${describeDomain(parsed.domain)}` };
    default:
      return parsed satisfies never;
  }
}

function brokenRequirements(
  requires: readonly Requirement[],
  values: Readonly<Record<string, Value>>,
): readonly ParamProblem[] {
  return requires.flatMap(({ condition, note }) => {
    const { holds, actual } = evaluate(condition, (path) => values[path.join(".")]);
    const why = note ? ` (${note})` : "";
    return holds ? [] : [{ param: "", message: `require ${condition.text}, but ${actual}${why}` }];
  });
}
