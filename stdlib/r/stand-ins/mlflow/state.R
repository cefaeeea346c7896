# What a session remembers from call to call, and whom it talks to.

# active: ids of the open runs, the innermost last. The rest is absent until it is set.
state <- new.env(parent = emptyenv())
state$active <- character()

mlflow_set_tracking_uri <- function(uri) {
  state$tracking_uri <- one_text(uri, "the tracking URI")
  invisible(uri)
}

mlflow_get_tracking_uri <- function() {
  if (!is.null(state$tracking_uri)) return(state$tracking_uri)
  named <- Sys.getenv("MLFLOW_TRACKING_URI")
  if (nzchar(named)) named else paste0("file://", file.path(getwd(), "mlruns"))
}

mlflow_client <- function(tracking_uri = NULL) {
  uri <- if (is.null(tracking_uri)) mlflow_get_tracking_uri() else one_text(tracking_uri, "the tracking URI")
  structure(list(tracking_uri = uri), class = "mlflow_client")
}

resolve_client <- function(client) {
  if (is.null(client)) return(mlflow_client())
  if (!inherits(client, "mlflow_client")) stop("`client` must come from mlflow_client()", call. = FALSE)
  client
}

active_run <- function() if (length(state$active)) state$active[length(state$active)]

# The id given, else that of the active run: for calls that only read.
resolve_run <- function(run_id) {
  if (!is.null(run_id)) return(one_text(run_id, "`run_id`"))
  if (is.null(active_run())) stop("run_id must be specified when there is no active run.", call. = FALSE)
  active_run()
}

# As resolve_run(), but starts a run where none is active: for calls that log.
resolve_logging <- function(client, run_id) {
  if (is.null(run_id) && !is.null(client)) stop("`run_id` must be specified when `client` is specified.", call. = FALSE)
  if (is.null(run_id) && is.null(active_run())) mlflow_start_run()
  list(client = resolve_client(client), run_id = resolve_run(run_id))
}

# Id of the experiment given, of the active one, or of the one that the environment names; NULL where there is none of them.
infer_experiment <- function(experiment_id) {
  if (!is.null(experiment_id)) return(one_text(experiment_id, "`experiment_id`"))
  if (!is.null(state$experiment_id)) return(state$experiment_id)
  name <- Sys.getenv("MLFLOW_EXPERIMENT_NAME")
  if (nzchar(name)) return(mlflow_get_experiment(name = name)$experiment_id)
  id <- Sys.getenv("MLFLOW_EXPERIMENT_ID")
  if (nzchar(id)) id
}

resolve_experiment <- function(experiment_id) {
  found <- infer_experiment(experiment_id)
  if (is.null(found)) stop("`experiment_id` must be specified when there is no active experiment.", call. = FALSE)
  found
}

mlflow_id <- function(object) UseMethod("mlflow_id")
mlflow_id.mlflow_run <- function(object) object$run_id
mlflow_id.mlflow_experiment <- function(object) object$experiment_id
