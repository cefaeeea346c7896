# The model registry.

# One call; `part` is the field of the answer that is handed on.
registry_call <- function(client, verb, endpoint, part, ...) {
  call_endpoint(resolve_client(client), verb, endpoint, json_fields(...))[[part]]
}

mlflow_create_registered_model <- function(name, tags = NULL, description = NULL, client = NULL) {
  registry_call(
    client, "POST", "registered-models/create", "registered_model",
    name = one_text(name, "`name`"), tags = registry_tags(tags), description = description
  )
}

# list(list(key, value), …) as {mlflow} wants them, or list(key = value).
registry_tags <- function(tags) {
  nested <- length(tags) && is.null(names(tags)) && all(vapply(tags, is.list, NA))
  if (nested) tags <- structure(lapply(tags, `[[`, "value"), names = vapply(tags, `[[`, "", "key"))
  json_tags(tags)
}

mlflow_get_registered_model <- function(name, client = NULL) {
  query <- list(name = one_text(name, "`name`"))
  call_endpoint(resolve_client(client), "GET", "registered-models/get", query = query)$registered_model
}

mlflow_rename_registered_model <- function(name, new_name, client = NULL) {
  registry_call(
    client, "POST", "registered-models/rename", "registered_model",
    name = one_text(name, "`name`"), new_name = one_text(new_name, "`new_name`")
  )
}

mlflow_update_registered_model <- function(name, description, client = NULL) {
  registry_call(
    client, "PATCH", "registered-models/update", "registered_model",
    name = one_text(name, "`name`"), description = one_text(description, "`description`")
  )
}

mlflow_delete_registered_model <- function(name, client = NULL) {
  call_endpoint(resolve_client(client), "DELETE", "registered-models/delete", json_fields(name = one_text(name, "`name`")))
  invisible(NULL)
}

mlflow_search_registered_models <- function(filter = NULL, max_results = 100, order_by = list(), page_token = NULL,
                                            client = NULL) {
  query <- list(
    filter = filter, max_results = whole_text(max_results), order_by = unlist(order_by), page_token = page_token
  )
  answer <- call_endpoint(resolve_client(client), "GET", "registered-models/search", query = query)
  list(registered_models = answer$registered_models, next_page_token = answer$next_page_token)
}

mlflow_get_latest_versions <- function(name, stages = list(), client = NULL) {
  query <- list(name = one_text(name, "`name`"), stages = unlist(stages))
  call_endpoint(resolve_client(client), "GET", "registered-models/get-latest-versions", query = query)$model_versions
}

mlflow_create_model_version <- function(name, source, run_id = NULL, tags = NULL, run_link = NULL, description = NULL,
                                        client = NULL) {
  registry_call(
    client, "POST", "model-versions/create", "model_version",
    name = one_text(name, "`name`"), source = one_text(source, "`source`"), run_id = run_id, tags = registry_tags(tags),
    run_link = run_link, description = description
  )
}

mlflow_get_model_version <- function(name, version, client = NULL) {
  query <- list(name = one_text(name, "`name`"), version = one_text(version, "`version`"))
  call_endpoint(resolve_client(client), "GET", "model-versions/get", query = query)$model_version
}

mlflow_update_model_version <- function(name, version, description, client = NULL) {
  registry_call(
    client, "PATCH", "model-versions/update", "model_version",
    name = one_text(name, "`name`"), version = one_text(version, "`version`"),
    description = one_text(description, "`description`")
  )
}

mlflow_delete_model_version <- function(name, version, client = NULL) {
  fields <- json_fields(name = one_text(name, "`name`"), version = one_text(version, "`version`"))
  call_endpoint(resolve_client(client), "DELETE", "model-versions/delete", fields)
  invisible(NULL)
}

mlflow_transition_model_version_stage <- function(name, version, stage, archive_existing_versions = FALSE, client = NULL) {
  registry_call(
    client, "POST", "model-versions/transition-stage", "model_version",
    name = one_text(name, "`name`"), version = one_text(version, "`version`"), stage = one_text(stage, "`stage`"),
    archive_existing_versions = archive_existing_versions
  )
}

# `version`, or the latest one of `stage`.
mlflow_set_model_version_tag <- function(name, version = NULL, key = NULL, value = NULL, stage = NULL, client = NULL) {
  if (is.null(version) == is.null(stage)) stop("one of `version` and `stage` must be set", call. = FALSE)
  if (is.null(version)) {
    latest <- mlflow_get_latest_versions(name, stage, client)
    if (length(latest) == 0L) stop(sprintf("`%s` has no version in the stage `%s`", name, stage), call. = FALSE)
    version <- latest[[1L]]$version
  }
  fields <- json_fields(
    name = one_text(name, "`name`"), version = one_text(version, "`version`"), key = one_text(key, "`key`"),
    value = one_text(value, "`value`")
  )
  call_endpoint(resolve_client(client), "POST", "model-versions/set-tag", fields)
  invisible(NULL)
}
