/** The order in which independent things are taken up: shuffled on purpose, so that nobody comes to depend on an accident. */
import { generate } from "./random.ts";

/** `items` in an order that the seed decides (Fisher and Yates, from the end), the same wherever the same seed is. */
export function shuffle<T>(items: readonly T[], seed: number): readonly T[] {
  const draw = generate(seed);
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}
