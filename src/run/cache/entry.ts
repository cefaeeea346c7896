/** One execution of a step that can be used again: when it holds, and what it gave. */
import type { Failure } from "../event.ts";
import type { StepDraft } from "../manifest/step-draft.ts";
import type { StepEvent } from "../protocol.ts";
import type { Component } from "./component.ts";
import { type Digest, isDigest } from "./digest.ts";
import type { Kept } from "./objects.ts";
import type { Watch } from "./watch.ts";

/** A file that the step gave, below its outputs. */
export interface KeptFile extends Kept {
  readonly path: string;
}

export interface Entry {
  readonly edition: 3;
  readonly file: string;
  readonly run: string;
  readonly step: string;
  /** The run whose step it was, as the tracker knows it. */
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly milliseconds: number;
  /** What the key was made of. */
  readonly components: readonly Component[];
  /** What was known only afterwards; it holds as long as a look gives the same. */
  readonly found: readonly Component[];
  readonly watch: Watch;
  readonly result: EntryResult;
  /** Undefined where the step printed nothing. */
  readonly log: Kept | undefined;
  readonly files: readonly KeptFile[];
  /** Files that its code only writes, by their paths in the project: they are written again where they are otherwise now. */
  readonly sides: readonly KeptFile[];
}

export interface EntryResult {
  /** Metrics, tags, artifacts and models in the order in which they came. */
  readonly events: readonly StepEvent[];
  readonly warnings: readonly Failure[];
  /** Line of the fence's beginning, from which the warnings count; 0 for a script. */
  readonly line: number;
  /** For the manifest; absent in what an older mlpipe has kept. */
  readonly draft?: Pick<StepDraft, "process" | "startFiles">;
}

export function printEntry(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Of a text whose digest is right, so that only other editions have another form. */
export function readEntry(text: string): Entry | undefined {
  const value = JSON.parse(text) as Partial<Entry>;
  return value.edition === 3 ? (value as Entry) : undefined;
}

/** What the entry needs on disk. */
export function objectsOf({ log, files, sides }: Entry): readonly Kept[] {
  return [...(log ? [log] : []), ...files, ...sides];
}

/** The name of an entry's file is its content's digest. */
export function digestInName(name: string): Digest | undefined {
  const digest = name.replace(/\.json$/u, "");
  return isDigest(digest) ? digest : undefined;
}
