/** Values that are longer than MLflow keeps: as its server does, this one cuts them, and tells its log. */
import { valueLimits } from "../batch.ts";
import type { EndpointName, RequestOf } from "../endpoints.ts";
import type { KeyValue } from "../entities.ts";
import { TrackingError } from "../tracking.ts";

type Cut = (what: keyof typeof valueLimits, value: string, key: string) => string;
type Cutters = { readonly [E in EndpointName]?: (request: RequestOf<E>, cut: Cut) => RequestOf<E> };

const cutters: Cutters = {
  "runs/log-parameter": (given, cut) => ({ ...given, value: cut("param", given.value, given.key) }),
  "runs/set-tag": (given, cut) => ({ ...given, value: cut("tag", given.value, given.key) }),
  "runs/log-batch": (given, cut) => ({
    ...given,
    ...(given.params && { params: given.params.map(cutPair("param", cut)) }),
    ...(given.tags && { tags: given.tags.map(cutPair("tag", cut)) }),
  }),
};

function cutPair(what: keyof typeof valueLimits, cut: Cut): (pair: KeyValue) => KeyValue {
  return ({ key, value }) => ({ key, value: cut(what, value, key) });
}

/** The request with values that fit; `log` learns of each that did not. */
export function cutLongValues<E extends EndpointName>(
  name: E,
  request: RequestOf<E>,
  log: (notice: TrackingError) => void,
): RequestOf<E> {
  const cutter = cutters[name];
  if (cutter === undefined) return request;
  return cutter(request, (what, value, key) => {
    const limit = valueLimits[what];
    // A character is one unit of a text or two.
    const characters = value.length > limit ? Array.from(value.slice(0, 2 * limit + 2)) : [];
    if (characters.length <= limit) return value;
    log(
      new TrackingError(
        "INVALID_PARAMETER_VALUE",
        `the ${what} ${JSON.stringify(key.slice(0, 40))} was cut to ${limit} characters`,
        "log long texts as artifacts",
      ),
    );
    return characters.slice(0, limit).join("");
  });
}
