/** Diagnoses of runs in R and Node: the cause and the line are found, several in one run too, and what is fine stays silent. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readParams } from "../src/cli/entry.ts";
import { requireProgram } from "../src/cli/open.ts";
import { lower } from "../src/plan/lower.ts";
import type { RunPlan } from "../src/plan/plan.ts";
import { type DiagnoseRequest, diagnose } from "../src/repro/diagnose/diagnose.ts";
import type { Diagnosis } from "../src/repro/diagnose/diagnosis.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-diagnose-"));
  mkdirSync(path.join(root, "home"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
async function diagnosisOf(
  text: string,
  env: NodeJS.ProcessEnv = {},
  more: Partial<DiagnoseRequest> = {},
): Promise<Diagnosis> {
  const project = path.join(root, `project-${made++}`);
  mkdirSync(project);
  writeFileSync(path.join(project, "p.mlpipe"), `mlpipe 1\n\n${text}`);
  const { program } = requireProgram(path.join(project, "p.mlpipe"));
  const plan = lower(program, "main", {
    params: readParams(program, "main", []),
    adopt: false,
  }) as RunPlan;
  const diagnosis = await diagnose({
    plan,
    project,
    env: { ...process.env, HOME: path.join(root, "home"), ...env },
    signal: new AbortController().signal,
    scratch: path.join(root, "scratch"),
    budgetMs: 90_000,
    jobs: 2,
    ...more,
  });
  expect(readdirSync(project)).toEqual(["p.mlpipe"]);
  return diagnosis;
}

function told({ findings }: Diagnosis): readonly string[] {
  return findings.map(({ cause, place, what }) => `${cause} ${place?.line} ${what}`).toSorted();
}

test("an unseeded draw and a moment in a report are two causes, each with its line", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric level
  artifact report: text
  \`\`\`r
  rows <- sample(nrow(cars), 20)
  level <- mean(cars$dist[rows])
  report <- c(
    "a report",
    format(Sys.time(), "%H:%M:%OS6")
  )
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["clock 11 Sys.time()", "unseeded-rng 7 sample()"]);
  expect(diagnosis.verdict).toBe("explained");
  expect(diagnosis.findings.every(({ confidence }) => confidence === "high")).toBe(true);
});

test("a seed that a helper takes from the clock is told where it is set", async () => {
  const diagnosis = await diagnosisOf(`run main {
  seed 7
  metric level
  \`\`\`r
  noise <- function(n) {
    set.seed(as.numeric(Sys.time()))
    rnorm(n)
  }
  level <- mean(noise(10))
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["overridden-seed 8 set.seed()"]);
});

test("draws of forked processes are told apart from those of the main one", async () => {
  const diagnosis = await diagnosisOf(`run main {
  seed 7
  metric level
  \`\`\`r
  library(parallel)
  draws <- unlist(mclapply(1:4, function(i) rnorm(1), mc.cores = 2))
  level <- mean(draws)
  \`\`\`
}
`);
  expect(diagnosis.findings.map(({ cause, place }) => [cause, place?.line])).toEqual([
    ["parallel-rng", 8],
  ]);
});

test("the time zone, the locale and a variable are found in one step of Node", async () => {
  const diagnosis = await diagnosisOf(
    `run main {
  metric hour
  metric first
  metric size
  \`\`\`js
  const hour = new Date("2024-03-05T23:30:00Z").getHours();
  const words = ["zebra", "tiger", "Ähre"].toSorted((a, b) => a.localeCompare(b));
  const first = words.indexOf("zebra");
  const size = Number(process.env.BATCH ?? 4);
  \`\`\`
}
`,
    { BATCH: "8" },
  );
  expect(
    diagnosis.findings.map(({ cause, place }) => `${cause} ${place?.line}`).toSorted(),
  ).toEqual(["environment 11", "locale 9", "timezone 8"]);
  expect(diagnosis.findings.find(({ cause }) => cause === "environment")?.what).toBe("BATCH");
});

test("of two steps the one is named that differs, not the one that is given what differs", async () => {
  const diagnosis = await diagnosisOf(`run main {
  step draw {
    artifact rows: json
    \`\`\`js
    const rows = [Math.random(), 2];
    \`\`\`
  }
  step add {
    input rows from draw
    metric sum
    \`\`\`js
    const sum = rows[0] + rows[1];
    \`\`\`
  }
}
`);
  expect(diagnosis.findings.map(({ step, cause, place }) => [step, cause, place?.line])).toEqual([
    ["draw", "unseeded-rng", 7],
  ]);
});

test("a file of the home folder is told as the user has it, and steps come one after another as they do in a run", async () => {
  const home = path.join(root, "with-threshold");
  mkdirSync(home);
  writeFileSync(path.join(home, "threshold.txt"), "12");
  const diagnosis = await diagnosisOf(
    `run main {
  step prepare {
    metric rows
    \`\`\`r
    Sys.sleep(0.5)
    writeLines("3", "rows.txt")
    rows <- 3
    \`\`\`
  }
  step count {
    metric level
    \`\`\`r
    rows  <- as.numeric(readLines("rows.txt"))
    above <- suppressWarnings(tryCatch(as.numeric(readLines("~/threshold.txt")), error = function(e) 0))
    level <- rows + above
    \`\`\`
  }
}
`,
    { HOME: home },
  );
  expect(diagnosis.failure).toBeUndefined();
  expect(told(diagnosis)).toEqual(["undeclared-file 16 ~/threshold.txt"]);
});

test("what ends first is told with the line that keeps it", async () => {
  const diagnosis = await diagnosisOf(`run main {
  artifact order: json
  \`\`\`js
  import { execFile } from "node:child_process";
  import { promisify } from "node:util";
  const order = [];
  await Promise.all([1, 2, 3, 4].map(async (i) => {
    await promisify(execFile)("true");
    order.push(i);
  }));
  \`\`\`
}
`);
  expect(diagnosis.findings.map(({ cause, place }) => [cause, place?.line])).toEqual([
    ["scheduling", 11],
  ]);
});

test("a clock, a host and a pid that are only printed, and draws after a seed, are no causes", async () => {
  const diagnosis = await diagnosisOf(`run main {
  seed 4
  metric level
  \`\`\`r
  message(Sys.time(), " on ", Sys.info()[["nodename"]], " as ", Sys.getpid(), " in ", getwd())
  kept <- tempfile()
  saveRDS(sample(10), kept)
  level <- mean(readRDS(kept)[1:3])
  \`\`\`
}
`);
  expect(diagnosis).toMatchObject({ verdict: "same", findings: [], unexplained: [] });
  expect(diagnosis.repeats).toBeGreaterThanOrEqual(29);
});

test("a run that fails as it stands is not looked at any further", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric level
  \`\`\`js
  const level = nobody;
  \`\`\`
}
`);
  expect(diagnosis).toMatchObject({ failure: { place: "p.mlpipe:6:17" }, findings: [] });
  expect(diagnosis.verdict).toBe("unexplained");
  expect(diagnosis.executions).toBeLessThan(4);
});

test("where there is no compiler and no namespace, what could not be changed is told, and the rest is found", async () => {
  const only = path.join(root, "bin");
  mkdirSync(only);
  const text = `run main {
  metric hour
  \`\`\`js
  const hour = new Date("2024-03-05T23:30:00Z").getHours();
  \`\`\`
}
`;
  const bare = { PATH: only, XDG_CACHE_HOME: path.join(root, "bare") };
  const diagnosis = await diagnosisOf(text, bare);
  expect(diagnosis.failure).toBeUndefined();
  expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(["timezone"]);
  expect(new Set(diagnosis.notChecked.map(({ why }) => why))).toContain(
    "there is no C compiler (`cc`)",
  );
});

test("a file beside the project's folder, which no copy of the project has, is told as what the run lacks", async () => {
  writeFileSync(path.join(root, "shared.json"), "[3]");
  const diagnosis = await diagnosisOf(`run main {
  metric level
  \`\`\`js
  import { readFileSync } from "node:fs";
  const level = JSON.parse(readFileSync("../shared.json", "utf8"))[0];
  \`\`\`
}
`);
  expect(diagnosis.findings.map(({ cause, place, what }) => [cause, place?.line, what])).toEqual([
    ["undeclared-file", 7, "../shared.json"],
  ]);
});

test.each([
  { is: "beside the project, where no copy has it", file: "../team.rds", made: true, told: true },
  { is: "nowhere, of a run that was recorded", file: "../gone.rds", recorded: true, told: true },
  { is: "nowhere, of a run that was not", file: "../gone.rds", told: false },
])(
  "what the code looks for is a guess, or nothing: $is",
  async ({ file, made = false, recorded = false, told }) => {
    if (made) writeFileSync(path.join(root, path.basename(file)), "");
    const text = `run main {
  metric level
  \`\`\`r
  cache <- "${file}"
  level <- if (file.exists(cache)) 2 else 1
  \`\`\`
}
`;
    const { findings } = await diagnosisOf(text, {}, recorded ? { recordedIn: [root] } : {});
    expect(findings.map(({ place, what, confidence }) => [place?.line, what, confidence])).toEqual(
      told ? [[7, file, "guess"]] : [],
    );
  },
);

test("a draw that shows now and then is one of chance, wherever the project lies", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric level
  \`\`\`js
  let level = 0;
  for (let round = 0; round < 8; round++) {
    if (Math.random() < 0.03) continue;
    level += round;
  }
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["unseeded-rng 8 Math.random()"]);
});

test("what keeps one processor free depends on their number, though one and two are the same to it", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric level
  \`\`\`r
  workers <- max(1, parallel::detectCores() - 1)
  parts   <- split(cars$dist, rep_len(seq_len(min(workers, 16)), nrow(cars)))
  level   <- median(vapply(parts, max, 0))
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["cpu-count 6 detectCores()"]);
});

test("objects that are told apart by their addresses come in an order that nothing promises", async () => {
  const diagnosis = await diagnosisOf(`run main {
  artifact ranked: json
  \`\`\`r
  members <- lapply(1:40, function(i) list2env(list(id = i)))
  names(members) <- vapply(members, format, "")
  ranked <- lapply(members[order(names(members))], function(one) one$id)
  names(ranked) <- NULL
  \`\`\`
}
`);
  expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(["memory-order"]);
});

test("files that are read at once, and kept as they come, are a race though nothing starts a thread", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric level
  \`\`\`js
  import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
  mkdirSync("feeds", { recursive: true });
  const names = ["a", "b", "c"].map((name) => \`feeds/\${name}\`);
  for (const [at, name] of names.entries())
    writeFileSync(name, String(at + 1).repeat(60_000));
  let level = 0;
  const consume = async (name) => {
    for await (const part of createReadStream(name, { highWaterMark: 64 }))
      level = 0.9 * level + Number(part[0]);
  };
  await Promise.all(names.map(consume));
  \`\`\`
}
`);
  expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(["scheduling"]);
});

test("the line of a call is that of the generic, though its method is what was seen", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric effect
  \`\`\`r
  calendar <- function(day) {
    data.frame(
      n    = seq_along(day),
      name = weekdays(day)
    )
  }
  rows   <- calendar(as.Date("2026-01-05") + 0:6)
  effect <- rows$n[order(rows$name, method = "radix")][1]
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["locale 9 weekdays.Date()"]);
});

test("a merge that sorts by the language of the machine is where the difference begins", async () => {
  const diagnosis = await diagnosisOf(`run main {
  metric first
  \`\`\`r
  left   <- data.frame(key = c("alpha", "Astra", "beta", "Bravo"), a = 1:4)
  right  <- data.frame(key = c("Bravo", "beta", "Astra", "alpha"), b = 1:4)
  joined <- merge(left, right, by = "key")
  joined <- joined[!duplicated(substr(tolower(joined$key), 1, 1)), ]
  first  <- joined$b[1]
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["locale 8 undefined"]);
});

test("what reads the lines of processes that race is not where they race", async () => {
  const diagnosis = await diagnosisOf(`run main {
  artifact log: text
  \`\`\`r
  file <- tempfile()
  fold <- function(k) cat(k, "\\n", file = file, append = TRUE)
  done <- parallel::mclapply(1:12, fold, mc.cores = 4, mc.preschedule = FALSE)
  log  <- readLines(file)
  \`\`\`
}
`);
  expect(told(diagnosis)).toEqual(["scheduling 8 undefined"]);
});

test("workers of a cluster that nobody seeds are told as such, though its port comes from the clock", async () => {
  const diagnosis = await diagnosisOf(`run main {
  seed 9
  metric spread
  \`\`\`r
  library(parallel)
  boot    <- function(i, rain) median(sample(rain, length(rain), replace = TRUE))
  cluster <- makeCluster(2)
  medians <- parSapply(cluster, 1:12, boot, rain = precip)
  stopCluster(cluster)
  spread  <- sd(medians)
  \`\`\`
}
`);
  expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(["parallel-rng"]);
});

test("an execution that waits for ever for what was changed is ended, and said not to have told anything", async () => {
  const diagnosis = await diagnosisOf(
    `run main {
  metric level
  \`\`\`js
  if (process.env.TZ !== "UTC") await new Promise((go) => setTimeout(go, 3_600_000))
  const level = 1
  \`\`\`
}
`,
    { TZ: "UTC" },
    // It is used up by the first of them: nothing else has been tried.
    { budgetMs: 15_000 },
  );
  expect([diagnosis.findings, diagnosis.harmless]).toEqual([[], []]);
  expect(diagnosis.notChecked.map(({ what, why }) => `${what}: ${why}`)).toContainEqual(
    expect.stringMatching(
      /^what \d+ executions? would have given: ended after far longer than the others took$/,
    ),
  );
});
