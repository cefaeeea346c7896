/** Which of the variables that a step is given its code has read. */
import type { StepFile } from "../../run/protocol.ts";
import type { TraceLine } from "./trace-line.ts";

export interface Given {
  readonly name: string;
  readonly kind: "param" | "input" | "secret";
  /** False: never, so that its value had no effect in this execution. */
  readonly read: boolean;
  /** True: it is only taken to be read, since the code asks for the command line and names it. */
  readonly guessed: boolean;
}

/**
 * `texts`: the code of the step and of what it has sourced. They decide where the runtime cannot know: in R which elements of
 * `params` are read once that is, and which params are asked for on the command line.
 */
export function givenOf(
  step: StepFile,
  lines: readonly TraceLine[],
  texts: readonly string[],
): readonly Given[] {
  const read = new Set(lines.flatMap((line) => readBy(line)));
  const code = texts.join("\n");
  const asksCommandLine = lines.some((line) => line.kind === "call" && line.about === "arguments");
  const isTaken = (name: string): boolean =>
    read.has(name) || (read.has("params") && isElement(name, code));
  const use = (name: string): Pick<Given, "read" | "guessed"> => {
    const guessed = !isTaken(name) && asksCommandLine && wordOf(name).test(code);
    return { read: isTaken(name) || guessed, guessed };
  };
  return [
    ...step.params.map(({ name }) => ({ name, kind: "param", ...use(name) }) as const),
    ...step.inputs.map(
      ({ variable }) => ({ name: variable, kind: "input", ...use(variable) }) as const,
    ),
    ...Object.keys(step.secrets).map((name) => ({ name, kind: "secret", ...use(name) }) as const),
  ];
}

function readBy(line: TraceLine): readonly string[] {
  if (line.kind === "read") return [line.name];
  return line.kind === "call" && line.about === "param" && line.detail !== null
    ? [line.detail]
    : [];
}

/** `params` used in any way but by the names of its elements is taken to be read as a whole. */
function isElement(name: string, code: string): boolean {
  const named = /\bparams\s*(?:\$\s*`?([\w.]+)`?|\[\[?\s*["']([^"']+)["']\s*\]?\])/g;
  const names = new Set([...code.matchAll(named)].map(([, plain, quoted]) => plain ?? quoted));
  return names.has(name) || /\bparams\b/.test(code.replaceAll(named, ""));
}

function wordOf(name: string): RegExp {
  const plain = name.replaceAll(/[^\w]/g, "\\$&");
  return new RegExp(`(?<![\\w.])${plain}(?![\\w.])`);
}
