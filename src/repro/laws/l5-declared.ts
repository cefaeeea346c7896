/** L5: a step reads and writes what it says. */
import path from "node:path";
import type { FileUse } from "../trace/file-use.ts";
import type { StepTrace } from "../trace/read-trace.ts";
import type { Kept } from "./executor.ts";
import { type Breach, type Law, failed, held, notChecked, usualBreach } from "./law.ts";
import type { Session } from "./session.ts";

export const declared: Law = {
  id: "L5",
  title: "declared files",
  counted: "step",
  executions: "own",
  statement: "no file is read or written that is not declared",
  explanation: `The run is executed once with its steps traced: which files the code opens, from which line, and by which function. Its own code, packages and the system's files are left out, as are temporary files. What is left must be an input (\`input rows from "data.csv": csv\`), the value of a param of type path, or an output.

A file that is read and not declared is missing from the key of the cache, from the record of the run, and from a replay on another machine. A file that is written and not declared is found by the next run, or by another step. What programs do that the code starts is seen where \`strace\` is installed.`,
  async check(session) {
    const seen = await session.traced();
    const asked = session.run.steps.filter(({ name }) => name === (session.step ?? name));
    const isAsked = ({ step }: StepTrace): boolean => asked.some(({ name }) => name === step);
    const whole = seen.traces.filter((trace) => trace.complete && isAsked(trace));
    if (whole.length === 0) return notChecked("no step could be traced");
    const breaches = whole.flatMap((trace) =>
      undeclaredIn(trace, session, seen).map((use) => breachOf(use, trace, session)),
    );
    const notes = whole.length < asked.length ? ["some steps could not be traced"] : [];
    return breaches.length > 0
      ? failed(whole.length, breaches, notes)
      : held(whole.length, { notes });
  },
};

function undeclaredIn(
  { files }: StepTrace,
  { space }: Session,
  { results }: Kept,
): readonly FileUse[] {
  const paths = space.params.flatMap(({ name, type }) => {
    const value = space.usual[name];
    return type === "path" && typeof value === "string" ? [path.normalize(value)] : [];
  });
  const logged = new Set(
    results.steps.flatMap(({ outputs }) => outputs.map(({ key }) => path.basename(key))),
  );
  return files.filter(({ role, use, shown }) => {
    if (role !== "undeclared" || use === "list") return false;
    return use === "read" ? !paths.includes(shown) : !logged.has(path.basename(shown));
  });
}

function breachOf(
  { use, shown, at, by }: FileUse,
  { step }: StepTrace,
  { space }: Session,
): Breach {
  const where = at ? ` at ${[at.file, at.line].filter((part) => part !== null).join(":")}` : "";
  const name = path.basename(shown).replace(/\..*$/, "").replaceAll(/\W+/g, "_") || "file";
  const what = `\`${step}\` ${use}s ${shown}${where}${by ? ` (${by})` : ""}, which is not declared`;
  const quoted = JSON.stringify(shown);
  const fix =
    use === "read"
      ? `declare it: input ${name} from ${quoted}`
      : `declare it: artifact ${name}: file at ${quoted}; or write it in the folder for temporary files`;
  return usualBreach(space, what, fix);
}
