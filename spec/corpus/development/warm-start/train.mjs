import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

const kept = path.join(homedir(), ".cache", "line", "weights.json");

export function train(rows, epochs) {
  let w = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")).w : 0;
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const { x, y } of rows) w -= 0.01 * (w * x - y) * x;
  mkdirSync(path.dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify({ w }));
  return w;
}
