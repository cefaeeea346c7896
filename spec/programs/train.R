library(mlflow)
cp <- mlflow_param("cp", 0.05)
with(mlflow_start_run(), {
  mlflow_log_metric("accuracy", 0.9)
})
