/** The places that steps wait for: as many cpus as `-j` gives, and the machine's memory and gpus. */

/** What one step takes while it runs. */
export interface Claim {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}
const resources = ["cpus", "memoryBytes", "gpus"] as const;

export interface Pool {
  /**
   * Resolves once there is room, to what gives the room back (further calls do nothing). What asks for more than all there
   * is gets all. Who waits longer comes first, unless what he waits for is nothing that the later one needs; so nobody
   * waits for ever. Rejects with the signal's reason when that aborts first.
   */
  readonly take: (claim: Claim, signal: AbortSignal) => Promise<() => void>;
}

interface Waiting {
  readonly claim: Claim;
  readonly start: () => void;
}

export function openPool(capacity: Claim): Pool {
  const free: { -readonly [K in keyof Claim]: Claim[K] } = { ...capacity };
  const waiting: Waiting[] = [];
  const add = (claim: Claim, sign: 1 | -1): void => {
    for (const each of resources) free[each] += sign * claim[each];
  };
  const startWhatFits = (): void => {
    const awaited = new Set<keyof Claim>();
    for (const one of waiting.slice()) {
      const needed = resources.filter((each) => one.claim[each] > 0);
      const lacking = needed.filter((each) => one.claim[each] > free[each]);
      lacking.forEach((each) => awaited.add(each));
      if (needed.some((each) => awaited.has(each))) continue;
      waiting.splice(waiting.indexOf(one), 1);
      add(one.claim, -1);
      one.start();
    }
  };
  const giveBack = (claim: Claim): (() => void) => {
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      add(claim, 1);
      startWhatFits();
    };
  };
  return {
    take(asked, signal) {
      const claim = withinCapacity(asked, capacity);
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(one), 1);
          reject(signal.reason);
          startWhatFits();
        };
        const one: Waiting = {
          claim,
          start() {
            signal.removeEventListener("abort", giveUp);
            resolve(giveBack(claim));
          },
        };
        signal.addEventListener("abort", giveUp, { once: true });
        waiting.push(one);
        startWhatFits();
      });
    },
  };
}

function withinCapacity(claim: Claim, capacity: Claim): Claim {
  return {
    cpus: Math.min(claim.cpus, capacity.cpus),
    memoryBytes: Math.min(claim.memoryBytes, capacity.memoryBytes),
    gpus: Math.min(claim.gpus, capacity.gpus),
  };
}
