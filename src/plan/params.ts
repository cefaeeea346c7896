/** The values of a run's params: declared defaults, what the user gives as text, and whether they may stand together. */
import { evaluate } from "../check/condition-evaluate.ts";
import { contains, describeDomain, describeValue, isOfType, parseParam } from "../check/domain.ts";
import type { Domain, Param, Requirement, Sweep, Value } from "../check/program.ts";
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
  return choose(params, requires, given, {
    take: readParam,
    ask: (name) => `give it with -P ${name}=…`,
  });
}

/** Chooses each param's value. `given` are values of their types, by name. */
export function fillParams(
  params: readonly Param[],
  requires: readonly Requirement[],
  given: Readonly<Record<string, Value>>,
): ChosenParams {
  return choose(params, requires, given, {
    take: takeParam,
    ask: (name) => `give it one: with({ ${name}: … })`,
  });
}

type Chosen = { readonly value: Value } | { readonly reason: string };

interface Manner<T> {
  readonly take: (param: Param, given: T) => Chosen;
  /** What to do about a param without a value. */
  readonly ask: (name: string) => string;
}

function choose<T>(
  params: readonly Param[],
  requires: readonly Requirement[],
  given: Readonly<Record<string, T>>,
  { take, ask }: Manner<T>,
): ChosenParams {
  const problems: ParamProblem[] = unknownNames(params, Object.keys(given));
  const values: Record<string, Value> = {};
  for (const param of params) {
    const own = Object.hasOwn(given, param.name) ? given[param.name] : undefined;
    const chosen = own === undefined ? byDefault(param, ask) : take(param, own);
    if ("value" in chosen) values[param.name] = chosen.value;
    else problems.push({ param: param.name, message: chosen.reason });
  }
  if (problems.length === 0) problems.push(...brokenRequirements(requires, values));
  return { values, problems };
}

function unknownNames(params: readonly Param[], given: readonly string[]): ParamProblem[] {
  const names = params.map(({ name }) => name);
  return given
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

function byDefault({ name, default: usual }: Param, ask: Manner<never>["ask"]): Chosen {
  return usual === undefined
    ? { reason: `\`${name}\` has no default; ${ask(name)}` }
    : { value: usual };
}

function readParam(param: Param, text: string): Chosen {
  const parsed = parseParam(param, text);
  const given = `-P ${param.name}=${text}`;
  switch (parsed.kind) {
    case "value":
      return { value: parsed.value };
    case "mismatch":
      return { reason: `${given}: \`${param.name}\` is of type ${param.type}; ${parsed.reason}` };
    case "outside":
      return { reason: outside(given, param, parsed.domain) };
    default:
      return parsed satisfies never;
  }
}

function takeParam(param: Param, value: Value): Chosen {
  const given = `${param.name} = ${textOf(value)}`;
  if (value === null && param.nullable) return { value };
  if (!isOfType(param.type, value))
    return { reason: `${given}: \`${param.name}\` is of type ${param.type}` };
  const { domain } = param;
  return domain && !contains(domain, value) ? { reason: outside(given, param, domain) } : { value };
}

/** Callers without types may give anything. */
function textOf(value: Value): string {
  const isPlain = value === null || ["number", "string", "boolean"].includes(typeof value);
  return isPlain ? describeValue(value) : String(value);
}

function outside(given: string, { name }: Param, domain: Domain): string {
  return `${given}: \`${name}\` must be ${describeDomain(domain)}`;
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
