# The listings of the workshop's chapter on tracking, in their order, with the placeholders filled in.

# 1.2
library(mlflow)
mlflow_list_experiments()

# 1.3
mlflow_create_experiment("/Shared/ana")
mlflow_set_experiment(experiment_name = "/Shared/ana")
mlflow_set_experiment(experiment_id = as.numeric(mlflow_get_experiment(name = "/Shared/ana")$experiment_id))

# 1.4
run <- mlflow_start_run()
run$run_id
run$start_time
run$status

run <- mlflow_get_run()
run$run_id
run$start_time
run$status

# 1.5
run <- mlflow_end_run()
run$run_id
try(mlflow_get_run())

# 1.6
mlflow_log_param("foo", 42)

# 1.7
mlflow_log_metric("rmse", 2.63)

# 1.8
writeLines("Hello World!", "output.txt")
mlflow_log_artifact("output.txt")
file.remove("output.txt")

# 1.9
linear_model <- lm(Sepal.Width ~ Sepal.Length, iris)    
predictor <- carrier::crate(
  function(x) stats::predict(model, newdata = x),      
  model = linear_model     
)     
mlflow_log_model(predictor, "model")

rm(linear_model) # Verwijder het model
new_obs <- data.frame(Sepal.Length = 5.4)
cat("Predictie:", predictor(new_obs))

# 1.10
mlflow_set_tag("omschrijving", "baseline model")

# 1.11
rm(list=ls()) # Verwijder alle objecten
run_id <- mlflow_get_run()$run_id
predictor <- mlflow_load_model(paste0("runs:/", run_id, "/model"))
new_obs <- data.frame(Sepal.Length = 5.4)
cat("Predictie:", predictor(new_obs))
