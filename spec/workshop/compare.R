# 1.13, with the experiment's number from the command line.
library(mlflow)
demo <- as.numeric(commandArgs(TRUE))
runs <- mlflow_list_run_infos(experiment_id = demo)$run_id
res <- lapply(runs, function(x) {
  run <- mlflow_get_run(x)
  run_id <- run$run_id
  key <- run$metrics[[1]]$key
  value <- run$metrics[[1]]$value
  data.frame(run_id = run_id, recall = value[key == "recall"], precision = value[key == "precision"])
})
res <- do.call(rbind, res)
cat(sprintf("%g %g\n", res$recall, res$precision), sep = "")
