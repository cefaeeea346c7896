/** The dialects of MLflow's search language, one for each kind of thing that is searched. */

export type Entity = "attribute" | "metric" | "param" | "tag" | "dataset";

/** What the searches of one kind of thing understand; MLflow reads each kind by rules of its own. */
export interface Language {
  /** By the name that stands before the dot. */
  readonly entities: ReadonlyMap<string, Entity>;
  /** The name before the dot may stand in backticks. */
  readonly quotedEntities: boolean;
  /** An attribute that is compared may stand in backticks. */
  readonly quotedAttributes: boolean;
  /** LIKE and IN are understood in capital letters only. */
  readonly capitals: boolean;
  /** Spaces that stand in an order beside the one before ASC and DESC mean nothing. */
  readonly spacedOrders: boolean;
  /** Numbers are whole, and written so. */
  readonly wholeNumbers: boolean;
  /** What may stand without quotes although it is a text; absent: nothing. */
  readonly isBareText?: (entity: Entity, key: string) => boolean;
}

function named(
  entity: Entity,
  ...names: readonly string[]
): readonly (readonly [string, Entity])[] {
  return names.map((name) => [name, entity]);
}

export const runLanguage: Language = {
  entities: new Map([
    ...named("attribute", "attribute", "attributes", "attr", "run"),
    ...named("metric", "metric", "metrics"),
    ...named("param", "parameter", "parameters", "param", "params"),
    ...named("tag", "tag", "tags"),
    ...named("dataset", "dataset", "datasets"),
  ]),
  quotedEntities: true,
  quotedAttributes: true,
  capitals: false,
  spacedOrders: true,
  wholeNumbers: false,
};
/** Of the model registry. */
export const registryLanguage: Language = {
  entities: new Map([...named("attribute", "attribute"), ...named("tag", "tag", "tags")]),
  quotedEntities: false,
  quotedAttributes: false,
  capitals: false,
  spacedOrders: false,
  wholeNumbers: true,
};
export const experimentLanguage: Language = {
  ...registryLanguage,
  quotedAttributes: true,
  capitals: true,
};
export const loggedModelLanguage: Language = {
  entities: new Map([
    ...named("attribute", "attributes"),
    ...named("metric", "metrics"),
    ...named("param", "params"),
    ...named("tag", "tags"),
  ]),
  quotedEntities: false,
  quotedAttributes: true,
  capitals: false,
  spacedOrders: true,
  wholeNumbers: false,
  isBareText: (entity, key) =>
    entity !== "metric" && !(entity === "attribute" && key.includes("_time")),
};
