import { parentPort, workerData } from "node:worker_threads";

for (let round = 0; round < 4; round++) {
  let x = workerData + round;
  for (let i = 0; i < 40_000; i++) x = Math.sin(x) * 3;
  parentPort.postMessage(x);
}
