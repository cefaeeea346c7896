/** A server's tracker that goes on in a store of this machine when the server is lost in the middle of a run. */
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import type { RunInfo } from "../entities.ts";
import type { StoreTracking } from "../store/open-store.ts";
import type { Tracking, TrackingError } from "../tracking.ts";
import { intendedTag, partialTag } from "../transfer/marks.ts";
import { unlessMissing } from "../transfer/tracking-source.ts";
import { isDown } from "./loss.ts";

/** The rest of what was meant for the server. */
interface Rest {
  readonly store: StoreTracking;
  readonly error: TrackingError;
}

/**
 * Runs keep their ids in the store, so that a push completes them at the server. What is asked about runs as a whole, or
 * about experiments, is still the server's to answer, and fails.
 */
export class LastingTracking implements Tracking {
  readonly uri: string;
  readonly #server: Tracking;
  readonly #address: string;
  readonly #lose: (error: TrackingError) => Promise<StoreTracking>;
  /** Names of the server's experiments, by id. */
  readonly #experiments = new Map<string, string>();
  /** The server's runs that were made or looked at. */
  readonly #runs = new Map<string, RunInfo>();
  /** Runs of the store that have been made for the rest of the server's, by id. */
  readonly #continued = new Map<string, Promise<void>>();
  #rest: Promise<Rest> | undefined;

  /** `address` is the tracking URI by which the server can be opened again, with no password in it. */
  constructor(
    server: Tracking,
    address: string,
    lose: (error: TrackingError) => Promise<StoreTracking>,
  ) {
    this.uri = server.uri;
    this.#server = server;
    this.#address = address;
    this.#lose = lose;
  }

  async call<E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>> {
    return this.#try(
      async () => {
        const response = await this.#server.call(endpoint, request);
        await this.#remember(endpoint, request, response);
        return response;
      },
      (rest) => this.#callHere(rest, endpoint, request),
    );
  }

  upload(ownerId: string, localFile: string, path: string): Promise<void> {
    return this.#try(
      () => this.#server.upload(ownerId, localFile, path),
      async (rest) => {
        await this.#continue(rest, ownerId);
        await rest.store.upload(ownerId, localFile, path);
      },
    );
  }

  download(ownerId: string, path: string, target: string): Promise<void> {
    return this.#try(
      () => this.#server.download(ownerId, path, target),
      async (rest) => {
        await this.#continue(rest, ownerId);
        await rest.store.download(ownerId, path, target);
      },
    );
  }

  async close(): Promise<void> {
    await this.#server.close();
    await (await this.#rest?.catch(() => undefined))?.store.close();
  }

  /** Before any run is there, nothing is lost with the server, and its failure stands. */
  async #try<T>(there: () => Promise<T>, here: (rest: Rest) => Promise<T>): Promise<T> {
    if (this.#rest === undefined) {
      try {
        return await there();
      } catch (error) {
        if (!isDown(error) || this.#runs.size === 0) throw error;
        this.#rest ??= this.#lose(error).then((store) => ({ store, error }));
      }
    }
    return here(await this.#rest);
  }

  async #remember<E extends EndpointName>(
    endpoint: E,
    request: RequestOf<E>,
    response: ResponseOf<E>,
  ): Promise<void> {
    if (endpoint === "experiments/create") {
      const { experiment_id } = response as ResponseOf<"experiments/create">;
      this.#experiments.set(experiment_id, (request as RequestOf<"experiments/create">).name);
    } else if (endpoint === "experiments/get" || endpoint === "experiments/get-by-name") {
      const { experiment } = response as ResponseOf<"experiments/get">;
      this.#experiments.set(experiment.experiment_id, experiment.name);
    } else if (endpoint === "runs/create" || endpoint === "runs/get") {
      const { info } = (response as ResponseOf<"runs/get">).run;
      this.#runs.set(info.run_id, info);
      await this.#nameExperiment(info.experiment_id);
    }
  }

  /** A run that was begun elsewhere comes with its experiment's id alone. */
  async #nameExperiment(experiment_id: string): Promise<void> {
    if (this.#experiments.has(experiment_id)) return;
    try {
      const { experiment } = await this.#server.call("experiments/get", { experiment_id });
      this.#experiments.set(experiment_id, experiment.name);
    } catch (error) {
      if (!isDown(error)) throw error;
    }
  }

  async #callHere<E extends EndpointName>(
    rest: Rest,
    endpoint: E,
    request: RequestOf<E>,
  ): Promise<ResponseOf<E>> {
    if (endpoint === "runs/create")
      return this.#createHere(rest, request as RequestOf<"runs/create">) as Promise<ResponseOf<E>>;
    const runId = "run_id" in request ? request.run_id : undefined;
    if (typeof runId !== "string") throw rest.error;
    await this.#continue(rest, runId);
    return rest.store.call(endpoint, request);
  }

  async #createHere(
    rest: Rest,
    request: RequestOf<"runs/create">,
  ): Promise<ResponseOf<"runs/create">> {
    const experiment_id = await this.#experimentHere(rest, request.experiment_id);
    const tags = [...(request.tags ?? []), { key: intendedTag, value: this.#address }];
    return rest.store.call("runs/create", { ...request, experiment_id, tags });
  }

  /** The store has a run of this id from now on: it holds the rest of the server's. */
  #continue(rest: Rest, runId: string): Promise<void> {
    const known = this.#continued.get(runId) ?? this.#continueRun(rest, runId);
    this.#continued.set(runId, known);
    return known;
  }

  async #continueRun(rest: Rest, runId: string): Promise<void> {
    const { store } = rest;
    if (await unlessMissing(() => store.call("runs/get", { run_id: runId }))) return;
    const info = this.#runs.get(runId);
    const lostAt = Date.now();
    await store.callWith({ id: runId }, "runs/create", {
      experiment_id: await this.#experimentHere(rest, info?.experiment_id ?? "0"),
      run_name: info?.run_name || runId,
      start_time: info?.start_time ?? lostAt,
      ...(info?.user_id && { user_id: info.user_id }),
      tags: [
        { key: intendedTag, value: this.#address },
        {
          key: partialTag,
          value: `what was logged before ${new Date(lostAt).toISOString()} is at ${this.#address}`,
        },
      ],
    });
  }

  /** The store's experiment of the same name. Where that is not known, an id is one that the store gave out, or means Default. */
  async #experimentHere({ store }: Rest, id: string): Promise<string> {
    const name = this.#experiments.get(id);
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
