/** One well-formed file that uses every rule of the grammar. */
export const everyConstruct = `mlpipe 1

import "./shared.mlpipe"
import baseline, other from "./iris.mlpipe"

project "my project" {
  env conda "conda.yaml"
  env renv
  main learn
}

experiment "/Shared/all" {
  tag team = "ours"
}

param trees: int = 100 in 10..1000 by 10 "how many"
param "a key/with.dots": float? = null in 0<..<1
param colour: string = "red" in ["red", "green", 3, -0.5, 1e-3, true, null,]
param code: string = "ab" matching "[a-z]+"
param low = 1 in 0..
param high = 2 in ..5
param folder: path
param page: uri
param quick: bool = false

step clean {
  param share: float = 0.5
  input rows from "data/rows.csv": csv
  artifact kept: csv

  \`\`\`r
  kept <- rows
  \`\`\`
}

run learn {
  name "learn \${colour} \\u{1F600}"
  experiment "/Shared/other"
  seed 7
  tag note = best(low, n: 3, ["a"])
  tag size = 4GiB
  tag share = 2%
  tag wait = 1.5h
  require low < high and high != 3 "low lies below high"

  step tidy = clean { share = 0.25 }
  step fit {
    input kept as rows, from_there from tidy
    input old from run learn
    input older from run "4f3c"
    input best from best of trees_compared
    input notes from "notes.txt"
    metric loss over epoch = mean(x) minimize in 0.. "falls"
    metric "f 1" maximize in [0, 1]
    model forest: crate at "model" {
      register "forest" alias champion
      probe kept
      packages ranger, stats
      tag kind = "forest"
    } "the model"
    model plain
    artifact report: html at "report.html" "to read"
    script "fit.R"
    secret token from env "TOKEN"
    resources {
      cpus 2
      memory 512MiB
      gpus 0
    }
    after tidy
    uses trees, low
    timeout 30s
    cache off
    env { OMP = "1" "A B" = 2 }
  }
  step last {
    \`\`\`\`js
    \`\`\`
    \`\`\`\`
  }
  expect tags.status != "rejected" and loss <= 0.1
  reproducible exact except loss, report
}

run stable {
  reproducible {
    loss within 5 ulp
    a within 2% rel
    b within 0.1 abs
    c within 3
    d distribution margin 0.1
    e exact
    f ignored
    across seeds 1..5
  }
}

sweep some of learn {
  grid
  random 20 trials seed 42
  vary low in log 0.1..10
  vary high in [1, 2]
  set trees = 10
  parallel 4
  best by loss then a
  tag x = 1
  expect loss < 1
}

compare trees_compared {
  runs learn, some
  where loss <= 6 and tags.a like "%b%"
  show loss
  best by loss
}

launch nightly {
  git "https://example.org/x" at "v1"
  entry learn
  backend local "config.json"
  set trees = 5
}
`;
