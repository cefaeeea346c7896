/** The MLmodel file of a logged model, and the same facts as JSON for the tracker. */

export interface LoggedModel {
  readonly runId: string;
  /** Below the run's artifact root. */
  readonly path: string;
  /** Name of the flavor in MLmodel: `crate` for R, `mlpipe_node`, `file`, `folder`. */
  readonly flavorName: string;
  /** Keys of the flavor. */
  readonly flavorInfo: Readonly<Record<string, string>>;
  /** Packages needed to load it. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** `2026-11-22 00:37:55.163000`, as MLflow writes times in MLmodel. */
function utcTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("T", " ").replace("Z", "000");
}

function modelObject(model: LoggedModel): Readonly<Record<string, unknown>> {
  const packages = Object.fromEntries(model.packages.map(({ name, version }) => [name, version]));
  return {
    utc_time_created: utcTime(model.createdAt),
    run_id: model.runId,
    artifact_path: model.path,
    flavors: {
      [model.flavorName]: {
        ...model.flavorInfo,
        ...(model.packages.length > 0 ? { packages } : {}),
      },
    },
  };
}

/** What `runs/log-model` is told. */
export function modelJson(model: LoggedModel): string {
  return JSON.stringify(modelObject(model));
}

/** Plain where YAML, old and new, reads the same text back; else in quotes as JSON has them. */
function scalar(text: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function lines(value: Readonly<Record<string, unknown>>, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === "object" && item !== null
      ? [
          `${indent}${scalar(key)}:`,
          ...lines(item as Readonly<Record<string, unknown>>, `${indent}  `),
        ]
      : [`${indent}${scalar(key)}: ${scalar(String(item))}`],
  );
}

/** The text of MLmodel: YAML that MLflow and {mlflow} read. */
export function printMlmodel(model: LoggedModel): string {
  return `${lines(modelObject(model), "").join("\n")}\n`;
}
