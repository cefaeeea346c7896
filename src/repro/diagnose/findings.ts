/** From places that were found to what is told: one finding for each cause and place of a step, echoes left out. */
import { causes } from "../cause.ts";
import type { Finding, Place } from "./diagnosis.ts";
import type { Factor } from "./factors.ts";
import type { Located } from "./locate.ts";

export interface Evidence {
  /** That change it, together. */
  readonly factors: readonly Factor[];
  readonly located: Located;
}

export function findingsOf(
  evidence: readonly Evidence[],
  language: (step: string) => "r" | "node",
): readonly Finding[] {
  const heard = evidence.filter((one) => !isEcho(one, evidence));
  const open = evidence.filter((one) => !heard.includes(one) && !explainsAll(heard, one));
  const groups = Map.groupBy(
    [...heard, ...open],
    ({ located }) => `${located.step} ${located.cause}`,
  );
  return [...groups.values()].map((group) => findingOf(group, language));
}

/**
 * Addresses in memory, and what ends first, follow from anything that is changed, and random bytes of Node from addresses: what
 * begins at the very place that another cause has, and no call tells of, is no cause of its own. Nor is the time zone where it
 * only turns the clock.
 */
function isEcho({ located }: Evidence, all: readonly Evidence[]): boolean {
  return all.some(({ located: other }) => {
    if (other === located || other.step !== located.step) return false;
    if (located.cause === "timezone" && other.cause === "clock") return isSamePlace(located, other);
    if (located.isSure) return false;
    if (located.factor.name === "memory" && other.factor.name === "chance")
      return isInside(located, other);
    if (other.isSure) return isSamePlace(located, other) || isCovered(located, other);
    return (
      isDeep(other) &&
      !isDeep(located) &&
      located.factor.name !== "chance" &&
      isInside(located, other)
    );
  });
}

/** What an output has no other cause for is no echo. */
function explainsAll(heard: readonly Evidence[], { located }: Evidence): boolean {
  const told = heard.filter((other) => other.located.step === located.step);
  return located.outputs.every((key) => told.some((other) => other.located.outputs.includes(key)));
}

function isInside({ outputs }: Located, other: Located): boolean {
  return outputs.every((key) => other.outputs.includes(key));
}

function isDeep({ cause }: Located): boolean {
  return cause === "memory-order" || cause === "scheduling";
}

function isSamePlace({ root, place }: Located, other: Located): boolean {
  if (root && other.root) return root.expression.index === other.root.expression.index;
  return place?.file === other.place?.file && place?.line === other.place?.line;
}

/** Unsure of its place, and of outputs that the other explains. */
function isCovered(located: Located, other: Located): boolean {
  return isInside(located, other) && (located.root === undefined || isDeep(other));
}

function findingOf(group: readonly Evidence[], language: (step: string) => "r" | "node"): Finding {
  const sorted = group.toSorted((a, b) => Number(b.located.isSure) - Number(a.located.isSure));
  const [first] = sorted;
  if (!first) throw new Error("a group has a member");
  const { cause, step, place, what, isSure, isGuess } = first.located;
  const outputs = [...new Set(group.flatMap(({ located }) => located.outputs))];
  return {
    cause,
    step,
    place,
    others: otherPlaces(sorted, place),
    what,
    outputs: outputs.filter((key) => key !== ""),
    confidence: isGuess ? "guess" : isSure ? "high" : "likely",
    reason: isGuess
      ? "it differs with all held still that can be, and the code calls this where it begins"
      : reasonOf(group),
    mend: causes[cause].mend[language(step)],
  };
}

function otherPlaces(group: readonly Evidence[], place: Place | undefined): readonly Place[] {
  const all = group.flatMap(({ located }) => located.place ?? []);
  const named = new Map(all.map((one) => [`${one.file}:${one.line}`, one]));
  if (place) named.delete(`${place.file}:${place.line}`);
  return [...named.values()];
}

function reasonOf(group: readonly Evidence[]): string {
  const words = [...new Set(group.map(({ factors }) => wordsOf(factors)))];
  const outputs = new Set(group.flatMap(({ located }) => located.outputs));
  const result = outputs.size === 1 ? "the result" : "results";
  return `with all else held still, changing ${words.join(" or ")} alone changes ${result}`;
}

function wordsOf(factors: readonly Factor[]): string {
  return factors.map(({ words }) => words).join(" together with ");
}
