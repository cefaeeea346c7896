import { parentPort, workerData } from "node:worker_threads";

let sum = 0;
for (let i = workerData; i < 300_000; i += 3) sum += Math.exp(-i / 1e4);
parentPort.postMessage(sum);
