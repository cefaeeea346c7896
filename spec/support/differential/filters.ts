/** Filters and orders of searches: right ones, and ones that were right until a token was lost, doubled, moved or replaced. */
import fc from "fast-check";
import type { EndpointName } from "../../../src/tracking/endpoints.ts";

type Tokens = fc.Arbitrary<readonly string[]>;
type Search = Extract<EndpointName, `${string}/search`>;

const plainText = fc.constantFrom(
  "'tree'",
  "'Tree'",
  '"tree"',
  "'Forest_1'",
  "'100%'",
  "'0.1'",
  "''",
  "'it''s'",
  '"it\'s"',
  "'a AND b'",
  "'naïve 𝒳'",
);
const pattern = fc.constantFrom(
  "'t%'",
  "'T%'",
  "'%e%'",
  "'_ree'",
  "'%'",
  "'100\\%'",
  "'%É%'",
  "'a%b'",
);
const number = fc.constantFrom(
  "0",
  "1",
  "0.5",
  "-1",
  "1e3",
  "3e10",
  ".5",
  "1.",
  "1500000000002",
  "1E-1",
);
const numberOperator = fc.constantFrom("=", "!=", "<", "<=", ">", ">=");
const spaced = fc.constantFrom("=", "!=");
const like = fc.constantFrom("LIKE", "ILIKE", "like", "iLike");
const within = fc.constantFrom("IN", "NOT IN", "in", "not in");
const list = fc.constantFrom(
  "('tree')",
  "('a', 'b')",
  "('FINISHED','RUNNING')",
  "()",
  "('a',)",
  '("1", "2")',
);

function textClauses(...names: readonly string[]): Tokens {
  const name = fc.constantFrom(...names);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(name, spaced, plainText) },
    { weight: 2, arbitrary: fc.tuple(name, like, pattern) },
    { weight: 1, arbitrary: fc.tuple(name, within, list) },
    { weight: 1, arbitrary: fc.tuple(name, fc.constantFrom("IS NULL", "IS NOT NULL")) },
  );
}

function numberClauses(...names: readonly string[]): Tokens {
  return fc.tuple(fc.constantFrom(...names), numberOperator, number);
}

function chosen(names: readonly string[], values: readonly string[]): Tokens {
  return fc.tuple(fc.constantFrom(...names), spaced, fc.constantFrom(...values));
}

const timeNames = ["creation_time", "last_update_time", "attribute.creation_time"];
const tagNames = [
  "tags.team",
  "tag.team",
  "tags.`team`",
  'tags."x/y z"',
  "tags.`mlflow.note.content`",
  "tags.mlflow.note.content",
  "tags.é",
];

const clauses: Readonly<Record<Search, readonly Tokens[]>> = {
  "experiments/search": [
    textClauses("name", "attribute.name", "attributes.name", "`name`", "experiment_id"),
    numberClauses(...timeNames),
    textClauses(...tagNames),
  ],
  "runs/search": [
    numberClauses(
      "metrics.loss",
      "metric.loss",
      "metrics.`loss`",
      'metrics."a.b"',
      "metrics.a.b",
      "metrics.é/x:y",
    ),
    textClauses(
      "params.lr",
      "param.model",
      "parameters.model",
      "params.`a b.c`",
      'params."model"',
      "params.é",
    ),
    textClauses(...tagNames),
    textClauses(
      "attributes.run_name",
      "run_name",
      "`Run name`",
      "attr.user_id",
      "run.user_id",
      "attributes.artifact_uri",
    ),
    chosen(
      ["status", "attributes.status"],
      ["'FINISHED'", "'RUNNING'", "'finished'", "'nonsense'"],
    ),
    numberClauses("start_time", "attributes.start_time", "end_time", "created"),
    textClauses("dataset.name", "datasets.digest", "dataset.context", "dataset.`name`"),
    fc.tuple(
      fc.constantFrom("run_id", "attributes.run_id"),
      fc.constantFrom("=", "!=", "LIKE"),
      fc.constantFrom("'{{run 0}}'", "'{{run 1}}'"),
    ),
    fc.tuple(
      fc.constantFrom("run_id", "attributes.run_id"),
      within,
      fc.constantFrom("('{{run 0}}')", "('{{run 0}}', '{{run 1}}')"),
    ),
  ],
  "logged-models/search": [
    textClauses(
      "name",
      "attributes.name",
      "model_type",
      "source_run_id",
      "attributes.model_id",
      "status",
    ),
    chosen(["status", "attributes.status"], ["'READY'", "'PENDING'", "'LOGGED_MODEL_READY'"]),
    textClauses("tags.team", "tags.`x/y z`"),
    textClauses("params.lr", "params.`a b.c`"),
    numberClauses("metrics.loss", "metrics.`a.b`", "metrics.acc"),
    numberClauses("creation_timestamp", "creation_time", "last_updated_timestamp"),
    fc.tuple(
      fc.constantFrom("source_run_id", "attributes.source_run_id"),
      spaced,
      fc.constant("'{{run 0}}'"),
    ),
  ],
  "registered-models/search": [
    textClauses("name", "attribute.name", "`name`"),
    textClauses(...tagNames),
  ],
  "model-versions/search": [
    textClauses("name", "attribute.name", "source_path", "run_id"),
    chosen(["name"], ["'trees'", "'Trees'", "'a b'"]),
    fc.tuple(
      fc.constant("run_id"),
      fc.constantFrom("=", "IN"),
      fc.constantFrom("'{{run 0}}'", "('{{run 0}}')", "('{{run 0}}','{{run 1}}')"),
    ),
    numberClauses("version_number", "version"),
    textClauses(...tagNames),
  ],
};

const noise = fc.constantFrom(
  "AND",
  "OR",
  "NOT",
  "(",
  ")",
  ";",
  "--",
  "/*",
  "'",
  '"',
  "`",
  ",",
  ".",
  "=",
  "==",
  "<>",
  "~",
  "name",
  "nonsense",
  "nonsense.x",
  "metrics",
  "metrics.",
  ".loss",
  "'x'",
  "5",
  "5x",
  "-",
  "TRUE",
  "NULL",
  "IN",
  "LIKE",
  "BETWEEN 1 AND 2",
  "SELECT",
  "\n",
  "\u0000",
  "é",
);

type Edit = (tokens: readonly string[]) => readonly string[];
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.nat().map(
    (at): Edit =>
      (tokens) =>
        tokens.toSpliced(at % (tokens.length || 1), 1),
  ),
  fc.nat().map(
    (at): Edit =>
      (tokens) =>
        tokens.toSpliced(at % (tokens.length || 1), 0, tokens[at % (tokens.length || 1)] ?? ""),
  ),
  fc.tuple(fc.nat(), noise).map(
    ([at, word]): Edit =>
      (tokens) =>
        tokens.toSpliced(at % (tokens.length + 1), 0, word),
  ),
  fc.tuple(fc.nat(), noise).map(
    ([at, word]): Edit =>
      (tokens) =>
        tokens.toSpliced(at % (tokens.length || 1), 1, word),
  ),
);

const and = fc.constantFrom("AND", "AND", "and", "And");
const glue = fc.constantFrom(" ", " ", " ", " ", "", "  ", "\n", "\t");

/** Mostly right filters of a search; `{{run 0}}` in them is filled in like everywhere. */
export function filterOf(search: Search): fc.Arbitrary<string> {
  const clause = fc
    .tuple(fc.oneof(...clauses[search]), fc.option(edit, { nil: undefined, freq: 6 }))
    .map(([tokens, change]) => change?.(tokens) ?? tokens);
  const tokens = fc
    .tuple(fc.array(clause, { maxLength: 3 }), and)
    .map(([all, word]) => all.flatMap((each, at) => (at === 0 ? each : [word, ...each])));
  return fc.tuple(tokens, glue).map(([words, space]) => words.join(space));
}

const orderNames: Readonly<Record<Exclude<Search, "logged-models/search">, readonly string[]>> = {
  "experiments/search": [
    "name",
    "experiment_id",
    "creation_time",
    "last_update_time",
    "attribute.name",
    "`name`",
    "tags.team",
  ],
  "runs/search": [
    "metrics.loss",
    "metrics.`a.b`",
    "params.lr",
    "params.`a b.c`",
    "tags.team",
    "start_time",
    "attributes.end_time",
    "status",
    "attributes.`Run name`",
    "user_id",
    "created",
    "run_name",
    "dataset.name",
    "`metrics`.loss",
  ],
  "registered-models/search": [
    "name",
    "timestamp",
    "last_updated_timestamp",
    "creation_timestamp",
    "tags.team",
  ],
  "model-versions/search": [
    "name",
    "version_number",
    "version",
    "creation_timestamp",
    "last_updated_timestamp",
    "`name`",
  ],
};

export function orderOf(search: keyof typeof orderNames): fc.Arbitrary<readonly string[]> {
  const direction = fc.constantFrom("", "", " ASC", " DESC", " asc", " desc", " Desc");
  const oddItem = fc.constantFrom(
    "nonsense",
    "metrics.loss sideways",
    "name DESC DESC",
    "",
    "name, version",
    "metrics",
    "a.b.c",
    "name;",
    "'name'",
    "-name",
    "LOWER(name)",
    "name  DESC ",
    "DESC",
  );
  const item = fc
    .tuple(fc.constantFrom(...orderNames[search]), direction)
    .map((parts) => parts.join(""));
  return fc.array(fc.oneof({ weight: 8, arbitrary: item }, { weight: 1, arbitrary: oddItem }), {
    maxLength: 3,
  });
}
