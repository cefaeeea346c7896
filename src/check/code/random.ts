/** E0604: a run that is to be reproducible and draws random numbers without a seed. */
import { type CheckContext, say } from "../context.ts";
import type { RunDraft } from "../draft.ts";
import { ofKind } from "../items.ts";
import { placeOf } from "../scope.ts";
import type { Reading } from "./reading.ts";
import { type StepView, readingOfAnyCode } from "./step-view.ts";

const draws = new Set(
  `sample sample.int rnorm runif rbinom rpois rexp rgamma rbeta rt rf rchisq rweibull rlogis rcauchy
  rgeom rhyper rnbinom rmultinom rsignrank rwilcox rlnorm rWishart mvrnorm rmvnorm jitter kmeans
  sample_n sample_frac slice_sample randomForest ranger nnet cv.glmnet createDataPartition
  createFolds initial_split vfold_cv bootstraps
  Math.random crypto.randomUUID crypto.getRandomValues crypto.randomBytes crypto.randomInt
  randomUUID randomBytes randomInt getRandomValues`.split(/\s+/u),
);

export function checkSeeded(
  context: CheckContext,
  { scope, items }: RunDraft,
  views: readonly StepView[],
): void {
  const [contract] = ofKind(items, "reproducible");
  if (!contract || scope.seed !== undefined || !scope.complete) return;
  if (contract.block?.items.some(({ kind }) => kind === "across-seeds")) return;
  const found = views.flatMap((view) => drawIn(readingOfAnyCode(context, view)) ?? [])[0];
  if (found === undefined) return;
  const run = scope.node.name.text;
  say(context, "E0604", placeOf(scope.home, contract), { run, draws: found });
}

/** What the code calls to draw; undefined where it draws nothing, or sets a seed of its own. */
function drawIn(reading: Reading | undefined): string | undefined {
  if (!reading || reading.calls.some(({ name }) => name === "set.seed")) return undefined;
  const isDraw = (name: string) => draws.has(name.replace(/^globalThis\./u, ""));
  return reading.calls.find(({ name }) => isDraw(name) && !isOwn(reading, name))?.name;
}

/** Whether the code itself defines a function of that name; an import is no definition. */
function isOwn({ assigned }: Reading, name: string): boolean {
  return assigned.has(name) && !/^(?:random|getRandom)/u.test(name);
}
