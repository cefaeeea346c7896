/** Seeded scripts that try what tracing might disturb: what they give must be the same with it. */
export interface Script {
  readonly title: string;
  readonly language: "r" | "js" | "ts";
  readonly code: string;
  readonly files?: Readonly<Record<string, string>>;
}

const r = (title: string, code: string, files: Script["files"] = {}): Script => {
  return { title, language: "r", code, files };
};
const js = (title: string, code: string, files: Script["files"] = {}): Script => {
  return { title, language: "js", code, files };
};

export const scriptsOfR: readonly Script[] = [
  r(
    "models and draws",
    `x <- rnorm(50); y <- 2 * x + rnorm(50)
fit <- lm(y ~ x)
k <- kmeans(cbind(x, y), 3, nstart = 5)
split <- sample(50, 30)
value <- sum(coef(fit)) + sum(k$centers) + sum(split)
saveRDS(list(fit, k, split), "kept.rds")`,
  ),
  r(
    "functions that are printed, compared and taken apart",
    `Sys.time
print(sample)
deparse(order)[1:3]
body(factor)[[2]]
f <- function(x) {
  # a comment
  x + 1
}
f
args(rnorm); formals(sample); identical(sort, base::sort)
value <- length(deparse(readLines))`,
  ),
  r(
    "conditions",
    `value <- tryCatch(stop("no"), error = function(e) nchar(conditionMessage(e)), finally = message("done"))
withCallingHandlers(
  { warning("careful"); value <- value + 1 },
  warning = function(w) { message("heard: ", conditionMessage(w)); invokeRestart("muffleWarning") }
)
invisible(as.integer("x"))
message("a message")
try(readRDS("nowhere.rds"), silent = FALSE)
try(sort(absent))
try(order(absent))
try(read.csv(stop("inside")))
try(sample(1:3, 5))
on <- function() { on.exit(message("left")); invisible(rnorm(1)) }
on()
value <- value + on()`,
  ),
  r(
    "an early end",
    `value <- runif(1)
if (value < 2) quit()
value <- 9`,
  ),
  r(
    "frames, arguments and evaluation",
    `who <- function(...) { calls <- sys.call(); c(nargs(), length(list(...)), nchar(deparse(calls))) }
a <- who(1, 2)
b <- local({ z <- 3; eval(quote(z + 1)) })
c <- do.call("sample", list(5))
d <- Reduce(\`+\`, Map(function(x, y) x * y, 1:3, 4:6))
e <- sapply(split(iris$Sepal.Length, iris$Species), mean)
lazy <- function(x) { force(x); x }
for (i in 1:3) { d <- d + lazy(i) }
g <- match.arg("me", c("mean", "median")) 
h <- table(factor(c("b", "a", "b")), sort(c("z", "y", "z")))
value <- sum(a, b, c, d, e, h)
rm(a); exists("a"); missing_param <- function(x) missing(x); missing_param()
environmentName(environment(sd)); ls()`.replace(
      'match.arg("me", c("mean", "median"))',
      'match.arg("med", c("mean", "median"))',
    ),
  ),
  r(
    "sourced files and forked workers",
    `source("part.R", echo = TRUE)
RNGkind("L'Ecuyer-CMRG"); set.seed(4)
many <- parallel::mclapply(1:3, function(i) part(i), mc.cores = 2)
value <- sum(unlist(many))
part
cat(capture.output(str(many)), sep = "\\n")`,
    { "part.R": "# how\npart <- function(n) {\n  # inside\n  n + runif(1)\n}\n" },
  ),
  r(
    "texts, dates and files",
    `d <- as.POSIXct("2024-03-01 12:00:00", tz = "UTC")
format(d, "%Y %B"); d + 3600; ISOdate(2024, 3, 1); as.Date(d)
write.csv(data.frame(a = 1:3, b = letters[1:3]), "kept.csv", row.names = FALSE)
back <- read.csv("kept.csv"); str(back)
text <- read.table(text = "1 2\\n3 4")
con <- file("lines.txt", "w"); writeLines(c("x", "y"), con); close(con)
readLines("lines.txt"); list.files(pattern = "txt$"); file.exists("nothing")
cat("a\\n", file = "cat.txt"); cat("b\\n", file = "cat.txt", append = TRUE); readLines("cat.txt")
sink("sunk.txt"); print(1); sink()
sort(c("b", "A", "a")); order(c(2, 1)); rank(c("x", "a")); rev(factor(c("u", "t")))
value <- sum(back$a) + sum(text)`,
  ),
];

export const scriptsOfNode: readonly Script[] = [
  js(
    "draws and dates",
    `const draws = Array.from({ length: 200 }, Math.random);
const value = draws.reduce((a, b) => a + b, 0);
const date = new Date(2024, 2, 1, 12);
console.log(date, date.getHours(), date instanceof Date, Date.name, Date.length, typeof Date.now());
console.log(structuredClone({ params, date }), JSON.stringify(params), Object.keys(params), { ...params });
class Later extends Date { later() { return this.getTime() + 1; } }
console.log(new Later(5).later(), new Later(5) instanceof Date, Object.prototype.toString.call(date));`,
  ),
  js(
    "variables, hoisting and statements of every kind",
    `"use strict";
label: for (let i = 0; i < 3; i++) { if (i === 1) continue label; console.log(i); }
let { a, ...others } = { a: 1, b: 2, c: 3 }, [x, , y = 4] = [1, 2];
function early() { return later(); }
console.log(early());
function later() { return a; }
var late = 1
;[1, 2].forEach((it) => { late += it })
class Point { #x = 1; static made = 0; get x() { return this.#x; } }
export const shown = new Point().x;
export default function named() {}
if (late > 2) a = late; else a = 0;
switch (a) { case 4: { console.log("four"); break; } default: console.log("other"); }
try { null.x; } catch (error) { console.log(error.message); } finally { a++; }
const value = a + others.b + x + y + late;
async function* many() { yield 1; yield 2; }
for await (const one of many()) console.log(one);
/* the end */ // of it`,
  ),
  js(
    "errors that the code looks at",
    `const where = () => new Error("here").stack.split("\\n").length > 1;
console.log(where(), Error.stackTraceLimit, typeof Error.prepareStackTrace);
Error.prepareStackTrace = (error, frames) => frames.length;
console.log(typeof new Error("x").stack);
delete Error.prepareStackTrace;
const value = 1;
process.on("exit", () => console.log("leaving"));
await Promise.race([Promise.resolve(1), new Promise(() => {})]);
const failed = await Promise.allSettled([Promise.reject(new Error("no"))]);
console.log(failed[0].status);`,
  ),
  js(
    "files in their three forms, and what is promisified",
    `import fs, { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { execFile, execSync } from "node:child_process";
fs.writeFileSync("kept.txt", "kept");
console.log(readFileSync("kept.txt", "utf8"), await readFile("kept.txt", "utf8"));
console.log(await promisify(fs.readFile)("kept.txt", "utf8"), await promisify(fs.exists)("kept.txt"));
await new Promise((done) => fs.readFile("kept.txt", "utf8", (error, text) => done(console.log(text))));
for await (const part of fs.createReadStream("kept.txt")) console.log(part.length);
console.log((await promisify(execFile)("echo", ["a"])).stdout, execSync("echo b").toString());
try { fs.readFileSync("nowhere"); } catch ({ code, message }) { console.log(code, message); }
console.log(fs.readFileSync.name, fs.readFileSync.length, Math.random.name, fs.existsSync("kept.txt"));
console.log(Object.keys(process.env).includes("PATH"), "PATH" in process.env, process.env.NOWHERE);
process.env.MADE = 1; console.log(process.env.MADE, delete process.env.MADE, process.env.MADE);
const value = fs.statSync("kept.txt").size;`,
  ),
  js(
    "modules of the project",
    `import { count, grow } from "./part.mjs";
import { createRequire } from "node:module";
const old = createRequire(import.meta.url)("./old.cjs");
grow(); grow();
console.log(count, old.name, old.fail());
const value = count + old.value;`,
    {
      "part.mjs": "export let count = 0;\nexport function grow() {\n  count += Math.random();\n}\n",
      "old.cjs":
        "'use strict';\nconst value = Math.random();\nmodule.exports = { value, name: __filename.length > 3, fail: () => { try { throw new Error('x'); } catch (e) { return e.stack.split('\\n')[1].includes('old.cjs:3'); } } };\nif (value < 2) return;\nthrow new Error('not here');\n",
    },
  ),
];
