/** From what a user types to the one run that it means. */
import type { TrackedRun, ViewType } from "../../tracking/entities.ts";
import { type Tracking, TrackingError } from "../../tracking/tracking.ts";
import { suggest } from "../../source/suggest.ts";
import { harmless } from "../../source/width.ts";
import { CommandFailed } from "../exit.ts";
import { timeText } from "../../source/figures.ts";
import { idBeginsWith, leastLetters } from "../../tracking/id-prefix.ts";
import { listExperiments } from "../../tracking/pages.ts";
import { searchRuns } from "./pages.ts";

/** How many runs are named where several could be meant. */
const named = 5;

/** The beginning of an id that two runs share is told to be ambiguous, and so is a name. Throws CommandFailed, TrackingError. */
export async function findRun(tracking: Tracking, word: string): Promise<TrackedRun> {
  const exact = /^[0-9a-f]{32}$/.test(word) ? await getRun(tracking, word) : undefined;
  if (exact) return exact;
  const search = await openSearch(tracking);
  const back = /^latest(?:~(\d{1,4}))?$/.exec(word);
  if (back) return nthLatest(search, Number(back[1] ?? 0), tracking.uri);
  const found = new Map<string, TrackedRun>();
  for (const run of [...(await withPrefix(search, word)), ...(await withName(search, word))])
    found.set(run.info.run_id, run);
  const runs = [...found.values()];
  const run = found.get(word) ?? runs[0];
  if (run === undefined) throw await missing(search, word, tracking.uri);
  if (runs.length > 1 && run.info.run_id !== word) throw ambiguous(word, runs);
  return run;
}

async function getRun(tracking: Tracking, id: string): Promise<TrackedRun | undefined> {
  try {
    return (await tracking.call("runs/get", { run_id: id })).run;
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST")
      return undefined;
    throw error;
  }
}

type Search = (filter: string, view: ViewType, most: number) => Promise<readonly TrackedRun[]>;

/** Over all experiments, the newest runs first. */
async function openSearch(tracking: Tracking): Promise<Search> {
  const ids = (await listExperiments(tracking, "ALL")).map(({ experiment_id }) => experiment_id);
  return (filter, view, most) =>
    searchRuns(
      tracking,
      {
        experiment_ids: ids,
        run_view_type: view,
        order_by: ["attributes.start_time DESC"],
        ...(filter === "" ? {} : { filter }),
      },
      most,
    );
}

async function nthLatest(search: Search, back: number, uri: string): Promise<TrackedRun> {
  const runs = await search("", "ACTIVE_ONLY", back + 1);
  const found = runs[back];
  if (found) return found;
  throw new CommandFailed(
    runs.length === 0
      ? `there are no runs yet in ${uri}`
      : `there are only ${runs.length} runs in ${uri}`,
    runs.length === 0 ? "run one: mlpipe run <file>" : "list them: mlpipe runs",
  );
}

async function withPrefix(search: Search, word: string): Promise<readonly TrackedRun[]> {
  const filter = idBeginsWith(word);
  if (filter === undefined) return [];
  const runs = await search(filter, "ALL", named * named);
  return runs.filter(({ info }) => info.run_id.startsWith(word));
}

async function withName(search: Search, word: string): Promise<readonly TrackedRun[]> {
  const runs = await search(`attributes.run_name ${equals(word)}`, "ACTIVE_ONLY", named * named);
  return runs.filter(({ info }) => info.run_name === word);
}

/** MLflow knows no way to write a quote within the same quotes: LIKE takes any letter in its place. */
function equals(text: string): string {
  if (!text.includes("'")) return `= '${text}'`;
  return text.includes('"') ? `LIKE '${text.replaceAll("'", "_")}'` : `= "${text}"`;
}

function ambiguous(word: string, runs: readonly TrackedRun[]): CommandFailed {
  const lines = runs
    .slice(0, named)
    .map(({ info }) => harmless(`${info.run_id}  ${timeText(info.start_time)}  ${info.run_name}`));
  const more = runs.length > named ? ["…"] : [];
  return new CommandFailed(
    `\`${harmless(word)}\` could be any of several runs`,
    ["give an id:", ...lines, ...more].join("\n    "),
  );
}

async function missing(search: Search, word: string, uri: string): Promise<CommandFailed> {
  const newest = await search("", "ACTIVE_ONLY", 100);
  const near = suggest(word, new Set(newest.map(({ info }) => info.run_name)));
  const isShort = /^[0-9a-f]+$/.test(word) && word.length < leastLetters;
  return new CommandFailed(
    `${uri} has no run \`${harmless(word)}\`${near ? `; did you mean \`${harmless(near)}\`?` : ""}`,
    isShort ? `write at least ${leastLetters} letters of an id` : "list them: mlpipe runs",
  );
}
