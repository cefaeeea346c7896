/** What MLflow's registry accepts as names, versions, stages, aliases and tags. */
import type { KeyValue } from "../../entities.ts";
import { invalid } from "../store.ts";
import { checkTagKey } from "../validate.ts";
import { stages, type Stage } from "./rows.ts";

const limits = { name: 256, alias: 255, tag: 100_000, description: 5000 } as const;

function isLongerThan(text: string, limit: number): boolean {
  return text.length > limit && Array.from(text).length > limit;
}

export function checkModelName(name: string): void {
  if (/[/:]/.test(name))
    throw invalid(`${JSON.stringify(name)} is no name of a model`, "write it without / and :");
  if (isLongerThan(name, limits.name))
    throw invalid(`the name of the model is longer than ${limits.name} characters`, "shorten it");
}

export function checkDescription(description: string | undefined): void {
  if (isLongerThan(description ?? "", limits.description))
    throw invalid(`the description is longer than ${limits.description} characters`, "shorten it");
}

export function readVersionNumber(version: string): number {
  if (!/^\d{1,15}$/.test(version))
    throw invalid(`${JSON.stringify(version)} is no version`, "a version is a whole number");
  return Number(version);
}

/** In any case of letters. */
export function readStage(text: string): Stage {
  const stage = stages.find((each) => each.toLowerCase() === text.toLowerCase());
  if (stage === undefined)
    throw invalid(`${JSON.stringify(text)} is no stage`, `use one of ${stages.join(", ")}`);
  return stage;
}

export function checkAlias(alias: string): void {
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias) || alias.length > limits.alias)
    throw invalid(
      `${JSON.stringify(alias.slice(0, 40))} is no alias`,
      `use at most ${limits.alias} letters, digits, _ and -`,
    );
  if (/^latest$/i.test(alias) || /^v\d+$/i.test(alias))
    throw invalid(`the alias ${alias} is reserved`, "it names versions by itself: take another");
}

export function checkRegistryTag({ key, value }: KeyValue): void {
  checkTagKey(key);
  if (isLongerThan(value, limits.tag))
    throw invalid(
      `the value of tag ${JSON.stringify(key)} is longer than ${limits.tag} characters`,
      "shorten it, or log it as an artifact",
    );
}
