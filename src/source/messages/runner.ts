/** R0840…: what the runner finds before, between and after the steps of a run. */
import { message } from "../message.ts";

const noSample = { wrong: undefined, right: undefined } as const;

export const runnerMessages = {
  R0840: message<{ what: string }>({
    severity: "error",
    title: "the machine refused",
    say: ({ what }) => `the operating system refused: ${what}`,
    fix: () => "see that the project's folder can be written and the disk has room, then run again",
    page: "A file or folder could not be read or written. What the steps had written until then is kept in .mlpipe/runs.",
    ...noSample,
  }),
  R0841: message<{ path: string; folder: string }>({
    severity: "error",
    title: "input file gone",
    say: ({ path, folder }) => `the input file \`${path}\` is not in ${folder}`,
    fix: () => "put the file back, or name another one",
    page: "The file was declared as an input, but when the step was about to start it was not there, or had become a link that leaves the project's folder.",
    ...noSample,
  }),
  R0842: message<{ of: string; because: string; file: string }>({
    severity: "error",
    title: "no best run to take an input from",
    say: ({ of, because }) => `\`${of}\` has no best run: ${because}`,
    fix: ({ of, file }) =>
      `see what there is: mlpipe compare ${file} ${of}; or name a run itself: from run "<run id>"`,
    page: "An input `from best of x` is an output of the run that the comparison or sweep x ranks first. There are finished runs, but `where` leaves out all of them, or none has logged what `best by` names.",
    ...noSample,
  }),
  R0843: message<{ run: string; experiment: string; file: string }>({
    severity: "error",
    title: "no finished run to take an input from",
    say: ({ run, experiment }) => `the experiment ${experiment} has no finished run of \`${run}\``,
    fix: ({ run, file }) =>
      `run it first: mlpipe run ${file} ${run}; or add --with-deps, which does`,
    page: "An input `from run x` is an output of the newest FINISHED run of x in the experiment, and one `from best of x` of the best of the FINISHED runs of x. There is none in the tracker that this run logs to. Nothing has been logged.",
    ...noSample,
  }),
  R0844: message<{ run: string; output: string; has: string }>({
    severity: "error",
    title: "that run has no such output",
    say: ({ run, output, has }) =>
      `the run ${run} has no artifact or model \`${output}\`${has ? `; it has ${has}` : ""}`,
    fix: () => "name one of its outputs, or another run",
    page: 'An input `from run "id"` names an artifact or model of that very run.',
    ...noSample,
  }),
  R0845: message<{ id: string; because: string }>({
    severity: "error",
    title: "no such run to take an input from",
    say: ({ id, because }) => `no run is meant by \`${id}\`: ${because}`,
    fix: () => "list the runs with their ids: mlpipe runs",
    page: 'An input `from run "id"` names a run by its id, or by at least six letters with which no other id begins. Deleted runs do not count. Nothing has been logged.',
    ...noSample,
  }),
  R0846: message<{ condition: string; actual: string }>({
    severity: "error",
    title: "expectation failed",
    say: ({ condition, actual }) => `expected ${condition}, but ${actual}`,
    fix: () => "",
    page: "An `expect` is what the run promises. The run is FAILED, and everything it logged is kept.",
    ...noSample,
  }),
  R0847: message<{ name: string; run: string }>({
    severity: "error",
    title: "no step produced a declared output",
    say: ({ name, run }) =>
      `\`${name}\` is declared in \`${run}\`, but none of its steps produced it`,
    fix: ({ name }) =>
      `assign \`${name}\` in one of the steps, or move the declaration into the step that makes it`,
    page: "An output that is declared beside named steps may come from any of them; by the end of the run one must have produced it.",
    ...noSample,
  }),
  R0849: message<{ path: string; because: string }>({
    severity: "error",
    title: "data set of mlpipe damaged",
    say: ({ path, because }) => `the data set \`${path}\` of mlpipe itself ${because}`,
    fix: () => "install mlpipe again",
    page: "The data sets of the standard library come with mlpipe, each with a checksum that is compared whenever a run reads it. This file is not the one that was shipped.",
    ...noSample,
  }),
  R0850: message<{ param: string; path: string; folder: string }>({
    severity: "error",
    title: "path param names nothing",
    say: ({ param, path, folder }) =>
      `the param \`${param}\` names \`${path}\`, which is not in ${folder}`,
    fix: ({ param }) =>
      `give a path that exists, relative to that folder or absolute: -P ${param}=…`,
    page: "A param of type path must exist when the run starts; a relative one is looked up in the project's folder, which is the working directory of every step.",
    ...noSample,
  }),
  R0852: message<{ run: string; why: string }>({
    severity: "error",
    title: "the run could not be ended",
    say: ({ run, why }) =>
      `the tracker did not take the end of the run ${run}, which still shows RUNNING there: ${why}`,
    fix: () => "what the steps wrote is kept in .mlpipe/runs; run again when the tracker answers",
    page: "The last call of a run, which ends it, was refused or not answered.",
    ...noSample,
  }),
  R0853: message<{ signal: string }>({
    severity: "error",
    title: "interrupted",
    say: ({ signal }) => `the run was interrupted by ${signal}`,
    fix: () => "",
    page: "The run's processes were ended and the run is KILLED. What it logged until then is kept.",
    ...noSample,
  }),
  R0854: message<{ trace: string }>({
    severity: "error",
    title: "internal error",
    say: ({ trace }) => `internal error, please report: ${trace}`,
    fix: () => "",
    page: "A mistake in mlpipe itself, not in your file. The run was ended as FAILED.",
    ...noSample,
  }),
  R0855: message<{ why: string; store: string }>({
    severity: "warning",
    title: "server away: logged here",
    say: ({ why, store }) => `${why}: the run is logged here instead, to ${store}`,
    fix: () => "when the server is there again: mlpipe push",
    page: "The server that the run was to be logged to did not answer when the run began. The run is made in the store of the current folder, tagged with the server's address (`mlpipe.intended_tracking_uri`), and `mlpipe push` brings it to the server. A server that answers, but refuses, is an error as ever.",
    ...noSample,
  }),
  R0856: message<{ why: string; store: string }>({
    severity: "warning",
    title: "server lost: logged here from now on",
    say: ({ why, store }) => `${why}: the rest of the run is logged here, to ${store}`,
    fix: () => "when the server is there again: mlpipe push",
    page: "The server stopped answering in the middle of the run. What it had acknowledged is there; what came later is in the store of the current folder, in a run of the same id, and `mlpipe push` completes the server's run with it. Until then that run shows RUNNING at the server.",
    ...noSample,
  }),
  R0870: message<{ entry: string; exitCode: number }>({
    severity: "error",
    title: "the project's command failed",
    say: ({ entry, exitCode }) => `the command of \`${entry}\` ended with exit code ${exitCode}`,
    fix: () => "",
    page: "An MLproject's command says by its exit code how it went; any but 0 is a failure, and the run is FAILED. What it printed tells more.",
    ...noSample,
  }),
  R0871: message<{ entry: string; signal: string }>({
    severity: "error",
    title: "the project's command was killed",
    say: ({ entry, signal }) => `the command of \`${entry}\` was killed by ${signal}`,
    fix: ({ signal }) =>
      signal === "SIGKILL"
        ? "mlpipe did not do this; most often the system was out of memory: try fewer data, or a larger machine"
        : "mlpipe did not do this; look at the end of its output",
    page: "Something outside mlpipe ended the command of an MLproject, or it crashed.",
    ...noSample,
  }),
  R0872: message<{ entry: string; status: string }>({
    severity: "error",
    title: "the command ended its run as failed",
    say: ({ entry, status }) =>
      `the command of \`${entry}\` ended with exit code 0, but has ended its run as ${status}`,
    fix: () =>
      "look at its output: R goes on after an error inside with(mlflow_start_run(), …), and so does mlflow_source",
    page: "The code of an MLproject may end its run by itself. Where it says that the run failed, mlpipe believes it, whatever the exit code; MLflow would show the run as FINISHED.",
    ...noSample,
  }),
  R0873: message<{ tool: string; problem: string; fix: string }>({
    severity: "error",
    title: "tool for the environment missing",
    say: ({ tool, problem }) => `the project's environment needs ${tool}, ${problem}`,
    fix: ({ fix }) => fix,
    page: "An MLproject can ask for an environment that venv, uv, conda or Docker makes. The tool is not here, or does not work; no run has been made.",
    ...noSample,
  }),
  R0874: message<{ command: string; ending: string }>({
    severity: "error",
    title: "environment not made",
    say: ({ command, ending }) =>
      `the project's environment could not be made: \`${command}\` ${ending}`,
    fix: () => "its own words stand above; with --env-manager local the project runs as things are",
    page: "A tool that makes the environment of an MLproject has failed, for example because a package cannot be found or downloaded. No run has been made, and nothing half-made is kept.",
    ...noSample,
  }),
  R0875: message<{ variable: string }>({
    severity: "error",
    title: "variable for the container not set",
    say: ({ variable }) =>
      `the container is to get the environment variable ${variable}, which is not set`,
    fix: ({ variable }) => `set it before you run: export ${variable}=…`,
    page: "Below `docker_env`, `environment` names variables that are copied from this machine into the container.",
    ...noSample,
  }),
} as const;
