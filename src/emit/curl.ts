/** The tracking calls of a run as a shell script that sends them with curl: to read, to copy from, to run without mlpipe. */
import type { Action, CallAction, Later, RunPlan, StepAction } from "../plan/plan.ts";
import { latersIn, requestToShell } from "./curl-json.ts";
import { shellComment, shellWord } from "./shell.ts";

/**
 * A POSIX shell script. It needs `curl` and MLFLOW_TRACKING_URI, signs in with MLflow's own variables, makes the run,
 * and ends it; what a step would do stands there as comments. Ends with status 1 at the first call that is refused.
 */
export function printCurl(plan: RunPlan): string {
  const laters = latersIn(
    plan.actions.map((action) => (action.kind === "call" ? action.request : [])),
  );
  const facts = [...laters].flatMap((later) => factScripts[later] ?? []);
  return [
    "#!/bin/sh\n",
    shellComment(`The tracking calls of run ${plan.run} in ${plan.file}, sent by curl.`),
    prelude,
    ...(facts.length > 0 ? ["\n", ...facts.map((fact) => `${fact}\n`)] : []),
    ...plan.actions.map((action, index) => `\n${printAction(action, index + 1, plan)}`),
  ].join("");
}

const prelude = `# Set MLFLOW_TRACKING_URI; to sign in, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.
set -eu

server=\${MLFLOW_TRACKING_URI:?set it to the address of an MLflow server, such as http://127.0.0.1:5000}
server=\${server%/}
newline='
'

# escape TEXT: as it stands between double quotes in JSON and in curl's settings
escape() {
  printf '%s' "$1" | LC_ALL=C tr -d '\\000-\\037\\177' | LC_ALL=C sed 's/[\\\\"]/\\\\&/g'
}

# Who is asking, as settings of curl: no secret stands on a command line.
sign_in() {
  if [ -n "\${MLFLOW_TRACKING_USERNAME:-}" ] && [ -n "\${MLFLOW_TRACKING_PASSWORD:-}" ]; then
    printf 'user = "%s:%s"\\n' "$(escape "$MLFLOW_TRACKING_USERNAME")" "$(escape "$MLFLOW_TRACKING_PASSWORD")"
  elif [ -n "\${MLFLOW_TRACKING_TOKEN:-}" ]; then
    printf 'header = "Authorization: Bearer %s"\\n' "$(escape "$MLFLOW_TRACKING_TOKEN")"
  fi
}

# send ENDPOINT [BODY]: a GET, or a POST of the body; leaves the answer in $answer and its status in $status
send() {
  endpoint=$1
  body=\${2-}
  if [ $# -gt 1 ]; then
    set -- --header 'Content-Type: application/json' --data-binary @-
  else
    set -- --get
  fi
  reply=$(printf '%s' "$body" | curl --silent --show-error --globoff --max-time 60 \\
    --write-out '\\n%{http_code}' --config /dev/fd/3 "$@" "$server/api/2.0/mlflow/$endpoint" 3<<SIGN_IN
$(sign_in)
SIGN_IN
  )
  status=\${reply##*"$newline"}
  answer=\${reply%"$newline"*}
}

# Ends the script unless the last call was accepted.
accept() {
  case $status in
    2??) ;;
    *) printf '%s: status %s: %s\\n' "$endpoint" "$status" "$answer" >&2; exit 1 ;;
  esac
}

# field NAME: the first text of that name in the answer
field() {
  printf '%s\\n' "$answer" | tr ',' '\\n' | sed -n "s/^.*\\"$1\\": *\\"\\([^\\"]*\\)\\".*$/\\1/p" | head -n 1
}
`;

/** How the script finds a value by itself; ids come from the answers, and what only mlpipe knows stays empty. */
const factScripts: Readonly<Partial<Record<Later["later"], string>>> = {
  user: 'user=$(escape "${LOGNAME:-${USER:-$(id -un)}}")',
  git_commit: 'git_commit=$(escape "$(git rev-parse HEAD 2>/dev/null || :)")',
  git_branch: 'git_branch=$(escape "$(git symbolic-ref --quiet --short HEAD 2>/dev/null || :)")',
  git_repository:
    "git_repository=$(escape \"$(git remote get-url origin 2>/dev/null | sed 's#//[^/@]*@#//#' || :)\")",
  git_dirty:
    "git_dirty=''; if git rev-parse --verify --quiet HEAD >/dev/null 2>&1; then git diff-index --quiet HEAD -- && git_dirty=false || git_dirty=true; fi",
  source_digest: "source_digest='' # only mlpipe computes it, so its tag is left out",
};

function printAction(action: Action, number: number, plan: RunPlan): string {
  switch (action.kind) {
    case "call":
      return `${shellComment(`${number} ${action.purpose}`)}${printCall(action)}`;
    case "step":
      return shellComment(`${number} step ${action.name}: ${describeStep(action)} would run here`);
    case "collect":
      return shellComment(`${number} ${describeCollect(action.step, plan)}`);
    case "record":
      return shellComment(`${number} PUT mlpipe/: the log, the plan and the source`);
    case "expect":
      return shellComment(`${number} expect ${action.condition.text}`);
    case "register":
      return shellComment(`${number} register model ${action.model} as ${action.name}`);
    case "finish":
      return `${shellComment(`${number} finish`)}${printFinish()}`;
    default:
      return action satisfies never;
  }
}

function printCall(action: CallAction): string {
  switch (action.purpose) {
    case "find-experiment":
      return `${sendGet(action)}\n${keepExperiment}`;
    case "create-experiment":
      return `if [ -z "$experiment_id" ]; then\n${indent(`${sendPost(action)}accept\nexperiment_id=$(field experiment_id)\n`)}fi\n`;
    case "create-run":
      return `${sendPost(action)}accept\nrun_id=$(field run_id)\nprintf 'run %s\\n' "$run_id"\n`;
    case "adopt-run":
      return `${adoptedId}${sendGet(action)}\naccept\n`;
    case "tag-experiment":
    case "log-params":
    case "rename-run":
    case "set-tags":
      return `${sendPost(action)}accept\n`;
    default:
      return action.purpose satisfies never;
  }
}

const keepExperiment = `case $status$answer in
  404*RESOURCE_DOES_NOT_EXIST*) experiment_id='' ;;
  *) accept; experiment_id=$(field experiment_id) ;;
esac
`;
const adoptedId = `run_id=\${MLFLOW_RUN_ID:?set it to the run that is to be used}
case $run_id in
  *[!A-Za-z0-9_-]*) printf 'MLFLOW_RUN_ID is no id of a run\\n' >&2; exit 1 ;;
esac
`;

/** Fixed texts are encoded here, ids need no encoding. */
function sendGet({ endpoint, request }: CallAction): string {
  const fields = Object.entries(request).map(([key, value]: [string, unknown]) => [
    `${key}=`,
    typeof value === "string"
      ? encodeURIComponent(value.toWellFormed())
      : { expansion: `$${[...latersIn(value)][0] ?? key}` },
  ]);
  const query = fields.flatMap((field, index) => (index === 0 ? field : ["&", ...field]));
  return `send ${shellWord([`${endpoint}?`, ...query])}`;
}

function sendPost({ endpoint, request }: { endpoint: string; request: object }): string {
  const { statements, body } = requestToShell(request);
  const now = latersIn(request).has("now") ? ["now=$(date +%s)000"] : [];
  return [...now, ...statements, `send ${endpoint} ${shellWord(body)}`]
    .map((line) => `${line}\n`)
    .join("");
}

function printFinish(): string {
  const request = { run_id: { later: "run_id" }, status: "FINISHED", end_time: { later: "now" } };
  return `${sendPost({ endpoint: "runs/update", request })}accept\n`;
}

/** No line break can stand inside a quoted text of these lines: JSON and addresses have none. */
function indent(lines: string): string {
  return lines
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}

function describeStep({ language, code }: StepAction): string {
  const where = code.kind === "fence" ? `${code.file}:${code.line}-${code.lastLine}` : code.path;
  return `${language} ${where}`;
}

function describeCollect(name: string, plan: RunPlan): string {
  const step = plan.actions.find((action) => action.kind === "step" && action.name === name);
  if (step?.kind !== "step") return `what ${name} gave`;
  const outputs = [
    ...step.metrics.map(({ key }) => `metric ${key}`),
    ...step.models.map(({ path }) => `model ${path}/`),
    ...step.artifacts.map(({ path }) => path),
  ];
  return `what ${name} gave: ${outputs.length === 0 ? "nothing" : outputs.join(", ")}`;
}
