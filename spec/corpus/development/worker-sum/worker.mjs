import { parentPort, workerData } from "node:worker_threads";

let loss = workerData;
for (let i = 0; i < 100_000; i++) loss = Math.abs(Math.sin(loss * 12.9898)) * 1.7;
parentPort.postMessage(loss * 10 ** (workerData % 5));
