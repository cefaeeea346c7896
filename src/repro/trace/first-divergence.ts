/** Where two executions of a step part: the first top-level expression after which they do not hold the same. */
import type { StepTrace } from "./read-trace.ts";
import type { Call, Expression } from "./trace-line.ts";

/** How the state of R's generator of random numbers is called among variables. */
const generator = ".Random.seed";

export interface Divergence {
  readonly expression: number;
  readonly file: string;
  readonly line: number;
  /** Last line of the expression. */
  readonly end: number;
  /** That differ after it, by name; `.Random.seed` is R's generator. Empty: another expression was executed, or none. */
  readonly variables: readonly string[];
  /** What either execution called within it that may differ from one to the next. */
  readonly calls: readonly Call[];
}

/** Undefined: all that was looked at is the same, so that what differs has come from nowhere the trace can see. */
export function firstDivergence(one: StepTrace, other: StepTrace): Divergence | undefined {
  const count = Math.max(one.expressions.length, other.expressions.length);
  for (let i = 0; i < count; i++) {
    const [here, there] = [one.expressions[i], other.expressions[i]];
    const at = here ?? there;
    if (at === undefined) return undefined;
    const variables = here && there ? differing(here, there) : [];
    if (variables.length === 0 && here && there && isSamePlace(here, there)) continue;
    const { index: expression, file, line, end } = at;
    return { expression, file, line, end, variables, calls: callsIn(expression, one, other) };
  }
  return undefined;
}

function isSamePlace(one: Expression, other: Expression): boolean {
  return one.file === other.file && one.line === other.line;
}

function differing(one: Expression, other: Expression): readonly string[] {
  const names = new Set(
    [one, other].flatMap(({ changed, removed }) => [...Object.keys(changed), ...removed]),
  );
  const isOther = (name: string): boolean =>
    one.changed[name] !== other.changed[name] ||
    one.removed.includes(name) !== other.removed.includes(name);
  const variables = [...names].filter(isOther).toSorted();
  return one.state === other.state ? variables : [...variables, generator];
}

function callsIn(expression: number, ...traces: readonly StepTrace[]): readonly Call[] {
  const calls = traces.flatMap((trace) =>
    trace.calls.filter((call) => call.expression === expression),
  );
  const unique = new Map(calls.map((call) => [JSON.stringify({ ...call, count: 0 }), call]));
  return [...unique.values()];
}
