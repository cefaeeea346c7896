/** Names of experiments on Databricks: each is a path in the workspace. */
import type { EndpointName, RequestOf } from "../endpoints.ts";
import { TrackingError } from "../tracking.ts";

/** Throws TrackingError for a request that names an experiment as no workspace can have it. */
export function checkExperimentNames<E extends EndpointName>(
  endpoint: E,
  request: RequestOf<E>,
): void {
  const name = experimentName(endpoint, request);
  if (name === undefined) return;
  if (!name.startsWith("/"))
    throw new TrackingError(
      "INVALID_PARAMETER_VALUE",
      `Databricks needs the experiment's path in the workspace, not ${JSON.stringify(name)}`,
      `Name it ${JSON.stringify(`/Shared/${name}`)}, or below "/Users/" and your own name there.`,
    );
  const plain = /^\/Workspace(\/.*)/s.exec(name)?.[1];
  if (plain !== undefined)
    throw new TrackingError(
      "INVALID_PARAMETER_VALUE",
      `Databricks does not find the experiment ${JSON.stringify(name)} by that name again`,
      `Name it ${JSON.stringify(plain)}: the workspace is the root of every path.`,
    );
}

function experimentName(endpoint: EndpointName, request: object): string | undefined {
  const fields = request as { readonly [name: string]: string };
  switch (endpoint) {
    case "experiments/create":
      return fields["name"];
    case "experiments/get-by-name":
      return fields["experiment_name"];
    case "experiments/update":
      return fields["new_name"];
    default:
      return undefined;
  }
}
