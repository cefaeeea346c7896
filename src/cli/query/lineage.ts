/** Which runs the inputs of a run came from, as its tags tell. */

/** An input that another run made. */
export interface Lineage {
  /** The variable, maybe with its step before it. */
  readonly name: string;
  readonly runId: string;
  /** That run's name, and why it was taken; undefined where nobody said. */
  readonly why: string | undefined;
}

const inputTag = "mlpipe.input.";
const whyTag = "mlpipe.input_from.";

export function lineageOf(tags: ReadonlyMap<string, string>): readonly Lineage[] {
  return [...tags].flatMap(([key, runId]) => {
    if (!key.startsWith(inputTag)) return [];
    const name = key.slice(inputTag.length);
    return [{ name, runId, why: tags.get(whyTag + name) }];
  });
}

/** Whether the tag tells of an input. */
export function isLineage(key: string): boolean {
  return key.startsWith(inputTag) || key.startsWith(whyTag);
}
