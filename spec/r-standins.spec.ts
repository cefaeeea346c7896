/** mlpipe's own {mlflow} and {carrier}: how R finds them, and what they do without a server. */
import { cpSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { root, runProgram } from "./support/mlpipe.ts";
import { noR, testFolder } from "./support/r-step.ts";
import { commandEnvironment, installPackage, printedBy, runScript } from "./support/stand-ins.ts";

describe.skipIf(noR)("the library", () => {
  test("makes library(), ::, requireNamespace() and packageVersion() work, and says nothing", async () => {
    const ended = await runScript(
      `library(mlflow)
       cat(requireNamespace("carrier", quietly = TRUE), is.function(mlflow::mlflow_log_param), class(carrier::crate(function() 1)), "\\n")
       cat(format(packageVersion("mlflow")), packageDescription("mlflow")$Title, "\\n")
       cat("mlflow" %in% rownames(installed.packages()), inherits(sessionInfo(), "sessionInfo"), "\\n")`,
    );
    expect([ended.stdout, ended.stderr, ended.code]).toEqual([
      "TRUE TRUE crate \n0.0.0.9000 mlpipe's stand-in for {mlflow} \nTRUE TRUE \n",
      "",
      0,
    ]);
  });

  test("is there for an R that R starts", async () => {
    const child = `system2(file.path(R.home("bin"), "Rscript"), c("-e", shQuote("cat(is.function(mlflow::mlflow_run))")))`;
    expect(await printedBy(child)).toBe("TRUE");
  });

  test("exports functions of {mlflow} and nothing of its own", async () => {
    const exported = (await printedBy('cat(getNamespaceExports("mlflow"), sep = "\\n")')).split(
      "\n",
    );
    expect(exported.filter((name) => !/^mlflow_[a-z_]+$/.test(name))).toEqual([""]);
    expect(exported.length).toBeGreaterThan(45);
  });

  test("is made once when four processes want it at the same time", async () => {
    const cache = path.join(testFolder(), "cache");
    const once = (): Promise<string> =>
      printedBy("cat(.libPaths(), sep = '\\n'); library(mlflow)", {
        env: { MLPIPE_R_CACHE: cache },
      });
    const printed = await Promise.all([once(), once(), once(), once()]);
    expect(readdirSync(cache)).toHaveLength(1);
    expect(printed[0]?.split("\n")).toContain(path.join(cache, readdirSync(cache)[0] ?? ""));
    expect(new Set(printed).size).toBe(1);
    const made = statSync(cache).mtimeMs;
    expect(await once()).toBe(printed[0]);
    expect(statSync(cache).mtimeMs).toBe(made);
  });

  test("is another one when its content changes", async () => {
    const folder = testFolder();
    cpSync(path.join(root, "stdlib", "r"), path.join(folder, "r"), { recursive: true });
    const own = path.join(folder, "r", "stand-ins");
    const env = {
      R_PROFILE_USER: path.join(own, "profile.R"),
      MLPIPE_R_CACHE: path.join(folder, "cache"),
    };
    for (const news of ["one", "two", "neo"]) {
      writeFileSync(path.join(own, "mlflow", "new.R"), `mlflow_news <- function() '${news}'\n`);
      expect(await printedBy("cat(mlflow::mlflow_news())", { env })).toBe(news);
    }
    expect(readdirSync(env.MLPIPE_R_CACHE)).toHaveLength(3);
  });

  test("lasts as long as R where no folder keeps it", async () => {
    const code = "cat(startsWith(find.package('mlflow'), tempdir()))";
    expect(await printedBy(code, { env: { MLPIPE_R_CACHE: "" } })).toBe("TRUE");
  });

  test("a folder that cannot be written to is told, and R goes on", async () => {
    const ended = await runScript("cat('on')", {
      env: { MLPIPE_R_CACHE: "/proc/none" },
    });
    expect([ended.code, ended.stdout]).toEqual([0, "on"]);
    expect(ended.stderr).toContain("mlpipe cannot make its stand-ins for {mlflow} and {carrier}: ");
  });

  test("stands behind installed packages", async () => {
    const library = path.join(testFolder(), "lib");
    await installPackage(
      library,
      "mlflow",
      "export(mlflow_id)\n",
      "mlflow_id <- function() 'real'\n",
    );
    const code = "cat(mlflow::mlflow_id(), carrier::crate(function() 'ours')())";
    expect(await printedBy(code, { env: { R_LIBS: library } })).toBe("real ours");
  });
});

describe.skipIf(noR)("the profile", () => {
  const greet = { ".Rprofile": "cat('folder ')\n2 + 2\n", "own.R": "cat('own ')\nmine <- 5\n" };
  const run = (env: Readonly<Record<string, string>>): Promise<string> =>
    printedBy("cat(exists('mine'), is.function(mlflow::mlflow_run))", { files: greet, env });

  test("does first what the replaced profile does, in the global environment", async () => {
    expect(await run({ MLPIPE_R_PROFILE_USER: "own.R" })).toBe("own TRUE TRUE");
  });

  test("where none was named, it does that of the folder, and shows what R would show", async () => {
    const folder = testFolder();
    writeFileSync(path.join(folder, ".Rprofile"), greet[".Rprofile"]);
    writeFileSync(path.join(folder, "a.R"), "cat(is.function(mlflow::mlflow_run))");
    const { MLPIPE_R_PROFILE_USER: _, ...env } = commandEnvironment();
    const ended = await runProgram("Rscript", ["a.R"], { cwd: folder, env });
    expect(ended.stdout).toBe("folder [1] 4\nTRUE");
  });

  test("where none was wanted, it does none", async () => {
    expect(await run({ MLPIPE_R_PROFILE_USER: "" })).toBe("FALSE TRUE");
  });

  test("an error of the user's profile ends R as ever", async () => {
    const ended = await runScript("cat('on')", {
      files: { "own.R": "stop('no profile')\n" },
      env: { MLPIPE_R_PROFILE_USER: "own.R" },
    });
    expect([ended.code, ended.stdout]).toEqual([1, ""]);
    expect(ended.stderr).toContain("no profile");
  });
});

describe.skipIf(noR)("mlflow_param()", () => {
  const code = `library(mlflow)
    show <- function(x) cat(typeof(x), format(x), "")
    show(mlflow_param("cp", 0.01))
    show(mlflow_param("maxdepth", 5L))
    show(mlflow_param("the-name", "none", "string"))`;

  test.each([
    { words: ["--cp=0.05", "--maxdepth", "3", "--the-name=x=y"], says: "0.05 3 x=y" },
    { words: ["-P", "cp=0.05", "maxdepth=3", "the_name=a b"], says: "0.05 3 a b" },
    { words: ["--args", "--cp", "-1e-3", "--the_name="], says: "-0.001 5 " },
    { words: ["cp=0.05"], says: "0.01 5 none" },
    { words: [], says: "0.01 5 none" },
  ])("reads $words", async ({ words, says }) => {
    const [cp, maxdepth, ...name] = says.split(" ");
    expect(await printedBy(code, { args: words })).toBe(
      `double ${String(cp)} integer ${String(maxdepth)} character ${name.join(" ")} `,
    );
  });

  test("the runner's values win, and texts stay as they are", async () => {
    const env = { MLPIPE_PARAMS: '{"cp":"1e-2","maxdepth":"7.0","the-name":"007 é"}' };
    expect(await printedBy(code, { args: ["--cp=5"], env })).toBe(
      "double 0.01 integer 7 character 007 é ",
    );
  });

  test.each([
    ['mlflow_param("n", 1)', "abc", 'the param `n` is "abc", which is not a number'],
    ['mlflow_param("n", 1L)', "3.7", 'the param `n` is "3.7", which is not a whole number'],
    ['mlflow_param("n", 1, "date")', "1", '`type` must be "numeric", "integer" or "string"'],
    ['mlflow_param("n")', "1", "At least one of `default` or `type` must be specified"],
  ])("%s with --n=%s fails: %s", async (call, value, message) => {
    const ended = await runScript(`library(mlflow)\n${call}`, { args: [`--n=${value}`] });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toBe(`Error: ${message}\nExecution halted\n`);
  });

  test("a name without its value is told", async () => {
    const ended = await runScript('mlflow::mlflow_param("cp", 1)', { args: ["--cp", "--other=1"] });
    expect(ended.stderr).toContain("`--cp` on the command line has no value: write --cp=VALUE");
  });

  test("reads back every pair that was written, in any form and order", async () => {
    const name = fc.stringMatching(/^[a-z][a-z_.0-9]{0,8}$/);
    const value = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
      .filter((text) => !text.startsWith("-") && !text.includes("\0"));
    const pairs = fc.uniqueArray(fc.tuple(name, value, fc.constantFrom("=", " ", "P")), {
      selector: ([key]) => key,
      maxLength: 6,
    });
    const cases = fc.sample(pairs, { numRuns: 150, seed: 2026 });
    const words = cases.map((list) =>
      list.flatMap(([key, text, form]) =>
        form === "P"
          ? ["-P", `${key}=${text}`]
          : form === "="
            ? [`--${key}=${text}`]
            : [`--${key}`, text],
      ),
    );
    const printed = await printedBy(
      `cases <- mlflow:::read_json("cases.json", simplify = FALSE)
       for (case in cases) {
         found <- mlflow:::command_line_params(as.character(unlist(case)))
         cat(if (length(found)) mlflow:::json_object(names(found), mlflow:::json_string(unlist(found))) else "{}", "\\n")
       }`,
      { files: { "cases.json": JSON.stringify(words) } },
    );
    const found = printed
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(found).toEqual(
      cases.map((list) => Object.fromEntries(list.map(([key, text]) => [key, text]))),
    );
  });
});

describe.skipIf(noR)("carrier::crate()", () => {
  test("takes functions and formulas, carries values, replaces !! and shows itself", async () => {
    expect(
      await printedBy(
        `m <- 2
         f <- carrier::crate(function(x) x * m, m = m)
         g <- carrier::crate(~ .x + !!m)
         rm(m)
         cat(f(3), g(1), class(f), "\\n")
         print(f)`,
      ),
    ).toBe("6 3 crate \n<crate>\n* m: numeric\nfunction (x) \nx * m\n<environment: base>\n");
  });
});

describe.skipIf(noR)("without a server", () => {
  const log = 'mlflow::mlflow_log_metric("a", 1)';
  test.each([
    ["", "reaches http:// servers only, not `file://"],
    ["https://u:secret@host", "a tracking URI holds no password"],
    [
      "https://host",
      "reaches http:// servers only, not `https://host`: run the script with `mlpipe run`",
    ],
    ["databricks", "reaches http:// servers only, not `databricks`"],
    ["http://127.0.0.1:1", "no tracking server answers at http://127.0.0.1:1; is it running?"],
  ])("MLFLOW_TRACKING_URI=%s fails: %s", async (uri, message) => {
    const ended = await runScript(log, { env: { MLFLOW_TRACKING_URI: uri } });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain("secret");
  });

  test("a model is saved and loaded in a folder, and predicts", async () => {
    expect(
      await printedBy(
        `library(mlflow)
         m <- lm(dist ~ speed, cars)
         mlflow_save_model(carrier::crate(function(x, k = 1) stats::predict(m, x) * k, m = m), "saved")
         cat(readLines("saved/MLmodel"), sep = "\\n")
         f <- mlflow_load_model("saved")
         cat(f(cars[1, ]) == predict(m, cars[1, ]), mlflow_predict(f, cars[1, ], k = 0))`,
      ),
    ).toBe('flavors:\n  crate:\n    version: "0.1.0"\n    model: "crate.bin"\nTRUE 0');
  });

  test("what is no crate is not saved, and what has no crate is not loaded", async () => {
    const saved = await runScript('mlflow::mlflow_save_model(lm(dist ~ speed, cars), "m")');
    expect(saved.stderr).toContain("a model of class `lm` cannot be saved as it is: wrap");
    const files = {
      "m/MLmodel": "flavors:\n  python_function:\n    env: x\n  sklearn:\n    a: b\n",
    };
    const loaded = await runScript('mlflow::mlflow_load_model("m")', { files });
    expect(loaded.stderr).toContain("of the flavor crate only; `m` has python_function, sklearn");
  });
});

describe.skipIf(noR)("mlflow_run()", () => {
  const recorder = `#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done
echo "=== Run (ID 'abc123') succeeded ===" >&2
exit \${STATUS:-0}
`;
  const run = (code: string, env: Readonly<Record<string, string>> = {}) => {
    const folder = testFolder();
    writeFileSync(path.join(folder, "mlflow command"), recorder, { mode: 0o755 });
    return runScript(`library(mlflow)\n${code}`, {
      folder,
      env: { MLFLOW_BIN: path.join(folder, "mlflow command"), ...env },
    });
  };

  test("hands every word on as it is, and answers the run's id", async () => {
    const ended = await run(
      `cat(mlflow_run("https://host/it", version = "main", parameters = list(cp = 0.02, big = 1e6, s = "a'b $HOME; x"),
         experiment_id = 379125727118406, backend = "databricks", backend_config = "cluster-spec.json"), "\\n")`,
    );
    expect(ended.stdout.split("\n")).toEqual(
      [
        ["run", "https://host/it", "--version", "main", "--experiment-id", "379125727118406"],
        ["--backend", "databricks", "--backend-config", "cluster-spec.json"],
        [
          "--param-list",
          "cp=0.02",
          "--param-list",
          "big=1000000",
          "--param-list",
          "s=a'b $HOME; x",
        ],
        ["abc123 ", ""],
      ].flat(),
    );
    expect(ended.stderr).toBe("=== Run (ID 'abc123') succeeded ===\n");
  });

  test("no_conda is the environment manager `local`", async () => {
    const ended = await run('mlflow_run(".", no_conda = TRUE)');
    expect(ended.stdout).toBe("run\n.\n--env-manager\nlocal\n");
  });

  test("the command finds the tracking URI that the script has set", async () => {
    const folder = testFolder();
    const command = path.join(folder, "mlflow");
    const say = `#!/bin/sh\nprintf '%s\\n' "$MLFLOW_TRACKING_URI"\necho "Run (ID 'a')" >&2\n`;
    writeFileSync(command, say, { mode: 0o755 });
    const code =
      'library(mlflow)\nid <- mlflow_run()\nmlflow_set_tracking_uri("it\'s")\nid <- mlflow_run()';
    const env = { MLFLOW_BIN: command, MLFLOW_TRACKING_URI: "http://host" };
    expect(await printedBy(code, { folder, env })).toBe("http://host\nit's\n");
  });

  test("a status other than 0 is an error", async () => {
    const ended = await run('mlflow_run(".")', { STATUS: "3" });
    expect(ended.stderr).toContain("Error: mlflow run ended with status 3\n");
  });

  test("a missing command is told", async () => {
    const ended = await runScript('Sys.setenv(PATH = ""); mlflow::mlflow_run(".")');
    expect(ended.stderr).toContain("put it on PATH or name it in MLFLOW_BIN");
  });
});
