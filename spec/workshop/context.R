# 1.12, as a context.
library(mlflow)
mlflow_set_experiment("/Shared/jouw_naam")
with(mlflow_start_run(), {
  column <- mlflow_log_param("column", 1)
  linear_model <- lm(
    Sepal.Width ~ x,
    data.frame(Sepal.Width = iris$Sepal.Width, x = iris[, as.integer(column)])
  )
  mlflow_log_metric("intercept", linear_model$coefficients[["(Intercept)"]])
  predictor <- carrier::crate(
    function(x) stats::predict(model, x), 
    model = linear_model
  )
  mlflow_log_model(predictor, "model")
  mlflow_set_tag('beschrijving', 'baseline model')
})
