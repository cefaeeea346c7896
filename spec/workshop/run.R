# 3.4, with the experiment's id from the command line.
library(mlflow)
mlflow_run(
  uri = '.', 
  experiment_id = commandArgs(TRUE), 
  parameters = list(cp = 0.01, maxdepth = 20), 
  no_conda = TRUE
)
