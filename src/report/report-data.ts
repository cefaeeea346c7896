/** What a report on compared runs shows: plain data, which the page carries as JSON and draws from. */

export interface ReportData {
  /** Name of what was compared. */
  readonly title: string;
  /** Which runs these are, in words. */
  readonly about: readonly { readonly name: string; readonly text: string }[];
  /** Milliseconds since 1970. */
  readonly made: number;
  /** `run` is its place in `runs`; absent: none is the best. */
  readonly best?: { readonly run: number; readonly why: string };
  /** What the reader should know besides. */
  readonly notes: readonly string[];
  readonly bestBy: readonly { readonly metric: string; readonly goal: "maximize" | "minimize" }[];
  /** Best first. */
  readonly runs: readonly ReportRun[];
  /** Params, then metrics; those that are asked for first. */
  readonly columns: readonly ReportColumn[];
  readonly curves: readonly ReportCurves[];
}

export interface ReportRun {
  /** Tells it from the others. */
  readonly label: string;
  readonly id: string;
  /** The run or sweep under whose name it was found. */
  readonly of: string;
  readonly started: number;
  /** Milliseconds. */
  readonly took: number | undefined;
  readonly artifacts: string;
  /** Pages for it; http, https and file addresses alone. */
  readonly links: { readonly run?: string; readonly artifacts?: string };
}

/** In the order of the runs. A run that has none has null. Not finite numbers of metrics are null in JSON. */
export interface ReportColumn {
  readonly name: string;
  readonly kind: "param" | "metric";
  /** Whether the comparison asks for it; the others are shown on demand. */
  readonly shown: boolean;
  /** Numbers, unless some param's text is none. */
  readonly values: readonly (number | string | null)[];
}

/** The course of one metric over its steps. */
export interface ReportCurves {
  readonly metric: string;
  readonly series: readonly {
    readonly run: number;
    readonly steps: readonly number[];
    readonly values: readonly (number | null)[];
  }[];
}
