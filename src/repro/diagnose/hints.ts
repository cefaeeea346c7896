/** Words of code by which a line is found where no call was seen: they never decide that there is a cause, only where it may be. */
import type { Place } from "./diagnosis.ts";
import type { FactorName } from "./factors.ts";
import { type Pair, type Root, textOf } from "./roots.ts";

const processes =
  /\b(?:execFile|execSync|exec|spawn|spawnSync|fork|Worker|system2?|mclapply|mcmapply|pvec|mcparallel|par[LS]?[Aa]pply|makeCluster|future\w*|pbkdf2|scrypt)\b/u;
const promises = /\bPromise\.(?:all|race|any)\w*\s*\(/u;
const draws =
  /\b(?:sample(?:\.int)?|r(?:unif|norm|binom|pois|exp|gamma|beta|t|chisq)|kmeans|jitter|set\.seed|random\w*|getRandomValues|openssl|shuf|uuid\w*)\b/iu;

const words: Partial<Record<FactorName, readonly RegExp[]>> = {
  clock: [
    /\b(?:Sys\.(?:time|Date)|date|proc\.time|system\.time|Date\.now|new Date|performance\.now|hrtime|mtime)\b/u,
    processes,
  ],
  process: [/\b(?:Sys\.getpid|pid|tempfile|tempdir)\b/u, processes],
  generator: [draws, processes],
  chance: [draws, processes],
  names: [/te?mp/iu],
  memory: [/\b(?:environment|new\.env|address|tracemem|hashtab|format|capture\.output|print)\b/u],
  haste: [processes, promises],
  order: [
    /\b(?:list\.files|dir|Sys\.glob|opendir\w*|readdir\w*|glob\w*|find|ls|system2?|file\.info)\b/u,
  ],
  timezone: [
    /\b(?:as\.POSIX[cl]t|strftime|strptime|format|weekdays|months|as\.Date|ISOdate\w*|get(?:Hours|Date|Day|Month|FullYear|Minutes)|toLocale\w*|DateTimeFormat|new Date)\b/u,
  ],
  locale: [
    /\b(?:sort|order|factor|rank|unique|table|merge|aggregate|split|tapply|rowsum|toupper|tolower|format|strftime|months|weekdays|localeCompare|Collator|toLocale\w*|NumberFormat)\b/u,
  ],
  umask: [/\b(?:file\.info|file\.mode|Sys\.umask|stat\w*|umask|mode)\b/u],
  processors: [
    /\b(?:detectCores|availableCores|availableParallelism|cpus|nproc|hardwareConcurrency)\b/u,
  ],
  threads: [/\b(?:threads?|OMP\w*|availableParallelism)\b/iu],
  folder: [/\b(?:getwd|normalizePath|cwd|__dirname|__filename|import\.meta|resolve|PWD)\b/u],
  "host-name": [/\b(?:Sys\.info|hostname|uname)\b/u],
  user: [/\b(?:Sys\.info|userInfo|whoami|USER|LOGNAME|getuid)\b/u],
  temporary: [/te?mp/iu],
  "home-path": [/\b(?:HOME|homedir|path\.expand)\b|~/u],
  variables: [/\b(?:Sys\.getenv|process\.env|env)\b/u],
  blas: [/\b(?:eigen|svd|solve|qr|chol|lm|glm|prcomp|princomp|crossprod)\b|%\*%/u],
};

/** The first line with such a word, in the order in which the difference takes its way; undefined: there is none. */
export function hintedPlace(name: FactorName, root: Root, pair: Pair): Place | undefined {
  for (const word of words[name] ?? [])
    for (const expression of [...root.path, ...root.uses]) {
      const { file, line } = expression;
      const at = textOf(expression, pair)
        .split("\n")
        .findIndex((text) => word.test(text) && !/^\s*import\b/u.test(text));
      if (at >= 0) return { file, line: line + at };
    }
  return undefined;
}

/** Whether the way of the difference leads over another process, thread or promise. */
export function startsOther(root: Root | undefined, pair: Pair): boolean {
  return [...(root?.path ?? []), ...(root?.uses ?? [])].some((expression) =>
    [processes, promises].some((word) => word.test(textOf(expression, pair))),
  );
}
