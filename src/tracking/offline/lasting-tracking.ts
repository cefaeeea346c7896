/** A server's tracker that goes on in a store of this machine when the server is lost in the middle of a run. */
import { isModelId } from "../artifact-owner.ts";
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { isEnd } from "../entities.ts";
import type { StoreTracking } from "../store/open-store.ts";
import { TrackingError, unlessMissing, type Tracking } from "../tracking.ts";
import { copiedTags, intendedTag, partialTag } from "../transfer/marks.ts";
import { once } from "../transfer/transfer.ts";
import { isDown } from "./loss.ts";
import { isWrite, remember, runIdOf, startSeen, type Seen } from "./seen.ts";

/** The rest of what was meant for the server. */
interface Rest {
  readonly store: StoreTracking;
  readonly error: TrackingError;
}

/**
 * Runs keep their ids in the store, so that a push completes them at the server. What is asked about runs of others, about
 * runs as a whole, or about experiments, is still the server's to answer, and fails.
 */
export class LastingTracking implements Tracking {
  readonly uri: string;
  readonly #server: Tracking;
  readonly #address: string;
  readonly #lose: (error: TrackingError) => Promise<StoreTracking>;
  readonly #seen: Seen;
  /** Runs of the store that have been made for the rest of the server's, by id. */
  readonly #continued = new Map<string, Promise<void>>();
  /** The store's experiments for runs of the server's, by the server's ids. */
  readonly #experimentsHere = new Map<string, Promise<string>>();
  #rest: Promise<Rest> | undefined;

  /**
   * `address` is the tracking URI by which the server can be opened again, with no password in it; `adopted` the id of a
   * run that was begun elsewhere to be gone on with here.
   */
  constructor(
    server: Tracking,
    { address, adopted }: { readonly address: string; readonly adopted: string | undefined },
    lose: (error: TrackingError) => Promise<StoreTracking>,
  ) {
    this.uri = server.uri;
    this.#server = server;
    this.#address = address;
    this.#seen = startSeen(adopted);
    this.#lose = lose;
  }

  async call<E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>> {
    return this.#try(
      async () => {
        const response = await this.#server.call(endpoint, request);
        remember(this.#seen, endpoint, request, response);
        if (endpoint === "runs/create" || endpoint === "runs/get")
          await this.#nameExperiment((response as ResponseOf<"runs/get">).run.info.experiment_id);
        return response;
      },
      (rest) => this.#callHere(rest, endpoint, request),
    );
  }

  upload(ownerId: string, localFile: string, path: string): Promise<void> {
    return this.#try(
      async () => {
        await this.#server.upload(ownerId, localFile, path);
        if (!isModelId(ownerId)) this.#seen.own.add(ownerId);
      },
      async (rest) => {
        await this.#continue(rest, ownerId, true);
        await rest.store.upload(ownerId, localFile, path);
      },
    );
  }

  download(ownerId: string, path: string, target: string): Promise<void> {
    return this.#try(
      () => this.#server.download(ownerId, path, target),
      async (rest) => {
        await this.#continue(rest, ownerId, false);
        await rest.store.download(ownerId, path, target);
      },
    );
  }

  async close(): Promise<void> {
    try {
      await this.#server.close();
    } finally {
      await (await this.#rest?.catch(() => undefined))?.store.close();
    }
  }

  /** Before any run is there, nothing is lost with the server, and its failure stands. */
  async #try<T>(there: () => Promise<T>, here: (rest: Rest) => Promise<T>): Promise<T> {
    if (this.#rest === undefined) {
      try {
        return await there();
      } catch (error) {
        if (!isDown(error) || this.#seen.runs.size === 0) throw error;
        this.#rest ??= this.#lose(error).then((store) => ({ store, error }));
      }
    }
    return here(await this.#rest);
  }

  /** A run that was begun elsewhere comes with its experiment's id alone. Whoever may not know the name does without. */
  async #nameExperiment(experiment_id: string): Promise<void> {
    const { experiments } = this.#seen;
    if (experiments.has(experiment_id)) return;
    try {
      const { experiment } = await this.#server.call("experiments/get", { experiment_id });
      experiments.set(experiment_id, experiment.name);
    } catch (error) {
      if (!(error instanceof TrackingError)) throw error;
    }
  }

  async #callHere<E extends EndpointName>(
    rest: Rest,
    endpoint: E,
    request: RequestOf<E>,
  ): Promise<ResponseOf<E>> {
    if (endpoint === "runs/create")
      return this.#createHere(rest, request as RequestOf<"runs/create">) as Promise<ResponseOf<E>>;
    const runId = runIdOf(request);
    if (runId === undefined) throw rest.error;
    await this.#continue(rest, runId, isWrite(endpoint));
    return rest.store.call(endpoint, request);
  }

  async #createHere(
    rest: Rest,
    request: RequestOf<"runs/create">,
  ): Promise<ResponseOf<"runs/create">> {
    const experiment_id = await this.#experimentHere(rest, request.experiment_id);
    const tags = [...(request.tags ?? []), { key: intendedTag, value: this.#address }];
    const made = await rest.store.call("runs/create", { ...request, experiment_id, tags });
    this.#seen.own.add(made.run.info.run_id);
    return made;
  }

  /** The store has a run of this id from now on: it holds the rest of the server's. A look at the run of another makes none. */
  async #continue(rest: Rest, runId: string, isWritten: boolean): Promise<void> {
    const { own, runs } = this.#seen;
    if (isWritten && runs.has(runId)) own.add(runId);
    if (!own.has(runId)) throw rest.error;
    await once(this.#continued, runId, () => this.#continueRun(rest, runId));
  }

  async #continueRun(rest: Rest, run_id: string): Promise<void> {
    const { store } = rest;
    if (await unlessMissing(() => store.call("runs/get", { run_id }))) return;
    const { info, tags } = this.#seen.runs.get(run_id) ?? {};
    const lostAt = Date.now();
    await store.callWith({ id: run_id }, "runs/create", {
      experiment_id: await this.#experimentHere(rest, info?.experiment_id ?? "0"),
      run_name: info?.run_name || run_id,
      start_time: info?.start_time ?? lostAt,
      ...(info?.user_id && { user_id: info.user_id }),
      tags: [
        ...copiedTags([...(tags ?? [])].map(([key, value]) => ({ key, value }))),
        { key: intendedTag, value: this.#address },
        {
          key: partialTag,
          value: `what was logged before ${new Date(lostAt).toISOString()} is at ${this.#address}`,
        },
      ],
    });
    if (info === undefined || !isEnd(info.status)) return;
    const { status, end_time } = info;
    await store.call("runs/update", {
      run_id,
      status,
      ...(end_time !== undefined && { end_time }),
    });
  }

  /** The store's experiment of the same name. Where that is not known, an id is one that the store gave out, or means Default. */
  #experimentHere({ store }: Rest, id: string): Promise<string> {
    return once(this.#experimentsHere, id, () => this.#findExperiment(store, id));
  }

  async #findExperiment(store: StoreTracking, id: string): Promise<string> {
    const name = this.#seen.experiments.get(id);
    const found = await unlessMissing(() =>
      name === undefined
        ? store.call("experiments/get", { experiment_id: id })
        : store.call("experiments/get-by-name", { experiment_name: name }),
    );
    if (found?.experiment.lifecycle_stage === "active") return found.experiment.experiment_id;
    // A deleted experiment keeps its name.
    if (found !== undefined || name === undefined) return "0";
    return (await store.call("experiments/create", { name })).experiment_id;
  }
}
