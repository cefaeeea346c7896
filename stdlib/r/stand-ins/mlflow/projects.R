# Projects, through the command line of MLflow or of mlpipe.

# `no_conda` was in {mlflow} up to 1.30. -> the id of the run, invisibly.
mlflow_run <- function(uri = ".", entry_point = NULL, version = NULL, parameters = NULL, experiment_id = NULL,
                       experiment_name = NULL, backend = NULL, backend_config = NULL, env_manager = NULL,
                       storage_dir = NULL, no_conda = FALSE) {
  if (!is.null(experiment_name) && !is.null(experiment_id)) {
    stop("Specify only one of `experiment_name` or `experiment_id`.", call. = FALSE)
  }
  if (is.null(experiment_name)) experiment_id <- infer_experiment(experiment_id)
  if (isTRUE(no_conda) && is.null(env_manager)) env_manager <- "local"
  options <- list(
    "--entry-point" = entry_point, "--version" = version, "--experiment-id" = experiment_id,
    "--experiment-name" = experiment_name, "--backend" = backend, "--backend-config" = backend_config,
    "--storage-dir" = storage_dir, "--env-manager" = env_manager
  )
  said <- run_command(c("run", path.expand(one_text(uri, "`uri`")), option_words(options), param_words(parameters)))
  run_id <- sub("^.*Run \\(ID '([^']+)'.*$", "\\1", grep("Run \\(ID '[^']+'", said, value = TRUE))
  if (length(run_id) == 0L) stop("the command did not say the id of its run", call. = FALSE)
  invisible(run_id[1L])
}

option_words <- function(options) {
  given <- options[lengths(options) > 0L]
  as.character(rbind(names(given), vapply(given, one_text, "", "an option")))
}

param_words <- function(parameters) {
  if (length(parameters) == 0L) return(NULL)
  if (is.null(names(parameters)) || !all(nzchar(names(parameters)))) stop("parameters need names: list(cp = 0.01)", call. = FALSE)
  values <- vapply(as.list(parameters), one_text, "", "a parameter")
  as.character(rbind("--param-list", paste0(names(parameters), "=", values)))
}

# Executes the command with what it prints shown, and answers the lines of its standard error.
run_command <- function(words) {
  errors <- tempfile()
  on.exit(unlink(errors))
  # What mlflow_set_tracking_uri() has said holds for the command too.
  uri <- if (!is.null(state$tracking_uri)) paste0("MLFLOW_TRACKING_URI=", shQuote(state$tracking_uri))
  status <- system2(find_command(), shQuote(words), stderr = errors, env = as.character(uri))
  said <- readLines(errors, warn = FALSE)
  if (length(said)) message(paste(said, collapse = "\n"))
  if (status != 0L) stop(sprintf("mlflow %s ended with status %d", words[1L], status), call. = FALSE)
  said
}

find_command <- function() {
  named <- Sys.getenv("MLFLOW_BIN")
  found <- if (nzchar(named)) named else Filter(nzchar, Sys.which(c("mlpipe-mlflow", "mlflow")))
  if (length(found) == 0L) {
    stop("mlflow_run() needs the command mlpipe-mlflow or mlflow: put it on PATH or name it in MLFLOW_BIN", call. = FALSE)
  }
  found[[1L]]
}
