/** A script that does all that {mlflow} does with artifacts, performed with its run at a server, and what the server has then. */
import { type RunFacts, readFacts } from "./facts.ts";
import { type Ended, type Folder, mlpipe } from "./mlpipe.ts";
import { oneRun } from "./attempt.ts";

const script = `
library(mlflow)
linear_model <- lm(Sepal.Width ~ Sepal.Length, iris)
predictor <- carrier::crate(function(x) stats::predict(model, newdata = x), model = linear_model)
new_obs <- data.frame(Sepal.Length = 5.4)
writeLines("Hello World!", "output.txt")
file.create("empty.txt")
writeBin(as.raw(rep_len(0:255, 11e6)), "large.bin")
with(mlflow_start_run(), {
  mlflow_log_param("foo", 42)
  mlflow_log_metric("rmse", 2.63)
  mlflow_set_tag("omschrijving", "baseline model")
  mlflow_log_model(predictor, "model")
  mlflow_log_artifact("output.txt", "notes")
  mlflow_log_artifact("empty.txt")
  mlflow_log_artifact("large.bin")
})

# As the real {mlflow} does it.
run_id <- Sys.getenv("MLFLOW_RUN_ID")
mlflow <- function(...) {
  said <- system2(Sys.getenv("MLFLOW_BIN"), shQuote(c("artifacts", ...)), stdout = TRUE)
  stopifnot(is.null(attr(said, "status")))
  said
}
mlflow("log-artifact", "--local-file", "output.txt", "--artifact-path", "by command", "--run-id", run_id)
mlflow("log-artifacts", "--local-dir", dirname(mlflow("download", "-u", paste0("runs:/", run_id, "/model/MLmodel"))[2]), "--artifact-path", "copy", "--run-id", run_id)
folder <- mlflow("download", "-u", paste0("runs:/", run_id, "/model"))[2]
again <- unserialize(readRDS(file.path(folder, "crate.bin")))
large <- mlflow_download_artifacts("large.bin", run_id = run_id)

run <- mlflow_get_run(run_id)
mlflow_create_registered_model("flowers")
mlflow_create_model_version("flowers", paste0(run$artifact_uri, "/model"), run_id = run_id)
named <- mlflow_load_model("models:/flowers/1")
folder <- mlflow("download", "-u", "models:/flowers/1")[2]
by_command <- unserialize(readRDS(file.path(folder, "crate.bin")))

same <- c(again(new_obs), named(new_obs), by_command(new_obs)) == predictor(new_obs)
cat("same:", all(same), unname(tools::md5sum(large) == tools::md5sum("large.bin")), "\\n")
cat("variables:", grep("secret-of-the-server", Sys.getenv()), "\\n")
`;

export interface Remote extends Ended {
  readonly facts: readonly RunFacts[];
}

/** Performs the script in `folder`; `env` says how to reach the server at `uri`. */
export async function performAt(
  uri: string,
  folder: Folder,
  env: Readonly<Record<string, string>> = {},
): Promise<Remote> {
  folder.write("remote.R", script);
  const items = ["  metric rmse", "  model model", '  artifact large: file at "large.bin"'];
  folder.write("it.mlpipe", oneRun(...items, '  script "remote.R"'));
  const given = { MLFLOW_TRACKING_URI: uri, ...env };
  const ended = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path, env: given });
  return { ...ended, facts: await readFacts(uri, folder.path, given) };
}

/** What there is then, wherever the server keeps it. */
export const expectedFacts = {
  experiment: "Default",
  status: "FINISHED",
  params: { foo: "42" },
  metrics: { rmse: 2.63 },
  tags: { omschrijving: "baseline model" },
};

export const expectedArtifacts = [
  "by command/output.txt",
  "copy/MLmodel",
  "empty.txt",
  "large.bin",
  "model/MLmodel",
  "model/crate.bin",
  "notes/output.txt",
];
