/** A run half-way: its own rules are done, its inputs are not yet linked to what other steps and runs give. */
import type { Place } from "../source/text.ts";
import type { RunItem, RunNode, StepNode } from "../syntax/ast.ts";
import type { WrittenCode } from "./code-item.ts";
import type { Param, StepArgument } from "./program.ts";
import type { ModuleScope, RunScope } from "./scope.ts";
import type { Outputs, StepParts } from "./step-parts.ts";
import type { HoleNames } from "./texts.ts";

export interface StepDraft {
  readonly name: string;
  /** The step's name in the run, or the run's where the step is implicit. */
  readonly place: Place;
  readonly implicit: boolean;
  /** False when some item could not be read: then what is missing or unknown in it is no finding. */
  readonly complete: boolean;
  /** The file that holds its code; for a template's step not always the run's. */
  readonly home: ModuleScope;
  /** Undefined after a finding. */
  readonly code: WrittenCode | undefined;
  /** With what the run says for all its steps. */
  readonly parts: StepParts;
  /** Names of params of the run that it sees. */
  readonly params: readonly string[];
  /** Undefined where no template was called. */
  readonly arguments: readonly StepArgument[] | undefined;
  readonly doc: string;
}

export interface RunDraft {
  readonly scope: RunScope;
  readonly items: readonly RunItem[];
  /** By name, in order of declaration. */
  readonly steps: ReadonlyMap<string, StepDraft>;
  readonly shared: Outputs;
  readonly holes: HoleNames;
}

/** All runs of all files. */
export type RunDrafts = ReadonlyMap<RunNode, RunDraft>;

/** A step at top level, read once; each call makes a step of it. */
export interface TemplateDraft {
  readonly node: StepNode;
  readonly home: ModuleScope;
  readonly complete: boolean;
  readonly code: WrittenCode | undefined;
  readonly parts: StepParts;
  /** Its own params. */
  readonly params: ReadonlyMap<string, Param>;
}
