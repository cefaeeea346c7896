/** R0801…: what goes wrong while a run runs. R0801–R0819: the step and its code. R0820–R0839: the step's process. */
import { message } from "../message.ts";

/** A text to append when there is a near word. */
function nearby(word: string | undefined): string {
  return word === undefined ? "" : `; the code has \`${word}\`, is that the one?`;
}

const noSample = { wrong: undefined, right: undefined } as const;

export const runningMessages = {
  R0801: message<{ kind: string; name: string; nearest: string | undefined }>({
    severity: "error",
    title: "declared output not produced",
    say: (p) =>
      `the ${p.kind} \`${p.name}\` is declared, but the code did not produce it${nearby(p.nearest)}`,
    fix: (p) =>
      `assign \`${p.name}\` before the code ends, or remove the declaration of the ${p.kind}`,
    page: "When a step's code has ended, mlpipe looks up each declared output by its name. An artifact or model may also lie as a file at its path, and a metric may have been logged by call during the work. This one was found in none of these ways.",
    ...noSample,
  }),
  R0802: message<{ kind: string; name: string; problem: string; fix: string }>({
    severity: "error",
    title: "declared output of the wrong kind",
    say: (p) => `the ${p.kind} \`${p.name}\` ${p.problem}`,
    fix: (p) => p.fix,
    page: "A metric is one finite number, or a vector of them where it is declared `over` something. An artifact must fit its format, a model its flavor. The value that the code left cannot be logged as what it is declared to be.",
    ...noSample,
  }),
  R0803: message<{ key: string; nearest: string | undefined }>({
    severity: "warning",
    title: "metric logged without a declaration",
    say: (p) =>
      `the code logged the metric \`${p.key}\`, which is not declared${p.nearest === undefined ? "" : `; did you mean \`${p.nearest}\`?`}`,
    fix: (p) => `declare it in the run: metric ${p.key}`,
    page: "The metric is logged all the same. Declare it, so that `expect`, `best by` and `compare` can use it and a reader of the file knows of it.",
    ...noSample,
  }),
  R0804: message<{ metric: string; value: string; domain: string }>({
    severity: "error",
    title: "metric outside its domain",
    say: (p) => `the metric \`${p.metric}\` is ${p.value}, which is not ${p.domain}`,
    fix: () => "look at how the code computes it, or widen the domain in the declaration",
    page: "A metric's domain says which values make sense at all. A value outside usually is a mistake in the computation: a percentage for a share, a sign, a swapped argument.",
    ...noSample,
  }),
  R0807: message<{ metric: string; value: boolean }>({
    severity: "warning",
    title: "truth value logged as a number",
    say: (p) =>
      `the metric \`${p.metric}\` is ${String(p.value)}, and is logged as ${p.value ? "1" : "0"}`,
    fix: () => "assign 1 or 0 if that is what you mean",
    page: "A metric is a number. A truth value is logged as 1 or 0.",
    ...noSample,
  }),
  R0808: message<{ name: string; problem: string; fix: string }>({
    severity: "error",
    title: "input cannot be read",
    say: (p) => `the input \`${p.name}\` cannot be read: ${p.problem}`,
    fix: (p) => p.fix,
    page: "Each input is read before the first line of the step's code. The file is missing, damaged, or not of the declared format.",
    ...noSample,
  }),
  R0809: message<{ kind: string; name: string; problem: string; fix: string }>({
    severity: "error",
    title: "output cannot be written",
    say: (p) => `the ${p.kind} \`${p.name}\` cannot be written: ${p.problem}`,
    fix: (p) => p.fix,
    page: "The value is there, but writing it to the step's folder failed, or its format cannot be written in this language.",
    ...noSample,
  }),
  R0810: message<{ problem: string }>({
    severity: "error",
    title: "the code failed",
    say: (p) => p.problem,
    fix: () => "",
    page: "The step's code raised an error. The place is the innermost line of the project's own files; the calls that led there are in the step's log.",
    ...noSample,
  }),
  R0811: message<{ problem: string }>({
    severity: "error",
    title: "the code cannot be parsed",
    say: (p) => p.problem,
    fix: () => "",
    page: "R or Node cannot read the step's code, so none of it was executed.",
    ...noSample,
  }),
  R0812: message<{ package: string; problem: string; fix: string }>({
    severity: "error",
    title: "package missing",
    say: (p) => `the package \`${p.package}\` ${p.problem}`,
    fix: (p) => p.fix,
    page: "The step needs a package that is not installed where it runs.",
    ...noSample,
  }),
  R0813: message<{ problem: string }>({
    severity: "error",
    title: "error that {mlflow} caught",
    say: (p) => `${p.problem} ({mlflow} caught it, and the script went on)`,
    fix: () =>
      "remove its cause; where the script can do without that part, catch the error there: try(…)",
    page: "In {mlflow}, with(mlflow_start_run(), …) and mlflow_source() catch errors: they print the error, mark their run as FAILED, and let the script go on, so that R ends as if all were well. mlpipe fails the run for the first such error.",
    ...noSample,
  }),
  R0814: message<{ status: string }>({
    severity: "error",
    title: "the script ended its run as failed",
    say: (p) => `the script ended its own run as ${p.status}`,
    fix: (p) => `look at what it printed, or let it end its run otherwise than as ${p.status}`,
    page: 'The code has said itself how its run ended, for example by mlflow_end_run(status = "FAILED"). mlpipe takes its word for it.',
    ...noSample,
  }),
  R0820: message<{ exitCode: number }>({
    severity: "error",
    title: "the step ended with an exit code",
    say: (p) =>
      `the step's process ended with exit code ${p.exitCode} before its outputs were saved`,
    fix: () =>
      "look at the end of the step's log; if the code quits by itself, let it run to its last line instead",
    page: "A step has done well only when its code ran to the end and its outputs were saved. This process ended on its own before, with an exit code that says something went wrong, for example by `quit(status = 3)` or `process.exit(3)`.",
    ...noSample,
  }),
  R0821: message<{ signal: string }>({
    severity: "error",
    title: "the step was killed",
    say: (p) => `the step's process was killed by ${p.signal}`,
    fix: (p) =>
      p.signal === "SIGKILL"
        ? "mlpipe did not do this; most often the system was out of memory: try fewer data, or a larger machine"
        : "mlpipe did not do this; look at the end of the step's log",
    page: "Something outside mlpipe ended the process, or it crashed. SIGKILL usually comes from the system when memory runs out; SIGSEGV and SIGABRT from a crash in compiled code.",
    ...noSample,
  }),
  R0822: message<{ limit: string }>({
    severity: "error",
    title: "timeout",
    say: (p) => `the step was still running after ${p.limit} and was ended`,
    fix: () => "raise `timeout` in the step, or let it do less",
    page: "The step's `timeout` ran out. Its process and everything it had started were ended, and the run is KILLED.",
    ...noSample,
  }),
  R0823: message<{ signal: string }>({
    severity: "error",
    title: "the step was interrupted",
    say: (p) => `the step was interrupted by ${p.signal}`,
    fix: () => "",
    page: "You or the system asked mlpipe to stop. The step's process and everything it had started were ended, and the run is KILLED.",
    ...noSample,
  }),
  R0824: message<Record<string, never>>({
    severity: "error",
    title: "the step quit early",
    say: () =>
      "the step's process ended by itself, without an error, before its outputs were saved",
    fix: () =>
      "remove `quit()` or `process.exit()` from the code, so that it runs to its last line",
    page: "The exit code says that all is well, but the process never came to the point where mlpipe saves the outputs. Code that quits by itself does this.",
    ...noSample,
  }),
  R0825: message<{ file: string }>({
    severity: "error",
    title: "the disk is full",
    say: (p) => `no space is left on the disk that holds \`${p.file}\``,
    fix: () => "free some space, then run again; old runs below .mlpipe/runs can be removed",
    page: "The step's events, log and outputs are written below `.mlpipe` in the project's folder. When they cannot be written in full the step has failed, because its record would be incomplete.",
    ...noSample,
  }),
  R0826: message<{ file: string; reason: string }>({
    severity: "error",
    title: "the step's folder cannot be written",
    say: (p) => `cannot write \`${p.file}\`: ${p.reason}`,
    fix: () => "make the project's folder, and .mlpipe in it, writable for you",
    page: "The step's events, log and outputs are written below `.mlpipe` in the project's folder.",
    ...noSample,
  }),
  R0827: message<{ program: string; reason: string; fix: string }>({
    severity: "error",
    title: "the step cannot be started",
    say: (p) => `cannot start \`${p.program}\`: ${p.reason}`,
    fix: (p) => p.fix,
    page: "The program that executes the step's code is not there, or may not be executed.",
    ...noSample,
  }),
  R0828: message<{ line: number; problem: string }>({
    severity: "error",
    title: "the step's events are damaged",
    say: (p) => `line ${p.line} of the step's events.ndjson ${p.problem}`,
    fix: () =>
      "only the step's runtime may write this file; if the code does not touch it, please report this",
    page: "A step tells the runner what happens by one line of JSON each. A line that cannot be read means that something else wrote to the file, or that it was damaged on disk; what it said is unknown, so the step has failed.",
    ...noSample,
  }),
  R0829: message<{ variable: string; from: string }>({
    severity: "error",
    title: "secret not set",
    say: (p) =>
      `the secret \`${p.variable}\` needs the environment variable ${p.from}, which is not set`,
    fix: (p) => `set it before you run: export ${p.from}=…`,
    page: "A secret is read from an environment variable, so that it stands in no file. mlpipe never logs its value.",
    ...noSample,
  }),
} as const;
