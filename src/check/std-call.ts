/** A call of a standard function: each argument is known by its name, is there once, and is of the kind it must be. */
import type { Argument, CallValue, Value as ValueNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { contains, describeDomain, describeValue } from "./domain.ts";
import type { CallArgument, StdCall, Value } from "./program.ts";
import { type ModuleScope, placeOf, sayUnknown } from "./scope.ts";
import type { StdFunction } from "./std/metrics.ts";
import { fixedText } from "./texts.ts";
import { sourceOf } from "./values.ts";

/** The variables come first, in the function's own order, then the options as written. */
export function readCall(
  context: CheckContext,
  home: ModuleScope,
  call: CallValue,
  standard: StdFunction,
): StdCall {
  const { takes } = standard;
  const given = nameArguments(context, home, call, standard);
  for (const name of takes)
    if (!given.has(name) && isUnderstood(call, standard))
      say(context, "E0306", placeOf(home, call), { kind: "argument", name, where: called(call) });
  sayBoth(context, home, given);
  const read = [...takes, ...Object.keys(standard.options)].flatMap((name) => {
    const argument = given.get(name);
    return argument ? (readArgument(context, home, { name, argument, standard }) ?? []) : [];
  });
  return { function: call.callee.text, arguments: read };
}

function called({ callee }: CallValue): string {
  return `\`${callee.text}\``;
}

/** Arguments without a name are those that are not named, in order; what cannot be is said and left out. */
function nameArguments(
  context: CheckContext,
  home: ModuleScope,
  call: CallValue,
  { takes, options }: StdFunction,
): ReadonlyMap<string, Argument> {
  const known = [...takes, ...Object.keys(options)];
  const named = new Set(call.arguments.map(({ name }) => name?.text));
  const free = takes.filter((name) => !named.has(name));
  const given = new Map<string, Argument>();
  for (const argument of call.arguments) {
    const name = argument.name?.text ?? free.shift();
    if (name === undefined) sayTooMany(context, home, call, argument, takes);
    else if (argument.name && !known.includes(name))
      sayUnknown(context, home, argument.name, { kind: "argument", among: known });
    else if (given.has(name))
      say(context, "E0202", placeOf(home, argument), { kind: "argument", name });
    else given.set(name, argument);
  }
  return given;
}

/** Whether every name in the call is one of the function's. */
function isUnderstood(call: CallValue, { takes, options }: StdFunction): boolean {
  return call.arguments.every(
    ({ name }) => !name || takes.includes(name.text) || Object.hasOwn(options, name.text),
  );
}

function sayTooMany(
  context: CheckContext,
  home: ModuleScope,
  call: CallValue,
  argument: Argument,
  takes: readonly string[],
): void {
  say(context, "E0301", placeOf(home, argument), {
    found: sourceOf(home.module, argument),
    expected: `an argument of ${called(call)}`,
    fix: `write \`${call.callee.text}(${takes.join(", ")})\``,
  });
}

/** One class alone is no mean over classes. */
function sayBoth(
  context: CheckContext,
  home: ModuleScope,
  given: ReadonlyMap<string, Argument>,
): void {
  const average = given.get("average");
  if (!average || !given.has("positive")) return;
  say(context, "E0301", placeOf(home, average), {
    found: sourceOf(home.module, average),
    expected: "either `average` or `positive`",
    fix: "leave one of them out: `positive` takes that class alone",
  });
}

interface Given {
  readonly name: string;
  readonly argument: Argument;
  readonly standard: StdFunction;
}

function readArgument(
  context: CheckContext,
  home: ModuleScope,
  { name, argument, standard }: Given,
): CallArgument | undefined {
  const { value } = argument;
  if (standard.takes.includes(name)) {
    if (value.kind === "path" && value.names.length === 1 && value.names[0])
      return { name, variable: value.names[0].text };
    const fix = "compute it in the code, and name the variable here";
    return sayOther(context, home, value, "a variable of the code", fix);
  }
  const plain = plainValue(context, home, value);
  if (plain === undefined)
    return sayOther(context, home, value, "a text, a number or a truth value", "write the value");
  const domain = standard.options[name];
  if (domain && !contains(domain, plain)) {
    const about = { name, value: describeValue(plain), domain: describeDomain(domain) };
    say(context, "E0302", placeOf(home, value), about);
  }
  return { name, value: plain };
}

function sayOther(
  context: CheckContext,
  home: ModuleScope,
  value: ValueNode,
  expected: string,
  fix: string,
): undefined {
  say(context, "E0301", placeOf(home, value), {
    found: sourceOf(home.module, value),
    expected,
    fix,
  });
}

function plainValue(context: CheckContext, home: ModuleScope, value: ValueNode): Value | undefined {
  if (value.kind === "text") return fixedText(context, home.module, value);
  return value.kind === "number" || value.kind === "boolean" ? value.value : undefined;
}
