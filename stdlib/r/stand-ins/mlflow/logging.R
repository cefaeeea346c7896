# What a script logs to a run: params, metrics, tags.

# -> the text that was logged.
mlflow_log_param <- function(key, value, run_id = NULL, client = NULL) {
  to <- resolve_logging(client, run_id)
  key <- one_text(key, "`key`")
  value <- as_given(key, one_text(value, sprintf("the param `%s`", key)), to$run_id)
  call_endpoint(to$client, "POST", "runs/log-parameter", json_fields(run_id = to$run_id, key = key, value = value))
  invisible(value)
}

# A param that the runner has logged cannot be logged again with another text for the same number: 1e-2 and 0.01.
as_given <- function(key, value, run_id) {
  given <- params_of_runner()[[key]]
  if (is.null(given) || !identical(run_id, named_run())) return(value)
  same <- suppressWarnings(as.numeric(given) == as.numeric(value))
  if (same %in% TRUE) given else value
}

mlflow_log_metric <- function(key, value, timestamp = NULL, step = NULL, run_id = NULL, client = NULL) {
  to <- resolve_logging(client, run_id)
  key <- one_text(key, "`key`")
  value <- metric_number(key, value)
  fields <- json_fields(
    run_id = to$run_id, key = key, value = as_json(metric_json(value)),
    timestamp = as_json(whole_text(if (is.null(timestamp)) now() else timestamp)),
    step = as_json(whole_text(if (is.null(step)) 0 else step))
  )
  call_endpoint(to$client, "POST", "runs/log-metric", fields)
  invisible(metric_text(value))
}

metric_number <- function(key, value) {
  if (length(value) != 1L || !is.numeric(value) && !is.logical(value)) {
    stop(sprintf("the metric `%s` must be one number", key), call. = FALSE)
  }
  if (is.na(value) && !is.nan(value)) stop(sprintf("the metric `%s` is NA; NaN can be logged", key), call. = FALSE)
  as.numeric(value)
}

# Data frames: metrics with the columns key, value, step and timestamp; params and tags with key and value.
mlflow_log_batch <- function(metrics = NULL, params = NULL, tags = NULL, run_id = NULL, client = NULL) {
  check_batch(metrics, "metrics", c("key", "value", "step", "timestamp"))
  check_batch(params, "params", c("key", "value"))
  check_batch(tags, "tags", c("key", "value"))
  to <- resolve_logging(client, run_id)
  fields <- json_fields(run_id = to$run_id, metrics = batch_metrics(metrics), params = batch_pairs(params), tags = batch_pairs(tags))
  call_endpoint(to$client, "POST", "runs/log-batch", fields)
  invisible(NULL)
}

check_batch <- function(frame, what, columns) {
  if (is.null(frame)) return(invisible())
  if (!is.data.frame(frame) || !setequal(names(frame), columns)) {
    stop(sprintf("%s must be a data frame with the columns %s", what, paste(columns, collapse = ", ")), call. = FALSE)
  }
  missing <- vapply(frame, function(column) any(is.na(column) & !is.nan(column)), NA)
  if (any(missing)) stop(sprintf("%s hold NA in the column %s", what, names(frame)[missing][1L]), call. = FALSE)
}

batch_metrics <- function(frame) {
  if (is.null(frame) || nrow(frame) == 0L) return(NULL)
  json_objects(
    key = json_string(as.character(frame$key)), value = metric_json(as.numeric(frame$value)),
    step = whole_text(frame$step), timestamp = whole_text(frame$timestamp)
  )
}

batch_pairs <- function(frame) {
  if (is.null(frame) || nrow(frame) == 0L) return(NULL)
  values <- vapply(seq_len(nrow(frame)), function(i) one_text(frame$value[i], "a value"), "")
  json_objects(key = json_string(as.character(frame$key)), value = json_string(values))
}

mlflow_set_tag <- function(key, value, run_id = NULL, client = NULL) {
  to <- resolve_logging(client, run_id)
  key <- one_text(key, "`key`")
  fields <- json_fields(run_id = to$run_id, key = key, value = one_text(value, sprintf("the tag `%s`", key)))
  call_endpoint(to$client, "POST", "runs/set-tag", fields)
  invisible(NULL)
}

mlflow_delete_tag <- function(key, run_id = NULL, client = NULL) {
  to <- resolve_logging(client, run_id)
  call_endpoint(to$client, "POST", "runs/delete-tag", json_fields(run_id = to$run_id, key = one_text(key, "`key`")))
  invisible(NULL)
}
