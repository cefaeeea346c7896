# What the code of a step may call: attached to the search path, behind the packages that the code attaches.

check_key <- function(key, what) {
  if (!is.character(key) || length(key) != 1L || is.na(key) || !nzchar(key)) {
    stop(sprintf("the key of a %s is one text", what), call. = FALSE)
  }
}

# `value` is one number or a vector as long as `step`.
log_metric <- function(key, value, step = 0L) {
  check_key(key, "metric")
  if (is.logical(value)) value <- as.numeric(value)
  if (!is.numeric(value) || is.object(value)) {
    stop(sprintf("the metric `%s` is %s, not a number", key, describe_value(value)), call. = FALSE)
  }
  if (length(value) != 1L || length(step) != 1L) return(log_metric_points(key, value, step))
  write_event("metric", paste0(metric_key(key), "\"value\":\"", hex_text(value), "\",\"step\":", step_text(step)))
}

log_metric_points <- function(key, value, step) {
  if (length(value) != length(step)) {
    stop(sprintf("the metric `%s` has %d values for %d steps", key, length(value), length(step)), call. = FALSE)
  }
  if (length(value)) write_points(key, value, step)
  invisible()
}

write_points <- function(key, values, steps) {
  write_event("metrics", paste0(
    metric_key(key), "\"values\":", json_texts(hex_text(values)), ",\"steps\":[", paste(step_text(steps), collapse = ","), "]"
  ))
}

# `"key":"loss",` made once a key.
metric_key <- function(key) {
  known <- step$logged[[key]]
  if (is.null(known)) {
    known <- paste0("\"key\":", json_string(key), ",")
    assign(key, known, envir = step$logged)
  }
  known
}

step_text <- function(number) {
  if (!is.numeric(number) || anyNA(number) || any(number != trunc(number)) || any(abs(number) > 2^53)) {
    stop("the step of a metric is a whole number", call. = FALSE)
  }
  sprintf("%.0f", as.numeric(number))
}

# Copies a file or folder to the run's artifacts: below the folder `artifact_path` of them if it is given.
log_artifact <- function(path, artifact_path = NULL) {
  if (!is.character(path) || length(path) != 1L || !file.exists(path)) {
    stop(sprintf("there is no file `%s`", paste(as.character(path), collapse = " ")), call. = FALSE)
  }
  name <- basename(normalizePath(path))
  target <- paste(c(artifact_path, name), collapse = "/")
  if (grepl("(^|[/\\\\])\\.\\.([/\\\\]|$)|^[/\\\\~]|^[A-Za-z]:", target)) {
    stop(sprintf("the artifact path `%s` leaves the run's artifacts", artifact_path), call. = FALSE)
  }
  copy_atomically(path, file.path(step$file$outputs, target))
  write_artifact_event(name, target, dir.exists(path))
}

write_artifact_event <- function(key, path, folder) {
  step$saved <- c(step$saved, path)
  write_event("artifact", paste0(
    "\"key\":", json_string(key), ",\"path\":", json_string(path), ",\"folder\":", if (folder) "true" else "false"
  ))
}

set_tag <- function(key, value) {
  check_key(key, "tag")
  if (length(value) != 1L || !is.atomic(value)) stop(sprintf("the tag `%s` is one value", key), call. = FALSE)
  write_event("tag", paste0("\"key\":", json_string(key), ",\"value\":", json_string(tag_text(value))))
}

tag_text <- function(value) {
  if (is.numeric(value) && !is.object(value) && is.finite(value)) return(short_text(value))
  if (is.logical(value)) tolower(value) else as.character(value)
}

# The typed value of a param, for scripts written for {mlflow}.
mlflow_param <- function(name, default = NULL, type = NULL, description = NULL) {
  if (name %in% names(step$params)) step$params[[name]] else default
}

# Without a seed splits are drawn from 0, as random trials are.
helpers <- function(seed) {
  own <- list(
    log_metric = log_metric, log_artifact = log_artifact, set_tag = set_tag, mlflow_param = mlflow_param, crate = crate,
    metrics = metrics
  )
  c(own, split_helpers(if (is.null(seed)) 0 else seed))
}
