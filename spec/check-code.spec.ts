/** The rules about code in fences: what they find, and the sensible code about which they are silent. */
import { describe, expect, it } from "vitest";
import { substituteFor } from "../src/check/code/reserved.ts";
import { mend } from "../src/source/apply.ts";
import { checkText } from "./support/check.ts";
import { messageOf, said } from "./support/findings.ts";

function run(items: string, code: string, language = "r"): string {
  return `mlpipe 1\n\nrun learn {\n${items}\n\`\`\`${language}\n${code}\n\`\`\`\n}\n`;
}

/** Findings about a run with a metric `accuracy` and this code. */
function metric(code: string, language = "r"): readonly string[] {
  return said(run("metric accuracy", code, language));
}

/** Findings about a run with a param `cp`. */
function param(code: string, language = "r", items = ""): readonly string[] {
  return said(run(`param cp: float = 0.1\nmetric m\n${items}`, code, language));
}

describe("a declared output", () => {
  it.each([
    ["r", "accuracy <- 1"],
    ["r", "1 -> accuracy"],
    ["r", "accuracy = 1"],
    ["r", "f <- function() accuracy <<- 1\nf()"],
    ["r", "if (TRUE) {\n  accuracy <- 1\n} else {\n  accuracy <- 2\n}"],
    ["r", "with(iris, { accuracy = mean(Petal.Width) })"],
    ["r", "assign('accuracy', 1)"],
    ["r", "for (key in c('accuracy')) assign(key, 1)"],
    ["r", "list2env(list(accuracy = 1), environment())"],
    ["r", "log_metric('accuracy', 1)"],
    ["r", "for (key in names(x)) log_metric(key, x[[key]])"],
    ["r", "mlflow::mlflow_log_metric('accuracy', 1)"],
    ["r", "source('helpers.R')"],
    ["r", "load('fit.RData')"],
    ["r", "eval(parse(text = code))"],
    ["r", "attach(results)"],
    ["r", "c(accuracy, recall) %<-% f()"],
    ["r", "accuracy <- numeric()\naccuracy[1] <- 2"],
    ["js", "const accuracy = 1"],
    ["js", "let accuracy\nif (true) accuracy = 1"],
    ["js", "export const accuracy = await f()"],
    ["js", "const { accuracy } = evaluate()"],
    ["js", "const { overall: accuracy } = evaluate()"],
    ["js", "const [accuracy] = [1]"],
    ["js", "globalThis.accuracy = 1"],
    ["js", "log.metric('accuracy', 1)"],
    ["js", "for (const [key, value] of Object.entries(x)) log.metric(key, value)"],
    ["js", "import { accuracy } from './metrics.js'"],
    ["ts", "const accuracy: number = 1"],
  ])("is given in %s by `%s`", (language, code) => expect(metric(code, language)).toEqual([]));

  it.each([
    ["r", "acc <- 1"],
    ["r", "f(accuracy = 1)"],
    ["r", "list(accuracy = 1)"],
    ["r", "print(accuracy)"],
    ["r", "# accuracy <- 1"],
    ["r", "accuracy == 1"],
    ["r", "score <- function(accuracy = 1) accuracy"],
    ["js", "const acc = 1"],
    ["js", "const result = { accuracy: 1 }"],
    ["js", "result.accuracy = 1"],
    ["js", "const f = (accuracy) => accuracy"],
    ["js", "// const accuracy = 1"],
  ])("is not given in %s by `%s`: E0702", (language, code) =>
    expect(metric(code, language)).toEqual(["E0702 accuracy"]),
  );

  it("that was misspelt is mended to the name that the code assigns", () => {
    const text = run("metric acuracy maximize", "accuracy <- 1");
    expect(messageOf(text)).toMatch(
      /^the code of `learn` never assigns the metric `acuracy`; did you mean `accuracy`\?; /u,
    );
    expect([...mend(checkText(text)).texts.values()]).toEqual([
      text.replace("acuracy", "accuracy"),
    ]);
  });

  it("is not mended to what is declared already", () => {
    const text = run("metric recall\nmetric recal", "recall <- 1");
    expect(checkText(text).map(({ edits }) => edits)).toEqual([[]]);
  });

  it("that is stored may be a file at its path instead", () => {
    const stored = (code: string) =>
      said(run('artifact plot: png at "plots/fit.png"\nmodel fit: file at "model.rds"', code));
    expect(stored("png('plots/fit.png'); plot(1); dev.off()\nsaveRDS(1, 'model.rds')")).toEqual([]);
    expect(stored("ggsave(file.path('plots', 'fit.png'))\nfit <- 1")).toEqual([]);
    expect(stored("plot <- 1\nfit <- 2")).toEqual([]);
    expect(stored("plot(1)")).toEqual(["E0702 plot", "E0702 fit"]);
    expect(said(run("artifact rows: csv", "write.csv(iris, 'rows.csv')"))).toEqual([]);
  });

  it("by a standard call or with a key that is no name has no variable", () => {
    const text = `mlpipe 1

import accuracy from "std/metrics"

run learn {
  metric score = accuracy(truth, guess)
  metric "val loss"

  \`\`\`r
  truth <- guess <- 1
  log_metric("val loss", 2)
  \`\`\`
}
`;
    expect(said(text)).toEqual([]);
  });

  it("of the run may be given by any of its steps", () => {
    const text = (second: string) => `mlpipe 1

run learn {
  metric error

  step first {
    \`\`\`r
    x <- 1
    \`\`\`
  }
  step second {
    \`\`\`js
    ${second}
    \`\`\`
  }
}
`;
    expect(said(text("const error = 1"))).toEqual([]);
    expect(said(text("const y = 1"))).toEqual(["E0702 error"]);
  });

  it("of a step is given by that step", () => {
    const text = `mlpipe 1

run learn {
  step first {
    metric error
    \`\`\`r
    x <- 1
    \`\`\`
  }
  step second {
    metric loss
    \`\`\`r
    error <- loss <- 1
    \`\`\`
  }
}
`;
    expect(said(text)).toEqual(["E0702 error"]);
  });

  it("of a script is not looked for", () => {
    const text =
      'mlpipe 1\n\nrun learn {\n  param cp: float = 1\n  metric error\n  script "a.R"\n}\n';
    expect(said(text, { "a.R": "1" })).toEqual([]);
  });
});

describe("a param", () => {
  it.each([
    ["r", "m <- rpart(y, cp = cp)"],
    ["r", "m <- params$cp"],
    ["r", "m <- params[['cp']]"],
    ["r", "m <- do.call(f, params)"],
    ["r", "m <- get('cp')"],
    ["r", "m <- mlflow_param('cp')"],
    ["r", "m <- glue('{cp}')"],
    ["r", "m <- eval(quote(cp))"],
    ["r", "f <- function(x = cp) x\nm <- f()"],
    ["r", "m <- within(d, { y <- cp })"],
    ["js", "const m = f({ cp })"],
    ["js", "const m = f({ a: cp })"],
    ["js", "const m = `${cp}`.length"],
    ["js", "const m = params.cp"],
    ["js", "const { cp: m } = params"],
    ["js", "const m = Object.keys(params).length"],
    ["js", "const m = globalThis.cp"],
    ["js", "const m = true ? cp : 0"],
  ])("is used in %s by `%s`", (language, code) => expect(param(code, language)).toEqual([]));

  it.each([
    ["r", "m <- rpart(y, cp = 0.1)"],
    ["r", "m <- fit$cp"],
    ["r", "cp <- 3\nm <- 1"],
    ["r", "m <- 1 # cp"],
    ["r", "m <- sapply(x, function(cp) 1)"],
    ["r", "m <- 'cpu'"],
    ["js", "const m = f({ cp: 0.1 })"],
    ["js", "const m = fit.cp"],
    ["js", "const m = 1 // cp"],
  ])("is not used in %s by `%s`: E0701", (language, code) =>
    expect(param(code, language)).toEqual(["E0701 cp"]),
  );

  it("is used by a text, a requirement, an environment variable or an expectation", () => {
    const uses = [
      'tag note = "cp ${cp}"',
      "require cp < 1",
      'env { CP = "${cp}" }',
      'name "tree ${cp}"',
      "expect m < cp",
    ];
    expect(uses.flatMap((items) => param("m <- 1", "r", items))).toEqual([]);
  });

  it("of a file is used where one of its runs uses it", () => {
    const text = (first: string, second: string) =>
      `mlpipe 1\n\nparam cp: float = 0.1\n\n${[first, second]
        .map((code, index) => `run r${index} {\n  metric m\n\`\`\`r\nm <- ${code}\n\`\`\`\n}\n`)
        .join("\n")}`;
    expect(said(text("cp", "1"))).toEqual([]);
    expect(said(text("1", "cp"))).toEqual([]);
    expect(said(text("1", "2"))).toEqual(["E0701 cp"]);
    expect(said("mlpipe 1\n\nparam cp: float = 0.1\n")).toEqual([]);
  });

  it("is used by a template that gets it", () => {
    const text = (code: string) => `mlpipe 1

step fit {
  param strength: float
  metric m
  \`\`\`r
  m <- ${code}
  \`\`\`
}

run learn {
  param cp: float = 0.1
  step tree = fit { strength = cp }
}
`;
    expect(said(text("strength"))).toEqual([]);
    expect(said(text("1"))).toEqual(["E0701 strength"]);
  });
});

describe("an input", () => {
  const text = (code: string, more = "") => `mlpipe 1

run learn {
  step split {
    artifact rows: csv
    \`\`\`r
    rows <- iris
    \`\`\`
  }
  step fit {
    input rows from split
    metric m
    ${more}
    \`\`\`r
    m <- ${code}
    \`\`\`
  }
}
`;

  it("is used by the code, or as the rows of a probe", () => {
    expect(said(text("nrow(rows)"))).toEqual([]);
    expect(said(text("nrow(get('rows'))"))).toEqual([]);
    expect(said(text("1\n    tree <- 2", "model tree { probe rows }"))).toEqual([]);
  });

  it("that nothing uses is E0703", () => {
    expect(said(text("1"))).toEqual(["E0703 rows"]);
    expect(said(text("f(rows = 1)"))).toEqual(["E0703 rows"]);
    expect(said(text("data$rows"))).toEqual(["E0703 rows"]);
  });
});

describe("a name that is no variable", () => {
  it("is E0204 in the language of the step, with another name", () => {
    expect(messageOf(run("param class: string = 'a'".replaceAll("'", '"'), "1", "js"))).toBe(
      "`class` cannot be a variable in JavaScript; write `param kind`",
    );
    const inR = run("param TRUE: int = 1", "1");
    expect(said(inR)).toEqual(["E0204 TRUE"]);
    expect(said(run('param class: string = "a"\nmetric m', "m <- nchar(class)"))).toEqual([]);
    expect(said(run("metric function", "1"))[0]).toBe("E0204 function");
  });

  it("as an input is given another one with `as`", () => {
    const text = (input: string, code: string) =>
      run(`input ${input} from "a.csv": csv\nmetric m`, code, "js");
    const files = { "a.csv": "a\n1\n" };
    expect(said(text("class", "const m = 1"), files)).toEqual(["E0204 class"]);
    expect(said(text("class as kind", "const m = kind.length"), files)).toEqual([]);
  });

  it("is looked for among the words of each language only", () => {
    const names = "class function new default repeat TRUE _x await let T c print".split(" ");
    const refused = (language: "r" | "js" | "ts") =>
      names.filter((name) => substituteFor(name, language) !== undefined).join(" ");
    expect(refused("r")).toBe("function repeat TRUE _x");
    expect(refused("js")).toBe("class function new default await let");
    expect(refused("ts")).toBe(refused("js"));
  });

  it("has a substitute that will do", () => {
    for (const language of ["r", "js"] as const)
      for (const name of "class function in if TRUE _x __ NA_real_ await".split(" ")) {
        const substitute = substituteFor(name, language) ?? name;
        expect(substituteFor(substitute, language)).toBeUndefined();
      }
  });
});

describe("a run that is to be reproducible", () => {
  const contracted = (code: string, more = "", language = "r") =>
    said(run(`metric m\nreproducible exact\n${more}`, code, language));

  it.each([
    ["r", "m <- mean(sample(10))"],
    ["r", "m <- mean(stats::rnorm(10))"],
    ["r", "m <- kmeans(x, 3)$tot"],
    ["js", "const m = Math.random()"],
    ["js", "import { randomInt } from 'node:crypto'\nconst m = randomInt(6)"],
    ["js", "const m = globalThis.crypto.randomUUID().length"],
  ])("needs a seed where its %s code says `%s`: E0604", (language, code) => {
    expect(contracted(code, "", language)).toEqual(["E0604 reproducible exact"]);
    expect(contracted(code, "seed 1", language)).toEqual([]);
  });

  it.each([
    ["r", "set.seed(1)\nm <- mean(sample(10))"],
    ["r", "sample <- 3\nm <- sample"],
    ["r", "m <- data$sample(10)"],
    ["r", "sample <- function(n) n\nm <- sample(3)"],
    ["r", "m <- 1 # sample(10)"],
    ["r", "m <- nchar('rnorm(3)')"],
    ["r", "m <- mean(c(sample = 3))"],
    ["js", "const random = 1; const m = Math.round(random)"],
    ["js", "const m = generator.random()"],
  ])("needs none where its %s code says `%s`", (language, code) =>
    expect(contracted(code, "", language)).toEqual([]),
  );

  it("needs no seed where it has no contract, or one across seeds", () => {
    expect(said(run("metric m", "m <- rnorm(1)"))).toEqual([]);
    const across = "metric m\nreproducible {\n  m within 0.1\n  across seeds 1..5\n}";
    expect(said(run(across, "m <- rnorm(1)"))).toEqual([]);
  });

  it("is looked at in its scripts too", () => {
    const text = 'mlpipe 1\n\nrun learn {\n  metric m\n  reproducible exact\n  script "a.R"\n}\n';
    expect(said(text, { "a.R": "m <- rnorm(1)" })).toEqual(["E0604 reproducible exact"]);
    expect(said(text, { "a.R": "m <- 1" })).toEqual([]);
  });
});

describe("code", () => {
  const finds = (code: string, language = "r") =>
    said(run("metric m", language === "r" ? `m <- 1\n${code}` : `const m = 1\n${code}`, language));

  it("that starts an MLflow run is E0704, at the call", () => {
    expect(finds("with(mlflow_start_run(), 1)")).toEqual(["E0704 mlflow_start_run"]);
    expect(finds("mlflow::mlflow_start_run()")).toEqual(["E0704 mlflow_start_run"]);
    expect(finds("# mlflow_start_run()\n'mlflow_start_run()'")).toEqual([]);
    expect(finds("mlflow_log_metric('m', 1); mlflow_end_run")).toEqual([]);
  });

  it.each([
    ["r", "read.csv('/home/anna/a.csv')", "E0705 '/home/anna/a.csv'"],
    ["r", 'x <- "C:\\\\Users\\\\anna\\\\a.csv"', 'E0705 "C:\\\\Users\\\\anna\\\\a.csv"'],
    ["r", 'x <- r"(C:\\data\\a.csv)"', 'E0705 r"(C:\\data\\a.csv)"'],
    ["r", "x <- 'D:/data'", "E0705 'D:/data'"],
    ["r", "x <- '~/data.csv'", "E0705 '~/data.csv'"],
    ["r", "setwd('data')", "E0705 setwd"],
    ["r", "setwd('/home/anna/x')", "E0705 setwd"],
    ["js", "read('/Users/anna/a.csv')", "E0705 '/Users/anna/a.csv'"],
    ["js", "read(`/tmp/${m}.csv`)", "E0705 `/tmp/${"],
    ["js", "new URL('file:///home/anna/a')", "E0705 'file:///home/anna/a'"],
    ["js", "process.chdir('data')", "E0705 process.chdir"],
  ])("in %s that says `%s` works on one machine only", (language, code, found) =>
    expect(finds(code, language)).toEqual([found]),
  );

  it.each([
    ["r", "read.csv('data/a.csv')"],
    ["r", "x <- './home/a.csv'; y <- '../a.csv'"],
    ["r", "x <- 'https://example.com/home/a.csv'"],
    ["r", "mlflow_set_experiment('/Shared/iris')"],
    ["r", "x <- '/'; y <- 'a / b'; z <- '~'"],
    ["r", "lm(y ~ x); f <- ~ a/b"],
    ["r", "# setwd('/home/anna')"],
    ["r", "gsub('/home', '', x)"],
    ["r", "x <- 'Note: see C:'; sprintf('%s:/%s', a, b)"],
    ["r", "system2('/dev/null')"],
    ["r", "x <- c(a = '12:30', b = 'c: d')"],
    ["js", "fetch('/api/home/users'); a.replace(/\\/home\\/x/, '')"],
    ["js", "const url = `https://example.com/${m}/home/`"],
    ["js", "import x from 'node:fs'; const y = 'a:b'"],
  ])("in %s that says `%s` works anywhere", (language, code) =>
    expect(finds(code, language)).toEqual([]),
  );

  it("of a template is judged once, however often it is called", () => {
    const text = `mlpipe 1

step fit {
  artifact log: text
  \`\`\`r
  log <- "/home/anna/log"
  \`\`\`
}

run learn {
  step one = fit {}
}

run again {
  step one = fit {}
}
`;
    expect(said(text)).toEqual(['E0705 "/home/anna/log"']);
  });

  it("with four backticks or an indented fence has its findings in the right place", () => {
    const text = run("metric m", "  m <- 1\n    x <- '/home/anna/é'").replaceAll("```", "````");
    expect(said(text)).toEqual(["E0705 '/home/anna/é'"]);
  });
});
