/** `mlpipe doctor`: what this machine has, what it lacks, and the command that mends it. */
import { accessSync, constants } from "node:fs";
import { paintWith } from "../../source/paint.ts";
import { adviseR, findR } from "../../run/r.ts";
import { toolVersion } from "../../run/tool.ts";
import { openTracking } from "../../tracking/open.ts";
import { requireAnswer } from "../../tracking/require-answer.ts";
import { TrackingError } from "../../tracking/tracking.ts";
import { exitCodes } from "../exit.ts";
import { printTable } from "../table.ts";
import { usesColor, write } from "../terminal.ts";

interface DoctorOptions {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `lacks` is something that some pipelines need; `broken` keeps every run from being logged. */
interface Finding {
  readonly what: string;
  readonly state: "ok" | "lacks" | "broken";
  readonly detail: string;
  /** A command, or what to do; "" where all is well. */
  readonly mend: string;
}

export async function doctor(options: DoctorOptions): Promise<number> {
  const findings = [
    node(),
    ...(await r()),
    await git(),
    folder(),
    await tracker(options.trackingUri ?? process.env.MLFLOW_TRACKING_URI),
  ];
  write(options.json ? `${JSON.stringify(findings, undefined, 2)}\n` : print(findings));
  return findings.some(({ state }) => state === "broken") ? exitCodes.failed : exitCodes.done;
}

function node(): Finding {
  return { what: "Node", state: "ok", detail: process.versions.node, mend: "" };
}

async function r(): Promise<readonly Finding[]> {
  const found = findR(process.env, process.cwd());
  switch (found.kind) {
    case "none":
      return [
        { what: "R", state: "lacks", detail: "no Rscript, and no webr", mend: adviseR(found) },
      ];
    case "webr":
      return [
        {
          what: "R",
          state: "ok",
          detail: "as WebAssembly (webr): base packages only",
          mend: "for all packages: sudo apt install r-base-core",
        },
      ];
    case "rscript": {
      const version = await toolVersion(found.path);
      const packages = await Promise.all(
        Object.keys(uses).map((name) => rPackage(found.path, name)),
      );
      return [
        { what: "R", state: "ok", detail: `${version ?? "?"} at ${found.path}`, mend: "" },
        ...packages,
      ];
    }
    default:
      return found satisfies never;
  }
}

/** mlpipe itself needs none of them: it stands in for carrier, and logs without mlflow. */
const uses: Readonly<Record<string, string>> = {
  mlflow: `only for scripts that call {mlflow} themselves: Rscript -e 'install.packages("mlflow")'`,
  rpart: "only for trees, as in the iris example: sudo apt install r-cran-rpart",
};

async function rPackage(rscript: string, name: string): Promise<Finding> {
  const version = await askR(rscript, name);
  return version === undefined
    ? { what: `R {${name}}`, state: "lacks", detail: "not installed", mend: uses[name] ?? "" }
    : { what: `R {${name}}`, state: "ok", detail: version, mend: "" };
}

async function askR(rscript: string, name: string): Promise<string | undefined> {
  const { execFile } = await import("node:child_process");
  const code = `cat(as.character(packageVersion(${JSON.stringify(name)})))`;
  return new Promise((resolve) => {
    execFile(rscript, ["--vanilla", "-e", code], (error, stdout) =>
      resolve(error ? undefined : stdout.trim()),
    );
  });
}

async function git(): Promise<Finding> {
  const version = await toolVersion("git");
  return version === undefined
    ? {
        what: "git",
        state: "lacks",
        detail: "not installed",
        mend: "only for projects at a git address, and to tag runs with their commit: sudo apt install git",
      }
    : { what: "git", state: "ok", detail: version, mend: "" };
}

function folder(): Finding {
  const here = process.cwd();
  try {
    accessSync(here, constants.W_OK);
    return { what: "folder", state: "ok", detail: `${here} can be written`, mend: "" };
  } catch {
    return {
      what: "folder",
      state: "broken",
      detail: `${here} cannot be written`,
      mend: "change to a folder of your own: cd ~",
    };
  }
}

async function tracker(uri: string | undefined): Promise<Finding> {
  try {
    const tracking = await openTracking(uri, { lookOnly: true });
    await requireAnswer(tracking);
    await tracking.close();
    const { address } = tracking;
    const detail = address === undefined ? tracking.uri : `${tracking.uri}: ${address}`;
    return { what: "tracking", state: "ok", detail, mend: "" };
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    return { what: "tracking", state: "broken", detail: error.message, mend: error.fix };
  }
}

function print(findings: readonly Finding[]): string {
  const paint = paintWith(usesColor(process.stdout));
  const roles = { ok: "fix", lacks: "warning", broken: "error" } as const;
  const table = printTable(findings.map(({ what, state, detail }) => [state, what, detail]));
  return table
    .split("\n")
    .slice(0, -1)
    .map((line, at) => {
      const finding = findings[at];
      if (!finding) return line;
      const { state, mend } = finding;
      const coloured = paint(roles[state], state) + line.slice(state.length);
      return mend ? `${coloured}\n       ${mend}` : coloured;
    })
    .map((line) => `${line}\n`)
    .join("");
}
