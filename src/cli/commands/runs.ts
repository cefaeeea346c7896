/** `mlpipe runs`: the newest runs of a tracker, or those that a search finds. */
import type { TrackedRun, ViewType } from "../../tracking/entities.ts";
import { openTracking } from "../../tracking/open.ts";
import { type Tracking, TrackingError } from "../../tracking/tracking.ts";
import { endAbandoned, hasAbandoned } from "../../run/open-runs.ts";
import { suggest } from "../../source/suggest.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { listExperiments } from "../../tracking/pages.ts";
import { searchRuns } from "../query/pages.ts";
import { printRuns } from "../query/runs-table.ts";
import { ownScreen } from "../query/screen.ts";
import { complain, write } from "../terminal.ts";

interface RunsOptions {
  readonly number: string;
  readonly filter?: string;
  readonly orderBy?: readonly string[];
  readonly experimentName?: readonly string[];
  readonly view: string;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

export async function listRuns(options: RunsOptions): Promise<number> {
  const count = readCount(options.number);
  const view = readView(options.view);
  const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  await endLeftOpen(uri);
  const tracking = await openTracking(uri, { lookOnly: true });
  try {
    const names = await experimentNames(tracking, options.experimentName, view);
    const search = {
      experiment_ids: [...names.keys()],
      run_view_type: view,
      order_by: [...(options.orderBy ?? ["attributes.start_time DESC"])],
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    };
    const runs = await explained(options, () => searchRuns(tracking, search, count + 1));
    show(runs, count, names, options);
    return exitCodes.done;
  } finally {
    await tracking.close();
  }
}

/** Runs of this folder's project whose process is gone get their end before they are listed. */
async function endLeftOpen(uri: string | undefined): Promise<void> {
  if (!hasAbandoned(process.cwd())) return;
  const tracking = await openTracking(uri);
  try {
    for (const { code, message, fix } of await endAbandoned(process.cwd(), tracking))
      complain(`${code}  ${message}`, fix);
  } finally {
    await tracking.close();
  }
}

/** MLflow gives at most so many runs at a time. */
const most = 50_000;

function readCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
  throw new CommandFailed(`-n ${text}: expected a whole number from 1 to ${most}`);
}

const views: Readonly<Record<string, ViewType>> = {
  active: "ACTIVE_ONLY",
  deleted: "DELETED_ONLY",
  all: "ALL",
};

function readView(text: string): ViewType {
  const view = Object.hasOwn(views, text) ? views[text] : undefined;
  if (view) return view;
  throw new CommandFailed(`--view ${text}: expected active, deleted or all`);
}

/** Names by id of the experiments to look in: those that are named, or all. */
async function experimentNames(
  tracking: Tracking,
  only: readonly string[] | undefined,
  view: ViewType,
): Promise<ReadonlyMap<string, string>> {
  const found =
    only === undefined
      ? await listExperiments(tracking, view === "ACTIVE_ONLY" ? view : "ALL")
      : await Promise.all(only.map((name) => experimentNamed(tracking, name)));
  return new Map(found.map(({ experiment_id, name }) => [experiment_id, name]));
}

async function experimentNamed(
  tracking: Tracking,
  experiment_name: string,
): Promise<{ readonly experiment_id: string; readonly name: string }> {
  try {
    return (await tracking.call("experiments/get-by-name", { experiment_name })).experiment;
  } catch (error) {
    if (!(error instanceof TrackingError) || error.code !== "RESOURCE_DOES_NOT_EXIST") throw error;
    const known = (await listExperiments(tracking, "ACTIVE_ONLY")).map(({ name }) => name);
    const near = suggest(experiment_name, known);
    throw new CommandFailed(
      `${tracking.uri} has no experiment \`${experiment_name}\`${near ? `; did you mean \`${near}\`?` : ""}`,
      known.length > 0 && known.length < 20 ? `it has ${known.join(", ")}` : "",
    );
  }
}

/** What a tracker does not understand is the user's, and worth an example. */
async function explained<T>(
  { filter, orderBy }: RunsOptions,
  search: () => Promise<T>,
): Promise<T> {
  try {
    return await search();
  } catch (error) {
    const isUsers = filter !== undefined || orderBy !== undefined;
    if (!isUsers || !(error instanceof TrackingError) || error.code !== "INVALID_PARAMETER_VALUE")
      throw error;
    throw new CommandFailed(error.message, error.fix || examples(filter, orderBy).join("\n  "));
  }
}

function examples(
  filter: string | undefined,
  orderBy: readonly string[] | undefined,
): readonly string[] {
  return [
    ...(filter === undefined
      ? []
      : [
          "a filter is comparisons joined by AND, with params and tags as texts in quotes: \"metrics.rmse < 0.3 AND params.cp = '0.05' AND status = 'FINISHED'\"",
        ]),
    ...(orderBy === undefined ? [] : ['an order is a name and a direction: "metrics.rmse ASC"']),
  ];
}

function show(
  found: readonly TrackedRun[],
  count: number,
  experiments: ReadonlyMap<string, string>,
  options: RunsOptions,
): void {
  const runs = found.slice(0, count);
  if (options.json) {
    const named = runs.map((run) => ({
      experiment: experiments.get(run.info.experiment_id),
      ...run,
    }));
    return write(jsonText(named));
  }
  if (runs.length === 0) return write(`${nothing(options)}\n`);
  const screen = ownScreen();
  const nested = options.orderBy === undefined;
  write(printRuns(runs, experiments, { ...screen, nested, now: Date.now() }));
  if (found.length > count && screen.width < Infinity)
    write(`${screen.paint("faint", `there are more: mlpipe runs -n ${count * 5}`)}\n`);
}

function nothing({ filter, experimentName, view }: RunsOptions): string {
  const where = experimentName === undefined ? "" : ` in ${experimentName.join(", ")}`;
  const which = view === "deleted" ? "deleted runs" : "runs";
  return filter === undefined
    ? `no ${which}${where}${view === "deleted" ? "" : " yet"}`
    : `no ${which}${where} match ${filter}`;
}
