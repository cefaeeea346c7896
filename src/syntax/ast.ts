/** The typed, immutable nodes of a parsed file; spans are absolute offsets into the module's own source. */
import type { SourceText, Span } from "../source/text.ts";

/** A `#` comment without its line break. `text` includes the `#`. */
export interface Comment {
  readonly span: Span;
  readonly text: string;
  /** Whether a blank line stands between it and the next comment, item or `}`; false for a comment at the end of a line. */
  readonly blankAfter: boolean;
}

/** Comments and blank lines that belong to an item, so that the formatter can move it without losing them. */
export interface Trivia {
  /** Whether at least one blank line stands before the item (and before its comments). */
  readonly blankBefore: boolean;
  /** Comments above the item or inside it (not inside its block's items); doc comments are not among them. */
  readonly before: readonly Comment[];
  /** The comment at the end of the item's last line (for an item with a block: after the closing brace). */
  readonly after: Comment | undefined;
}

/** `#'` lines above a declaration or item, joined by line breaks, without the marker and one space. */
export interface Doc {
  readonly span: Span;
  readonly text: string;
}

export interface Node {
  readonly span: Span;
}

/** What every declaration and item carries. `doc` is undefined where no `#'` lines stand above. */
export interface ItemNode extends Node {
  readonly trivia: Trivia;
  readonly doc: Doc | undefined;
}

/** A name as written. */
export interface Name extends Node {
  readonly text: string;
}

/** A key: a name, or a text when MLflow's key has spaces, dots or slashes. `text` is the decoded key. */
export interface Key extends Node {
  readonly text: string;
  readonly quoted: boolean;
}

// ---- values -----------------------------------------------------------------

/** `${a.b}` in a text. */
export interface Hole extends Node {
  readonly kind: "hole";
  readonly path: readonly string[];
}

/** A text in quotes, decoded; holes only where the language allows them (checked later). */
export interface TextValue extends Node {
  readonly kind: "text";
  readonly parts: readonly (string | Hole)[];
}
/** A number; `raw` is what was written; `integer` when it was written without point and exponent. */
export interface NumberValue extends Node {
  readonly kind: "number";
  readonly raw: string;
  readonly value: number;
  readonly integer: boolean;
}
/** `2%`: `value` is 0.02. */
export interface PercentValue extends Node {
  readonly kind: "percent";
  readonly raw: string;
  readonly value: number;
}
export interface DurationValue extends Node {
  readonly kind: "duration";
  readonly raw: string;
  readonly milliseconds: number;
}
export interface SizeValue extends Node {
  readonly kind: "size";
  readonly raw: string;
  readonly bytes: number;
}
export interface BooleanValue extends Node {
  readonly kind: "boolean";
  readonly value: boolean;
}
export interface NullValue extends Node {
  readonly kind: "null";
}
export interface ListValue extends Node {
  readonly kind: "list";
  readonly items: readonly Value[];
}
/** A name or dotted path used as a value: `low`, `tags.status`. */
export interface PathValue extends Node {
  readonly kind: "path";
  readonly names: readonly Name[];
}
export interface Argument extends Node {
  readonly name: Name | undefined;
  readonly value: Value;
}
export interface CallValue extends Node {
  readonly kind: "call";
  readonly callee: Name;
  readonly arguments: readonly Argument[];
}

export type Value =
  | TextValue
  | NumberValue
  | PercentValue
  | DurationValue
  | SizeValue
  | BooleanValue
  | NullValue
  | ListValue
  | PathValue
  | CallValue;

/** `0..1`, `0<..1`, `1..10 by 3`, `0..`, `..5`; an absent end is undefined. */
export interface RangeNode extends Node {
  readonly kind: "range";
  readonly low: NumberValue | undefined;
  readonly lowOpen: boolean;
  readonly high: NumberValue | undefined;
  readonly highOpen: boolean;
  readonly by: NumberValue | undefined;
}
export interface MatchingNode extends Node {
  readonly kind: "matching";
  readonly pattern: TextValue;
}
/** After `in` or `matching`. */
export type DomainNode = RangeNode | ListValue | MatchingNode;

export type CompareOperator = ">=" | "<=" | "!=" | "=" | ">" | "<" | "like" | "ilike";
export interface Comparison extends Node {
  readonly left: PathValue;
  readonly operator: CompareOperator;
  readonly right: Value;
}
/** Comparisons joined by `and`. */
export interface Condition extends Node {
  readonly comparisons: readonly Comparison[];
}

export interface Binding extends ItemNode {
  readonly kind: "binding";
  readonly key: Key;
  readonly value: Value;
}

// ---- blocks -----------------------------------------------------------------

/** Something between items that could not be read; a diagnostic has been given for it. */
export interface Broken extends ItemNode {
  readonly kind: "broken";
}

/** `{ … }`; `dangling` are the comments after the last item. */
export interface Block<Item extends ItemNode> extends Node {
  readonly items: readonly (Item | Broken)[];
  readonly dangling: readonly Comment[];
}

// ---- items of steps and runs --------------------------------------------------

export type TypeName = "int" | "float" | "string" | "bool" | "path" | "uri";
export interface TypeNode extends Node {
  readonly name: TypeName;
  readonly nullable: boolean;
}
export interface ParamItem extends ItemNode {
  readonly kind: "param";
  readonly key: Key;
  readonly type: TypeNode | undefined;
  readonly default: Value | undefined;
  readonly domain: DomainNode | undefined;
  readonly note: TextValue | undefined;
}
export interface TagItem extends ItemNode {
  readonly kind: "tag";
  readonly key: Key;
  readonly value: Value;
}
export interface SeedItem extends ItemNode {
  readonly kind: "seed";
  readonly value: NumberValue;
}
export interface InputName extends Node {
  readonly name: Name;
  /** The variable's name where `as` gives another one. */
  readonly alias: Name | undefined;
}
export type FormatName =
  | "csv"
  | "json"
  | "text"
  | "rds"
  | "parquet"
  | "png"
  | "html"
  | "file"
  | "folder";
export interface FormatNode extends Node {
  readonly name: FormatName;
}
export type SourceNode =
  | (Node & { readonly kind: "step"; readonly step: Name })
  | (Node & { readonly kind: "run"; readonly run: Name })
  | (Node & { readonly kind: "run-id"; readonly id: TextValue })
  | (Node & { readonly kind: "best"; readonly of: Name })
  | (Node & {
      readonly kind: "file";
      readonly path: TextValue;
      readonly format: FormatNode | undefined;
    });
export interface InputItem extends ItemNode {
  readonly kind: "input";
  readonly names: readonly InputName[];
  readonly from: SourceNode;
}
export type Goal = "maximize" | "minimize";
export interface MetricItem extends ItemNode {
  readonly kind: "metric";
  readonly key: Key;
  readonly over: Name | undefined;
  readonly call: CallValue | undefined;
  readonly goal: (Node & { readonly name: Goal }) | undefined;
  readonly domain: DomainNode | undefined;
  readonly note: TextValue | undefined;
}
export type ModelOption =
  | (ItemNode & {
      readonly kind: "register";
      readonly name: TextValue;
      readonly alias: Name | undefined;
    })
  | (ItemNode & { readonly kind: "probe"; readonly variable: Name })
  | (ItemNode & { readonly kind: "packages"; readonly names: readonly Name[] })
  | TagItem;
export interface ModelItem extends ItemNode {
  readonly kind: "model";
  readonly key: Key;
  /** The word after `:`, any name; whether it is a flavor is checked later. Undefined: as the variable decides. */
  readonly flavor: Name | undefined;
  readonly at: TextValue | undefined;
  readonly block: Block<ModelOption> | undefined;
  readonly note: TextValue | undefined;
}
export interface ArtifactItem extends ItemNode {
  readonly kind: "artifact";
  readonly key: Key;
  readonly format: FormatNode | undefined;
  readonly at: TextValue | undefined;
  readonly note: TextValue | undefined;
}
export type Language = "r" | "js" | "ts";
/** A fence; `text` is the code between the fence lines, byte for byte and with its last line break, `body` its span. */
export interface CodeItem extends ItemNode {
  readonly kind: "code";
  readonly language: Language;
  readonly text: string;
  readonly body: Span;
  /** Number of backticks: 3 or 4. */
  readonly ticks: number;
}
export interface ScriptItem extends ItemNode {
  readonly kind: "script";
  readonly path: TextValue;
}
export interface SecretItem extends ItemNode {
  readonly kind: "secret";
  readonly name: Name;
  readonly variable: TextValue;
}
export interface RequireItem extends ItemNode {
  readonly kind: "require";
  readonly condition: Condition;
  readonly note: TextValue | undefined;
}
export type ResourceOption =
  | (ItemNode & { readonly kind: "cpus"; readonly count: NumberValue })
  | (ItemNode & { readonly kind: "gpus"; readonly count: NumberValue })
  | (ItemNode & { readonly kind: "memory"; readonly size: SizeValue });
export interface ResourcesItem extends ItemNode {
  readonly kind: "resources";
  readonly block: Block<ResourceOption>;
}
export interface AfterItem extends ItemNode {
  readonly kind: "after";
  readonly names: readonly Name[];
}
export interface UsesItem extends ItemNode {
  readonly kind: "uses";
  readonly names: readonly Name[];
}
export interface TimeoutItem extends ItemNode {
  readonly kind: "timeout";
  readonly duration: DurationValue;
}
export interface CacheOffItem extends ItemNode {
  readonly kind: "cache-off";
}
export interface EnvItem extends ItemNode {
  readonly kind: "env";
  readonly block: Block<Binding>;
}
export interface ExpectItem extends ItemNode {
  readonly kind: "expect";
  readonly condition: Condition;
}
export type ToleranceNode =
  | (ItemNode & { readonly kind: "across-seeds"; readonly range: RangeNode })
  | (ItemNode & { readonly kind: "tolerance-exact"; readonly name: Name })
  | (ItemNode & { readonly kind: "tolerance-ignored"; readonly name: Name })
  | (ItemNode & { readonly kind: "tolerance-ulp"; readonly name: Name; readonly ulp: NumberValue })
  | (ItemNode & {
      readonly kind: "tolerance-within";
      readonly name: Name;
      readonly amount: NumberValue | PercentValue;
      readonly scale: "abs" | "rel" | undefined;
    })
  | (ItemNode & {
      readonly kind: "tolerance-distribution";
      readonly name: Name;
      readonly margin: NumberValue;
    });
export interface ReproducibleItem extends ItemNode {
  readonly kind: "reproducible";
  /** `exact [except …]`, or undefined when there is a block. */
  readonly exact: { readonly except: readonly Name[] } | undefined;
  readonly block: Block<ToleranceNode> | undefined;
}
export interface NameItem extends ItemNode {
  readonly kind: "name";
  readonly value: TextValue;
}
export interface RunExperimentItem extends ItemNode {
  readonly kind: "run-experiment";
  readonly name: TextValue;
}

export type StepItem =
  | InputItem
  | MetricItem
  | ModelItem
  | ArtifactItem
  | CodeItem
  | ScriptItem
  | SecretItem
  | ResourcesItem
  | AfterItem
  | UsesItem
  | TimeoutItem
  | CacheOffItem
  | EnvItem;

// ---- declarations -------------------------------------------------------------

/** `step fit { … }` or `step fit = template { … }`. At top level a step is a template and may declare params. */
export interface StepNode extends ItemNode {
  readonly kind: "step";
  readonly name: Name;
  readonly body:
    | { readonly kind: "block"; readonly block: Block<StepItem | ParamItem> }
    | { readonly kind: "call"; readonly template: Name; readonly block: Block<Binding> };
}
export type RunItem =
  | StepNode
  | StepItem
  | ParamItem
  | TagItem
  | SeedItem
  | ExpectItem
  | ReproducibleItem
  | RequireItem
  | NameItem
  | RunExperimentItem;
export interface RunNode extends ItemNode {
  readonly kind: "run";
  readonly name: Name;
  readonly block: Block<RunItem>;
}
export interface ImportNode extends ItemNode {
  readonly kind: "import";
  /** Empty: everything the file exports. */
  readonly names: readonly Name[];
  readonly path: TextValue;
}
export type ProjectOption =
  | (ItemNode & {
      readonly kind: "project-env";
      readonly env: Name;
      readonly file: TextValue | undefined;
    })
  | (ItemNode & { readonly kind: "main"; readonly run: Name });
export interface ProjectNode extends ItemNode {
  readonly kind: "project";
  readonly key: Key;
  readonly block: Block<ProjectOption>;
}
export interface ExperimentNode extends ItemNode {
  readonly kind: "experiment";
  readonly name: TextValue;
  readonly block: Block<TagItem> | undefined;
}
export interface BestByItem extends ItemNode {
  readonly kind: "best-by";
  readonly metrics: readonly Name[];
}
export interface SetItem extends ItemNode {
  readonly kind: "set";
  readonly key: Key;
  readonly value: Value;
}
export type SweepItem =
  | (ItemNode & { readonly kind: "grid" })
  | (ItemNode & {
      readonly kind: "random";
      readonly trials: NumberValue;
      readonly seed: NumberValue | undefined;
    })
  | (ItemNode & {
      readonly kind: "vary";
      readonly param: Name;
      readonly log: boolean;
      readonly values: RangeNode | ListValue;
    })
  | (ItemNode & { readonly kind: "parallel"; readonly count: NumberValue })
  | SetItem
  | BestByItem
  | TagItem
  | ExpectItem;
export interface SweepNode extends ItemNode {
  readonly kind: "sweep";
  readonly name: Name;
  readonly of: Name;
  readonly block: Block<SweepItem>;
}
export type CompareItem =
  | (ItemNode & { readonly kind: "runs"; readonly names: readonly Name[] })
  | (ItemNode & { readonly kind: "where"; readonly condition: Condition })
  | (ItemNode & { readonly kind: "show"; readonly names: readonly Name[] })
  | BestByItem;
export interface CompareNode extends ItemNode {
  readonly kind: "compare";
  readonly name: Name;
  readonly block: Block<CompareItem>;
}
export type LaunchItem =
  | (ItemNode & {
      readonly kind: "git";
      readonly url: TextValue;
      readonly at: TextValue | undefined;
    })
  | (ItemNode & { readonly kind: "entry"; readonly name: Name })
  | (ItemNode & {
      readonly kind: "backend";
      readonly name: Name;
      readonly config: TextValue | undefined;
    })
  | SetItem;
export interface LaunchNode extends ItemNode {
  readonly kind: "launch";
  readonly name: Name;
  readonly block: Block<LaunchItem>;
}

export type Declaration =
  | ImportNode
  | ProjectNode
  | ExperimentNode
  | ParamItem
  | StepNode
  | RunNode
  | SweepNode
  | CompareNode
  | LaunchNode;

/** `mlpipe 1`; `span` covers both words. */
export interface EditionNode extends ItemNode {
  readonly version: NumberValue;
}

/** One parsed file. Parsing never fails: what could not be read is `broken` and has its diagnostics beside the module. */
export interface Module {
  readonly source: SourceText;
  readonly edition: EditionNode | undefined;
  readonly declarations: readonly (Declaration | Broken)[];
  /** Comments after the last declaration. */
  readonly dangling: readonly Comment[];
}
