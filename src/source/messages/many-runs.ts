/** R0859…: runs that were left unfinished, and many runs that are performed together. */
import { message } from "../message.ts";

const noSample = { wrong: undefined, right: undefined } as const;

export const manyRunsMessages = {
  R0859: message<{ run: string; name: string }>({
    severity: "warning",
    title: "a run was left open",
    say: ({ run, name }) =>
      `the process that performed \`${name}\`, run ${run}, is gone without having ended it`,
    fix: () => "it is KILLED now; a sweep is gone on with by the same command, a run by --resume",
    page: "The command was killed, or the machine lost its power, while a run was under way. The next `mlpipe run` or `mlpipe runs` in the same project ends such runs as KILLED, so that none shows RUNNING for ever. What was logged until then is kept.",
    ...noSample,
  }),
  R0865: message<{ name: string; run: string; pid: number; host: string }>({
    severity: "error",
    title: "somebody else is at it",
    say: ({ name, run, pid, host }) =>
      `\`${name}\` is being performed by process ${pid} on ${host}, as run ${run}`,
    fix: () => "wait for it, or end it, then run again: what it has done by then is not done again",
    page: "Two processes that perform the same sweep, or go on with the same run, would do everything twice.",
    ...noSample,
  }),
  R0862: message<{ sweep: string; file: string }>({
    severity: "error",
    title: "no earlier attempt at the sweep",
    say: ({ sweep }) =>
      `there is no earlier attempt at \`${sweep}\` as it is now, so none of its trials has failed`,
    fix: ({ sweep, file }) => `run it first: mlpipe run ${file} ${sweep}`,
    page: "`--failed-only` goes on with the newest attempt at a sweep. It is an earlier attempt at the same sweep if the run computes the same and every trial of then is a trial of now; otherwise it is another sweep, and nothing of it has failed yet.",
    ...noSample,
  }),
  R0863: message<{ sweep: string }>({
    severity: "error",
    title: "no trial has finished",
    say: ({ sweep }) => `no trial of \`${sweep}\` has finished`,
    fix: () =>
      "the errors of the trials stand above; to run those that failed again: --failed-only",
    page: "A sweep is FAILED only where none of its trials has finished. Each trial that failed is a run of its own, with its error and its log.",
    ...noSample,
  }),
  R0864: message<{ run: string }>({
    severity: "warning",
    title: "nothing to go on with",
    say: ({ run }) =>
      `no unfinished run of \`${run}\` computes the same with the same params; a new one is made`,
    fix: () => "",
    page: "`--resume` goes on with the newest run of the same params, code, scripts and files, unless that has finished. After a change there is none, since half of the run would be of the old kind; steps that the change does not touch come from the cache.",
    ...noSample,
  }),
  R0866: message<{ step: string; asked: string; has: string }>({
    severity: "warning",
    title: "more asked for than there is",
    say: ({ step, asked, has }) => `\`${step}\` asks for ${asked}, and this machine has ${has}`,
    fix: () => "it takes all there is, and may run out of it",
    page: "`resources` says what a step takes, so that no more steps are under way than the machine can carry. What asks for more than there is runs alone. Of gpus those count that CUDA_VISIBLE_DEVICES shows, else the devices of NVIDIA's driver.",
    ...noSample,
  }),
} as const;
