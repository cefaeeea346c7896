/** Keeps one execution after the other in the cache of a folder until it is killed; each is 100 kB, and says of itself which it is. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Entry } from "../../src/run/cache/entry.ts";
import { digestOf } from "../../src/run/cache/digest.ts";
import { keepFile } from "../../src/run/cache/objects.ts";
import { saveEntry } from "../../src/run/cache/store.ts";

const [root = "", own = ""] = process.argv.slice(2);
mkdirSync(root, { recursive: true });
process.stdout.write("ready\n");
for (let time = 0; ; time++) {
  const name = `${own}-${time}`;
  const file = path.join(root, `${own}.txt`);
  writeFileSync(file, `${name}\n`.repeat(100_000 / (name.length + 1)));
  const entry: Entry = {
    edition: 3,
    file: "it.mlpipe",
    run: "it",
    step: name,
    runId: name,
    madeAt: 0,
    milliseconds: 0,
    components: [],
    found: [],
    watch: { packages: [], libraries: [], files: [], made: [], outputs: [] },
    result: { events: [], warnings: [], line: 0 },
    log: undefined,
    sides: [],
    files: [{ path: "text.txt", ...(await keepFile(root, file)) }],
  };
  saveEntry(root, digestOf(name), entry);
}
