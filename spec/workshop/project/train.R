# 3.3: the listing takes cp and maxdepth from the session, and trains with them.
library(mlflow)
library(rpart)
cp <- mlflow_param('cp', 0.1)
maxdepth <- mlflow_param('maxdepth', 1L)

with(mlflow_start_run(), {
  mlflow_param('cp', cp)
  mlflow_param('maxdepth', maxdepth)
  tree <- rpart(
    Species ~ ., 
    data = iris, 
    method = "class", 
    control = rpart.control(cp = cp, maxdepth = maxdepth)
)
  predictor <- carrier::crate(
    function(x) {rpart:::predict.rpart(model, x, type = "class")},
    model = tree
  ) 
  mlflow_log_model(predictor, "model")
})
