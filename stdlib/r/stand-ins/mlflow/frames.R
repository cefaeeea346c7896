# Answers of the server as data frames, with the columns that scripts for {mlflow} expect.

milliseconds_to_time <- function(milliseconds) as.POSIXct(as.numeric(milliseconds) / 1000, origin = "1970-01-01")

# One row a record, one column a field; what a record lacks is NA. `records` are lists of single values.
records_frame <- function(records, fields = unique(unlist(lapply(records, names)))) {
  columns <- lapply(fields, function(field) {
    unlist(lapply(records, function(record) if (is.null(record[[field]])) NA else record[[field]]))
  })
  names(columns) <- fields
  new_frame(columns, length(records))
}

# data.frame() would take lists apart.
new_frame <- function(columns, rows) structure(columns, class = "data.frame", row.names = seq_len(rows))

# list(key, value) pairs as one frame in a list, which is one cell of a column; NA where there are none.
pairs_cell <- function(pairs) if (length(pairs)) list(records_frame(pairs)) else list(NA)

metrics_frame <- function(metrics) {
  frame <- records_frame(metrics, c("key", "value", "timestamp", "step"))
  # One by one: some are texts, "NaN", and among texts numbers would lose bits.
  frame$value <- vapply(metrics, function(metric) as.numeric(metric$value), 0)
  frame$timestamp <- milliseconds_to_time(frame$timestamp)
  frame$step <- as.numeric(frame$step)
  frame
}

metrics_cell <- function(metrics) if (length(metrics)) list(metrics_frame(metrics)) else list(NA)

run_fields <- c(
  "run_uuid", "run_id", "run_name", "experiment_id", "user_id", "status", "start_time", "end_time", "artifact_uri",
  "lifecycle_stage"
)

run_infos_frame <- function(infos) {
  infos <- lapply(infos, function(info) {
    if (is.null(info$run_uuid)) info$run_uuid <- info$run_id
    info
  })
  frame <- records_frame(infos, run_fields)
  frame$start_time <- milliseconds_to_time(frame$start_time)
  frame$end_time <- milliseconds_to_time(frame$end_time)
  frame
}

# One row a run; `metrics`, `params` and `tags` hold a frame each, or NA.
runs_frame <- function(runs) {
  frame <- run_infos_frame(lapply(runs, `[[`, "info"))
  frame$metrics <- unlist(lapply(runs, function(run) metrics_cell(run$data$metrics)), recursive = FALSE)
  frame$params <- unlist(lapply(runs, function(run) pairs_cell(run$data$params)), recursive = FALSE)
  frame$tags <- unlist(lapply(runs, function(run) pairs_cell(run$data$tags)), recursive = FALSE)
  structure(frame, class = c("mlflow_run", "data.frame"))
}

experiments_frame <- function(experiments) {
  tags <- unlist(lapply(experiments, function(experiment) pairs_cell(experiment$tags)), recursive = FALSE)
  frame <- records_frame(lapply(experiments, function(experiment) experiment[names(experiment) != "tags"]))
  frame$tags <- tags
  frame
}

# The cells that hold frames, as what is in them: `2 rows`.
print.mlflow_run <- function(x, ...) {
  shown <- x
  class(shown) <- "data.frame"
  held <- vapply(shown, is.list, NA)
  shown[held] <- lapply(shown[held], function(column) {
    vapply(column, function(cell) if (is.data.frame(cell)) paste(nrow(cell), "rows") else "none", "")
  })
  print(shown, ...)
  invisible(x)
}
print.mlflow_experiment <- print.mlflow_run
