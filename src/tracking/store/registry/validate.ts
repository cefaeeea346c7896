/** What MLflow's registry accepts as names, versions, stages, aliases and tags. Lengths in characters. */
import type { KeyValue } from "../../entities.ts";
import { invalid } from "../store.ts";
import { checkKey, checkLength } from "../validate.ts";

export const stages = ["None", "Staging", "Production", "Archived"] as const;
export type Stage = (typeof stages)[number];

const limits = { alias: 255, tag: 100_000 } as const;

/** As in MLflow, a name is of any length. */
export function checkModelName(name: string): void {
  if (name.trim() === "" || name === "." || name.startsWith("..") || /[/:]/.test(name))
    throw invalid(
      `${JSON.stringify(name)} is no name of a model`,
      "write it without / and :, and not as a path that leads up",
    );
}

/** A whole number, written in any way that Python reads. */
export function readVersionNumber(version: string): number {
  if (!/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(version))
    throw invalid(`${JSON.stringify(version)} is no version`, "a version is a whole number");
  return Number(version.replaceAll("_", ""));
}

/** In any case of letters. */
export function readStage(text: string): Stage {
  const stage = stages.find((each) => each.toLowerCase() === text.toLowerCase());
  if (stage === undefined)
    throw invalid(`${JSON.stringify(text)} is no stage`, `use one of ${stages.join(", ")}`);
  return stage;
}

export function checkAlias(alias: string): void {
  if (alias === "" || !/^[\p{L}\p{N}_-]*$/u.test(alias))
    throw invalid(
      `${JSON.stringify(alias.slice(0, 40))} is no alias`,
      "use letters, digits, _ and -",
    );
  checkLength("the alias", alias, limits.alias);
}

/** As `checkAlias`, for an alias that is to be given: some names say by themselves which version is meant. */
export function checkNewAlias(alias: string): void {
  checkAlias(alias);
  if (/^(latest|v\d+)$/i.test(alias))
    throw invalid(`the alias ${alias} is reserved`, "it names versions by itself: take another");
}

export function checkRegistryTag({ key, value }: KeyValue): void {
  checkKey("tag", key);
  checkLength(`the value of tag ${JSON.stringify(key)}`, value, limits.tag);
}
