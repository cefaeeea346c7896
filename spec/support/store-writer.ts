/** A process that writes to the store and says so: prints `run ID`, then one line for every acknowledged point. */
import { openTracking } from "../../src/tracking/open.ts";

const [folder = ".", key = "m", until = "Infinity"] = process.argv.slice(2);
const tracking = await openTracking(undefined, { folder });
const { run } = await tracking.call("runs/create", { experiment_id: "0", start_time: 1 });
process.stdout.write(`run ${run.info.run_id}\n`);
for (let step = 0; step < Number(until); step += 1) {
  await tracking.call("runs/log-batch", {
    run_id: run.info.run_id,
    metrics: [{ key, value: step / 7, timestamp: step, step }],
    tags: [{ key: "last", value: String(step) }],
  });
  process.stdout.write(`${step}\n`);
}
await tracking.close();
