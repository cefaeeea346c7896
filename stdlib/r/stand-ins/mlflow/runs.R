# Runs: their start and end, and what is known of them.

mlflow_start_run <- function(run_id = NULL, experiment_id = NULL, start_time = NULL, tags = NULL, client = NULL,
                             nested = FALSE) {
  if (!is.null(client)) return(create_detached_run(run_id, experiment_id, start_time, tags, resolve_client(client)))
  if (!is.null(start_time)) stop("`start_time` should only be specified when `client` is specified.", call. = FALSE)
  if (!is.null(tags)) stop("`tags` should only be specified when `client` is specified.", call. = FALSE)
  parent <- active_run()
  if (!is.null(parent) && !nested) stop("Run with UUID ", parent, " is already active.", call. = FALSE)
  if (is.null(run_id)) run_id <- named_run()
  run <- if (is.null(run_id)) {
    id <- infer_experiment(experiment_id)
    create_run(mlflow_client(), if (is.null(id)) "0" else id, run_tags(parent))
  } else {
    mlflow_get_run(run_id)
  }
  state$active <- c(state$active, run$run_id)
  state$experiment_id <- run$experiment_id
  run
}

# The run that a runner has made for this script.
named_run <- function() {
  id <- Sys.getenv("MLFLOW_RUN_ID")
  if (nzchar(id)) id
}

create_detached_run <- function(run_id, experiment_id, start_time, tags, client) {
  if (!is.null(run_id)) stop("`run_id` should not be specified when `client` is specified.", call. = FALSE)
  create_run(client, resolve_experiment(experiment_id), tags, start_time)
}

create_run <- function(client, experiment_id, tags, start_time = NULL) {
  user <- tags[["mlflow.user"]]
  fields <- json_fields(
    experiment_id = experiment_id, user_id = if (is.null(user)) "unknown" else user,
    start_time = as_json(whole_text(if (is.null(start_time)) now() else start_time)), tags = json_tags(tags)
  )
  runs_frame(list(call_endpoint(client, "POST", "runs/create", fields)$run))
}

now <- function() as.numeric(Sys.time()) * 1000

run_tags <- function(parent) {
  script <- script_path()
  c(
    list(
      mlflow.user = Sys.info()[["user"]], mlflow.source.name = if (is.null(script)) "<console>" else script,
      mlflow.source.type = "LOCAL"
    ),
    if (!is.null(parent)) list(mlflow.parentRunId = parent)
  )
}

mlflow_get_run <- function(run_id = NULL, client = NULL) {
  run_id <- resolve_run(run_id)
  runs_frame(list(call_endpoint(resolve_client(client), "GET", "runs/get", query = list(run_id = run_id))$run))
}

mlflow_end_run <- function(status = c("FINISHED", "FAILED", "KILLED"), end_time = NULL, run_id = NULL, client = NULL) {
  status <- match.arg(status)
  if (is.null(run_id) && !is.null(client)) stop("`run_id` must be specified when `client` is specified.", call. = FALSE)
  if (is.null(run_id) && is.null(active_run())) stop("There is no active run to end.", call. = FALSE)
  client <- resolve_client(client)
  run_id <- resolve_run(run_id)
  end_time <- whole_text(if (is.null(end_time)) now() else end_time)
  fields <- json_fields(run_id = run_id, status = status, end_time = as_json(end_time))
  call_endpoint(client, "POST", "runs/update", fields)
  if (identical(run_id, active_run())) state$active <- state$active[-length(state$active)]
  mlflow_get_run(run_id, client)
}

mlflow_delete_run <- function(run_id, client = NULL) {
  run_id <- one_text(run_id, "`run_id`")
  if (run_id %in% state$active) stop("Cannot delete an active run.", call. = FALSE)
  call_endpoint(resolve_client(client), "POST", "runs/delete", json_fields(run_id = run_id))
  invisible(NULL)
}

mlflow_restore_run <- function(run_id, client = NULL) {
  client <- resolve_client(client)
  run_id <- one_text(run_id, "`run_id`")
  call_endpoint(client, "POST", "runs/restore", json_fields(run_id = run_id))
  mlflow_get_run(run_id, client)
}
