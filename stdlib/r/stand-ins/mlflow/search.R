# Searches: all pages of them.

# `ask` takes a page token, NULL at first, and gives an answer; its `field` is gathered.
all_pages <- function(ask, field) {
  found <- list()
  token <- NULL
  repeat {
    answer <- ask(token)
    found <- c(found, answer[[field]])
    token <- answer$next_page_token
    if (is.null(token) || !nzchar(token)) return(found)
  }
}

# Always an array, however long it is; NULL where it is empty.
json_list <- function(values) if (length(values)) as_json(json_texts(vapply(as.list(values), one_text, "", "an element")))

search_runs <- function(client, experiment_ids, filter, view_type, order_by) {
  all_pages(function(token) {
    fields <- json_fields(
      experiment_ids = json_list(experiment_ids), filter = filter, run_view_type = view_type,
      order_by = json_list(order_by), page_token = token
    )
    call_endpoint(client, "POST", "runs/search", fields)
  }, "runs")
}

mlflow_search_runs <- function(filter = NULL, run_view_type = c("ACTIVE_ONLY", "DELETED_ONLY", "ALL"),
                               experiment_ids = NULL, order_by = list(), client = NULL) {
  if (is.null(experiment_ids)) experiment_ids <- resolve_experiment(NULL)
  runs_frame(search_runs(resolve_client(client), experiment_ids, filter, match.arg(run_view_type), order_by))
}

# {mlflow} has it up to version 1.30.
mlflow_list_run_infos <- function(run_view_type = c("ACTIVE_ONLY", "DELETED_ONLY", "ALL"), experiment_id = NULL,
                                  client = NULL) {
  experiment_id <- resolve_experiment(experiment_id)
  runs <- search_runs(resolve_client(client), experiment_id, NULL, match.arg(run_view_type), list())
  run_infos_frame(lapply(runs, `[[`, "info"))
}

mlflow_get_metric_history <- function(metric_key, run_id = NULL, client = NULL) {
  run_id <- resolve_run(run_id)
  client <- resolve_client(client)
  metrics_frame(all_pages(function(token) {
    query <- list(run_id = run_id, metric_key = one_text(metric_key, "`metric_key`"), max_results = "25000", page_token = token)
    call_endpoint(client, "GET", "metrics/get-history", query = query)
  }, "metrics"))
}
