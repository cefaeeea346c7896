# Experiments.

mlflow_create_experiment <- function(name, artifact_location = NULL, client = NULL, tags = NULL) {
  fields <- json_fields(name = one_text(name, "`name`"), artifact_location = artifact_location, tags = json_tags(tags))
  call_endpoint(resolve_client(client), "POST", "experiments/create", fields)$experiment_id
}

mlflow_get_experiment <- function(experiment_id = NULL, name = NULL, client = NULL) {
  if (!is.null(name) && !is.null(experiment_id)) {
    stop("Only one of `name` or `experiment_id` should be specified.", call. = FALSE)
  }
  client <- resolve_client(client)
  answer <- if (is.null(name)) {
    call_endpoint(client, "GET", "experiments/get", query = list(experiment_id = resolve_experiment(experiment_id)))
  } else {
    call_endpoint(client, "GET", "experiments/get-by-name", query = list(experiment_name = one_text(name, "`name`")))
  }
  structure(experiments_frame(list(answer$experiment)), class = c("mlflow_experiment", "data.frame"))
}

# Makes an experiment the active one, creating it where the name is new. -> its id.
mlflow_set_experiment <- function(experiment_name = NULL, experiment_id = NULL, artifact_location = NULL) {
  if (is.null(experiment_name) == is.null(experiment_id)) {
    stop("Exactly one of `experiment_name` or `experiment_id` should be specified.", call. = FALSE)
  }
  state$experiment_id <- if (is.null(experiment_name)) {
    one_text(experiment_id, "`experiment_id`")
  } else {
    find_or_create_experiment(one_text(experiment_name, "`experiment_name`"), artifact_location)
  }
  state$experiment_id
}

find_or_create_experiment <- function(name, artifact_location) {
  tryCatch(mlflow_get_experiment(name = name)$experiment_id, mlflow_refusal = function(refusal) {
    if (!identical(refusal$code, "RESOURCE_DOES_NOT_EXIST")) stop(refusal)
    message("Experiment `", name, "` does not exist. Creating a new experiment.")
    mlflow_create_experiment(name, artifact_location)
  })
}

view_types <- c("ACTIVE_ONLY", "DELETED_ONLY", "ALL")

mlflow_search_experiments <- function(filter = NULL, experiment_view_type = c("ACTIVE_ONLY", "DELETED_ONLY", "ALL"),
                                      max_results = 1000, order_by = list(), page_token = NULL, client = NULL) {
  fields <- json_fields(
    filter = filter, view_type = match.arg(experiment_view_type), max_results = max_results,
    order_by = json_list(order_by), page_token = page_token
  )
  answer <- call_endpoint(resolve_client(client), "POST", "experiments/search", fields)
  list(experiments = experiments_frame(answer$experiments), next_page_token = answer$next_page_token)
}

# All of them; {mlflow} has it up to version 1.30.
mlflow_list_experiments <- function(view_type = c("ACTIVE_ONLY", "DELETED_ONLY", "ALL"), client = NULL) {
  view_type <- match.arg(view_type)
  client <- resolve_client(client)
  experiments_frame(all_pages(function(token) {
    fields <- json_fields(view_type = view_type, max_results = 1000, page_token = token)
    call_endpoint(client, "POST", "experiments/search", fields)
  }, "experiments"))
}

mlflow_set_experiment_tag <- function(key, value, experiment_id = NULL, client = NULL) {
  fields <- json_fields(
    experiment_id = resolve_experiment(experiment_id), key = one_text(key, "`key`"), value = one_text(value, "`value`")
  )
  call_endpoint(resolve_client(client), "POST", "experiments/set-experiment-tag", fields)
  invisible(NULL)
}

mlflow_rename_experiment <- function(new_name, experiment_id = NULL, client = NULL) {
  fields <- json_fields(experiment_id = resolve_experiment(experiment_id), new_name = one_text(new_name, "`new_name`"))
  call_endpoint(resolve_client(client), "POST", "experiments/update", fields)
  invisible(NULL)
}

mlflow_delete_experiment <- function(experiment_id, client = NULL) {
  id <- one_text(experiment_id, "`experiment_id`")
  if (identical(id, state$experiment_id)) stop("Cannot delete an active experiment.", call. = FALSE)
  call_endpoint(resolve_client(client), "POST", "experiments/delete", json_fields(experiment_id = id))
  invisible(NULL)
}

mlflow_restore_experiment <- function(experiment_id, client = NULL) {
  fields <- json_fields(experiment_id = one_text(experiment_id, "`experiment_id`"))
  call_endpoint(resolve_client(client), "POST", "experiments/restore", fields)
  invisible(NULL)
}
