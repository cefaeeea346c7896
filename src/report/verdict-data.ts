/** What the report on a replay or a verification shows: plain data, in the order in which it is read. */

/** How a verdict is coloured: all is well, well enough, not well, nobody knows. */
export type Tone = "good" | "fair" | "bad" | "open";

export interface VerdictData {
  /** `Replay of learn` */
  readonly title: string;
  /** Runs, files and places, in words. */
  readonly about: readonly { readonly name: string; readonly text: string }[];
  /** Milliseconds since 1970. */
  readonly made: number;
  readonly verdict: { readonly word: string; readonly tone: Tone; readonly why: string };
  /** What the reader should know besides, and what to do next. */
  readonly notes: readonly string[];
  /** Sections without rows are left out. */
  readonly causes: readonly ReportCause[];
  readonly tables: readonly ReportTable[];
  readonly unchecked: readonly { readonly name: string; readonly why: string }[];
}

/** Why something differs. */
export interface ReportCause {
  /** `unseeded random numbers` */
  readonly title: string;
  /** `step fit, forest.R:12`; empty: unknown. */
  readonly place: string;
  readonly confidence: string;
  /** How that is known. */
  readonly evidence: readonly string[];
  /** How to mend it. */
  readonly mend: string;
}

/** Laws, outputs, or the two sides of an environment. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly ReportRow[];
}

export interface ReportRow {
  /** As many as columns; the first names the row. */
  readonly cells: readonly string[];
  /** Of the last cell; absent: it is no verdict. */
  readonly tone?: Tone;
  /** Shown on demand, below the row; those of rows that are not well are open from the start. */
  readonly details: readonly ReportDetail[];
}

export type ReportDetail =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** What is not listed: `and 12 more`; empty: all is. */
      readonly rest: string;
    }
  /** A unified patch. */
  | { readonly kind: "patch"; readonly text: string }
  /** Both sides as data URIs of images. */
  | { readonly kind: "pictures"; readonly before: string; readonly after: string };
