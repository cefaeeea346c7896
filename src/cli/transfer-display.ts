/** How a push or an import is shown: a line for each thing that is copied, live on a terminal, or JSON events. */
import { paintWith, type Paint } from "../source/paint.ts";
import { harmless } from "../source/width.ts";
import type {
  Copied,
  Counts,
  Listener,
  Summary,
  TransferEvent,
} from "../tracking/transfer/event.ts";
import { jsonLine } from "./json.ts";
import { openStatusLine } from "./status-line.ts";
import { isLive, put, usesColor, write } from "./terminal.ts";

export interface TransferDisplay {
  readonly show: Listener;
  /** When the transfer is over, well or not. */
  readonly end: () => void;
}

/** `doing` is what the line at the bottom of a terminal says. */
export function showTransfer(doing: string, { json = false }: { json?: boolean }): TransferDisplay {
  if (json) return { show: (event) => write(jsonLine(event)), end: () => {} };
  if (!isLive(process.stdout)) return { show: tell, end: () => {} };
  const { note, end } = openStatusLine(doing);
  return {
    show(event) {
      tell(event);
      if (event.kind === "copied") note(event.name);
    },
    end,
  };
}

function tell(event: TransferEvent): void {
  const stream =
    event.kind === "problem" || event.kind === "note" ? process.stderr : process.stdout;
  const text = describeTransfer(event, paintWith(usesColor(stream)));
  if (text !== "") put(stream, `${text}\n`);
}

/** One line; empty where there is nothing to say. What names are in it may come from anybody. */
function describeTransfer(event: TransferEvent, paint: Paint): string {
  switch (event.kind) {
    case "copied":
      return event.outcome === "unchanged" ? "" : harmless(describeCopied(event));
    case "problem":
      return `${paint("warning", "warning")}  ${harmless(`${event.place}: ${event.message}`)}`;
    case "note":
      return `${paint("gutter", "note")}  ${harmless(`${event.place}: ${event.message}`)}`;
    case "ended":
      return describeSummary(event);
    default:
      return event satisfies never;
  }
}

type CopiedEvent = Extract<TransferEvent, { kind: "copied" }>;

function describeCopied({ what, id, name, outcome, bytes, targetId }: CopiedEvent): string {
  const named = what === "model version" ? `${name} ${id}` : `${name}  ${id}`;
  const there = targetId === undefined || targetId === id ? "" : ` is ${targetId} there`;
  const why = outcome === "left" ? "  deleted there, and left so" : "";
  return `${outcome.padEnd(7)}  ${what} ${named}${there}${bytes > 0 ? `  ${formatBytes(bytes)}` : ""}${why}`;
}

/** `runs: 3 new, 12 unchanged; logged models: 1 new; 4.1 MB of artifacts`. */
function describeSummary({ counts, bytes, problems }: Summary): string {
  const parts = (Object.keys(counts) as Copied[])
    .map((what) => [`${what}s`, describeCounts(counts[what])] as const)
    .filter(([what, text]) => text !== "" || what === "runs")
    .map(([what, text]) => `${what}: ${text || "none"}`);
  const artifacts = bytes > 0 ? [`${formatBytes(bytes)} of artifacts`] : [];
  const trouble = problems > 0 ? [`${problems} not brought over`] : [];
  return [...parts, ...artifacts, ...trouble].join("; ");
}

function describeCounts(counts: Counts): string {
  return (Object.keys(counts) as (keyof Counts)[])
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcome === "left" ? "left deleted" : outcome}`)
    .join(", ");
}

/** In powers of 1000, as disks are sold. */
function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
