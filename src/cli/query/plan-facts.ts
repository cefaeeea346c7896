/** A recorded plan as names and values, so that two of them can be laid side by side. */

/** Values as text, by names such as `fit.env.TZ`. */
type Facts = ReadonlyMap<string, string>;

export interface PlanFacts {
  /** Where each input of each step comes from. */
  readonly inputs: Facts;
  /** Packages that models need. */
  readonly packages: Facts;
  /** Variables that steps get, and those that they lose. */
  readonly environment: Facts;
  /** Everything else but code, params and calls, which are compared apart. */
  readonly plan: Facts;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Of a plan of any version; undefined and what is no plan have no facts. */
export function factsOfPlan(plan: unknown): PlanFacts {
  const whole = isObject(plan) ? plan : {};
  const actions = listOf(whole["actions"]);
  const steps = actions.filter(({ kind }) => kind === "step");
  return {
    inputs: collect(steps, (step) => listOf(step["inputs"]).map(describeInput)),
    packages: collect(steps, (step) =>
      listOf(step["models"]).flatMap((model) => [...flatten(model["packages"], nameOf(model))]),
    ),
    environment: collect(steps, ({ env, unsetEnv }) => [
      ...flatten(env, ""),
      ...flatten(unsetEnv, "without"),
    ]),
    plan: new Map([
      ...flatten(whole["contract"], "reproducible"),
      ...flatten(whole["shared"], "shared"),
      ...collect(steps, (step) => [...flatten(withoutOthers(step), "")]),
      ...flatten(
        actions.filter(({ kind }) => kind === "expect" || kind === "register"),
        "after",
      ),
    ]),
  };
}

function collect(
  steps: readonly Fields[],
  read: (step: Fields) => readonly (readonly [string, string])[],
): Facts {
  return new Map(
    steps.flatMap((step) =>
      read(step).map(([name, value]) => [joined(nameOf(step), name), value] as const),
    ),
  );
}

const comparedApart = new Set(["kind", "name", "code", "params", "inputs", "env", "unsetEnv"]);

function withoutOthers(step: Fields): Fields {
  const models = listOf(step["models"]).map((model) => without(new Set(["packages"]), model));
  return { ...without(comparedApart, step), models };
}

function without(names: ReadonlySet<string>, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !names.has(key)));
}

/** `file houses.csv`, `step split train.csv`. */
function describeInput(input: Fields): readonly [string, string] {
  const from = isObject(input["from"]) ? input["from"] : {};
  const output = isObject(from["output"]) ? from["output"]["path"] : from["output"];
  const parts = [
    from["kind"],
    from["step"],
    from["run"],
    from["id"],
    from["of"],
    from["path"],
    output,
  ];
  return [nameOf(input), parts.filter((part) => typeof part === "string").join(" ")];
}

function nameOf(value: Fields): string {
  const name = value["name"] ?? value["key"] ?? value["variable"];
  return typeof name === "string" ? name : "";
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(".");
}

/** Each text, number and truth within, by the path to it; what is in a list goes by its name, by itself, or by its place. */
function* flatten(value: unknown, at: string): Generator<readonly [string, string]> {
  if (Array.isArray(value))
    for (const [index, item] of value.entries())
      if (typeof item === "string") yield [joined(at, item), "yes"];
      else yield* flatten(item, joined(at, (isObject(item) && nameOf(item)) || String(index + 1)));
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) yield* flatten(item, joined(at, key));
  else if (value !== undefined && value !== null) yield [at, String(value)];
}
