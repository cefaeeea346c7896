import { setTimeout } from "node:timers/promises";

export async function retry(action, { times, wait }) {
  const began = Date.now();
  for (let attempt = 1; ; attempt++)
    try {
      const found = action(attempt);
      console.log(`attempt ${attempt} after ${Date.now() - began} ms`);
      return found;
    } catch (error) {
      if (attempt === times) throw error;
      await setTimeout(wait * Math.random());
    }
}
