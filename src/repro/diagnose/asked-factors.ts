/** Factors that only this code has: variables and files that it was seen to ask for. */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Matter } from "../trace/trace-line.ts";
import type { StepTrace } from "../trace/read-trace.ts";
import type { Surrounding } from "../world/surrounding.ts";
import type { Factor } from "./factors.ts";

interface Asking {
  readonly traces: readonly StepTrace[];
  readonly env: NodeJS.ProcessEnv;
  /** The project's folder, as it is copied. */
  readonly project: string;
  /** Whether files can be put in the place of others. */
  readonly mounts: boolean;
}

/** How many of a kind are looked at. */
const most = 8;

export function askedFactors(asking: Asking): readonly Factor[] {
  const files = asking.mounts ? filesAsked(asking) : [];
  return [...variablesAsked(asking).map(variableFactor), ...files, leftBehind];
}

const leftBehind: Factor = {
  name: "left-behind",
  words: "what an execution before it has left behind",
  endless: false,
  variants: [],
  matters: ["read", "look", "process"],
  start: "left-behind",
};

/** Those that are varied by themselves, or that say nothing of the user. */
const elsewhere =
  /^(?:PATH|HOME|TMPDIR|TMP|TEMP|USER|LOGNAME|USERNAME|TZ|LANG|LANGUAGE|LC_.*|PWD|.*_NUM_THREADS|UV_THREADPOOL_SIZE|MLPIPE_.*|MLFLOW_.*|R_HOME|R_.*_DIR|R_LIBS.*|R_PLATFORM|R_ARCH|NODE_OPTIONS|LD_.*)$/u;

function variablesAsked({ traces, env }: Asking): readonly (readonly [string, boolean])[] {
  const asked = traces.flatMap(({ calls }) =>
    calls.flatMap(({ about, detail }) =>
      about === "environment" && detail !== null && !elsewhere.test(detail) ? [detail] : [],
    ),
  );
  return [...new Set(asked)].slice(0, most).map((name) => [name, env[name] !== undefined]);
}

function variableFactor([name, isSet]: readonly [string, boolean]): Factor {
  const surrounding: Surrounding = {
    name: `variable ${name}`,
    changes: `the variable ${name}`,
    cause: "environment",
    needs: [],
    seen: [],
    make: () => ({ env: { [name]: isSet ? undefined : "1" } }),
  };
  const matters: readonly Matter[] = ["environment"];
  const words = `the variable ${name}`;
  return { name: "variables", words, endless: false, variants: [surrounding], matters, only: name };
}

/** Files that were there before the step, and that nobody declares, empty. */
function filesAsked({ traces, project }: Asking): readonly Factor[] {
  const uses = traces.flatMap(({ files }) =>
    files.filter(({ use, role }) => use === "read" && role === "undeclared"),
  );
  return uses
    .filter(({ shown }) => existsSync(path.resolve(project, shown)))
    .slice(0, most)
    .map(({ shown }) => fileFactor(shown, project));
}

function fileFactor(shown: string, project: string): Factor {
  const surrounding: Surrounding = {
    name: `file ${shown}`,
    changes: `the file ${shown}`,
    cause: "undeclared-file",
    needs: ["namespaces"],
    seen: [],
    make({ folder }) {
      const from = path.join(folder, "empty");
      writeFileSync(from, "");
      const over = path.isAbsolute(shown) ? shown : path.join(path.basename(project), shown);
      return { layers: [{ kind: "mount", from, over }] };
    },
  };
  const matters: readonly Matter[] = ["read", "look"];
  return {
    name: "file",
    words: shown,
    endless: false,
    variants: [surrounding],
    matters,
    only: shown,
  };
}
