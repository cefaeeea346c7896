/** The last step of the build: of the declarations in `dist` those are kept that the package's entries lead to. */
import { globSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "dist");
const kept = new Set<string>();

function keep(file: string): void {
  if (kept.has(file)) return;
  kept.add(file);
  const imports = /(?:from |import\()"(\.[^"]+)\.[jt]s"/g;
  for (const [, target = ""] of readFileSync(file, "utf8").matchAll(imports))
    keep(path.join(path.dirname(file), `${target}.d.ts`));
}

for (const entry of ["index", "reproduce", "vitest"]) keep(path.join(root, `${entry}.d.ts`));
for (const name of globSync("**/*.d.ts", { cwd: root }))
  if (!kept.has(path.join(root, name))) rmSync(path.join(root, name));
