/** The data sets that a run says it has used. */
import type { DatasetInput } from "../../tracking/entities.ts";

/** Such as `training`; undefined where nobody said. */
export function purposeOf({ tags }: DatasetInput): string | undefined {
  return tags?.find(({ key }) => key === "mlflow.data.context")?.value;
}

/** `http https://example.org/wine.csv`. MLflow keeps a source as JSON with its address in it; other texts stay as they are. */
export function originOf({ dataset: { source_type, source } }: DatasetInput): string {
  return `${source_type} ${addressIn(source) ?? source}`;
}

function addressIn(source: string): string | undefined {
  try {
    const { url, uri } = JSON.parse(source) as { readonly url?: unknown; readonly uri?: unknown };
    const address = url ?? uri;
    return typeof address === "string" ? address : undefined;
  } catch {
    return undefined;
  }
}
