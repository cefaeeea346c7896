# A package that goes the ways of the real {mlflow}, which is on no registry here: its requests as they were recorded, every
# leaf a text, artifacts by the command in MLFLOW_BIN, errors caught where it catches them. Base R only.

.globals <- new.env(parent = emptyenv())
.globals$active <- character()

request <- function(verb, endpoint, query = list(), data = list()) {
  host <- sub("^http://", "", Sys.getenv("MLFLOW_TRACKING_URI"))
  parts <- strsplit(host, ":")[[1L]]
  values <- vapply(query, function(value) utils::URLencode(as.character(value), reserved = TRUE), "")
  asked <- if (length(query)) paste0("?", paste0(names(query), "=", values, collapse = "&"))
  target <- paste0("/api/2.0/mlflow/", endpoint, asked)
  body <- if (verb == "GET") "" else to_json(Filter(length, data))
  socket <- socketConnection(parts[1L], as.integer(parts[2L]), blocking = TRUE, open = "r+b", timeout = 60)
  on.exit(close(socket))
  writeBin(charToRaw(paste0(
    verb, " ", target, " HTTP/1.1\r\nHost: ", host, "\r\nAccept: application/json, text/xml, application/xml, */*\r\n",
    "User-Agent: mlflow-r-client/3.10.1\r\nConnection: close\r\nAuthorization: Bearer ", Sys.getenv("MLFLOW_TRACKING_TOKEN"), "\r\n",
    if (verb != "GET") sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", nchar(body, "bytes")), "\r\n", body
  )), socket)
  raw <- raw()
  while (length(piece <- readBin(socket, "raw", 65536L))) raw <- c(raw, piece)
  answer <- rawToChar(raw)
  said <- sub("^.*?\r\n\r\n", "", answer, perl = TRUE)
  if (!startsWith(answer, "HTTP/1.1 200")) stop(sprintf("API request to endpoint '%s' failed: %s", endpoint, said))
  said
}

to_json <- function(data) {
  if (is.null(names(data)) && is.list(data)) return(paste0("[", paste(vapply(data, to_json, ""), collapse = ","), "]"))
  if (!is.list(data)) return(encodeString(as.character(data), quote = "\""))
  paste0("{", paste0("\"", names(data), "\":", vapply(data, to_json, ""), collapse = ","), "}")
}

# The first text of that name in an answer.
field <- function(answer, name) {
  regmatches(answer, regexec(sprintf("\"%s\": *\"([^\"]*)\"", name), answer))[[1L]][2L]
}

now <- function() round(as.numeric(Sys.time()) * 1000)
both <- function(id) list(run_uuid = id, run_id = id)

mlflow_set_experiment <- function(name) {
  found <- tryCatch(request("GET", "experiments/get-by-name", list(experiment_name = name)), error = function(problem) {
    if (!grepl("RESOURCE_DOES_NOT_EXIST", conditionMessage(problem))) stop(problem)
    request("POST", "experiments/create", data = list(name = name))
  })
  .globals$experiment <- field(found, "experiment_id")
}

mlflow_get_run <- function(run_id) {
  answer <- request("GET", "runs/get", both(run_id))
  fields <- c("run_uuid", "run_id", "status", "experiment_id", "artifact_uri")
  run <- structure(lapply(fields, field, answer = answer), names = fields)
  structure(run, class = "mlflow_run")
}

mlflow_start_run <- function(nested = FALSE) {
  active <- active_run()
  if (!is.null(active) && !nested) stop("Run with UUID ", active, " is already active.")
  id <- Sys.getenv("MLFLOW_RUN_ID")
  if (!nzchar(id)) {
    tags <- list(
      list(key = "mlflow.user", value = Sys.info()[["user"]]), list(key = "mlflow.source.name", value = "<console>"),
      list(key = "mlflow.source.type", value = "LOCAL")
    )
    if (!is.null(active)) tags <- c(tags, list(list(key = "mlflow.parentRunId", value = active)))
    experiment <- c(.globals$experiment, Sys.getenv("MLFLOW_EXPERIMENT_ID"), "0")
    data <- list(experiment_id = Filter(nzchar, experiment)[1L], user_id = Sys.info()[["user"]], start_time = now(), tags = tags)
    id <- field(request("POST", "runs/create", data = data), "run_uuid")
  }
  run <- mlflow_get_run(id)
  .globals$active <- c(.globals$active, id)
  run
}

active_run <- function() if (length(.globals$active)) .globals$active[length(.globals$active)]

resolve <- function() {
  if (is.null(active_run())) mlflow_start_run()
  active_run()
}

mlflow_end_run <- function(status = c("FINISHED", "FAILED", "KILLED")) {
  status <- match.arg(status)
  id <- active_run()
  if (is.null(id)) stop("There is no active run to end.")
  request("POST", "runs/update", data = c(both(id), list(status = status, end_time = now())))
  .globals$active <- .globals$active[-length(.globals$active)]
  mlflow_get_run(id)
}

mlflow_log_param <- function(key, value) {
  request("POST", "runs/log-parameter", data = c(both(resolve()), list(key = key, value = as.character(value))))
  invisible(as.character(value))
}

mlflow_log_metric <- function(key, value, timestamp = now(), step = 0) {
  data <- list(key = key, value = value, timestamp = timestamp, step = step)
  request("POST", "runs/log-metric", data = c(both(resolve()), data))
  invisible(value)
}

mlflow_set_tag <- function(key, value) {
  request("POST", "runs/set-tag", data = c(both(resolve()), list(key = key, value = value)))
  invisible(NULL)
}

# Python is looked for, even where MLFLOW_BIN alone is asked; its folder comes first on PATH.
command <- function(...) {
  python <- Sys.getenv("MLFLOW_PYTHON_BIN")
  if (!nzchar(python)) stop("MLflow not configured, please run install_mlflow().")
  errors <- tempfile()
  env <- c(
    paste0("PATH=", shQuote(paste0(dirname(python), ":", Sys.getenv("PATH")))), "MLFLOW_TRACKING_INSECURE=False"
  )
  said <- suppressWarnings(system2(Sys.getenv("MLFLOW_BIN"), shQuote(c(...)), stdout = TRUE, stderr = errors, env = env))
  told <- paste(readLines(errors), collapse = "\n")
  message(told)
  if (!is.null(attr(said, "status"))) stop("System command 'mlflow' failed, exit status: ", attr(said, "status"))
  list(stdout = said, stderr = told)
}

mlflow_log_artifact <- function(path, artifact_path = NULL, run_id = resolve()) {
  kind <- if (file.exists(path) && !dir.exists(path)) c("log-artifact", "--local-file") else c("log-artifacts", "--local-dir")
  command("artifacts", kind, path, if (!is.null(artifact_path)) c("--artifact-path", artifact_path), "--run-id", run_id)
  invisible(request("GET", "artifacts/list", c(both(run_id), Filter(length, list(path = artifact_path)))))
}

mlflow_log_model <- function(model, artifact_path) {
  id <- resolve()
  folder <- file.path(tempfile(), artifact_path)
  dir.create(folder, recursive = TRUE)
  saveRDS(serialize(model, NULL), file.path(folder, "crate.bin"))
  created <- format(Sys.time(), "%Y-%m-%d %H:%M:%OS6", tz = "UTC")
  writeLines(c(
    paste("utc_time_created:", created), paste("run_id:", id), paste("artifact_path:", artifact_path),
    "flavors:", "  crate:", "    version: 0.1.0", "    model: crate.bin"
  ), file.path(folder, "MLmodel"))
  mlflow_log_artifact(folder, artifact_path, id)
  flavors <- list(crate = list(version = "0.1.0", model = "crate.bin"))
  spec <- list(utc_time_created = created, run_id = id, artifact_path = artifact_path, flavors = flavors)
  request("POST", "runs/log-model", data = list(run_id = id, model_json = to_json(spec)))
  invisible(NULL)
}

mlflow_load_model <- function(model_uri) {
  said <- command("artifacts", "download", "-u", model_uri)$stdout
  unserialize(readRDS(file.path(paste(if (length(said) > 1L) said[-1L] else said, collapse = ""), "crate.bin")))
}

mlflow_run <- function(uri = ".", parameters = NULL, env_manager = NULL) {
  words <- unlist(Map(function(name, value) c("--param-list", paste0(name, "=", format(value, scientific = FALSE))), names(parameters), parameters))
  experiment <- Sys.getenv("MLFLOW_EXPERIMENT_ID")
  given <- c("--experiment-id", experiment, if (!is.null(env_manager)) c("--env-manager", env_manager))
  told <- command("run", uri, given, unname(words))$stderr
  id <- regmatches(told, regexec("Run \\(ID '([^']+)'", told))[[1L]][2L]
  if (is.na(id)) stop("no run")
  invisible(id)
}

with.mlflow_run <- function(data, expr, ...) {
  tryCatch({
    force(expr)
    mlflow_end_run()
  }, error = function(cnd) {
    message(cnd)
    mlflow_end_run(status = "FAILED")
  }, interrupt = function(cnd) mlflow_end_run(status = "KILLED"))
  invisible(NULL)
}

mlflow_param <- function(name, default = NULL, type = NULL, description = NULL) {
  value <- .globals$run_params[[name]]
  if (is.null(value)) value <- default
  switch(if (is.null(type)) typeof(default) else type, integer = as.integer(value), double = , numeric = as.numeric(value), as.character(value))
}

# Only what looks like `--name=value` counts, and nothing that was known before.
mlflow_source <- function(uri) {
  path <- as.character(substitute(uri))
  words <- grep("^--[^=]+=", commandArgs(TRUE), value = TRUE)
  .globals$run_params <- structure(as.list(sub("^[^=]*=", "", words)), names = sub("^--([^=]*)=.*$", "\\1", words))
  tryCatch(
    source(path, local = parent.frame()),
    error = function(cnd) {
      message(cnd, "\n")
      mlflow_end_run(status = "FAILED")
    },
    interrupt = function(cnd) mlflow_end_run(status = "KILLED"),
    finally = {
      if (!is.null(active_run())) mlflow_end_run(status = "FAILED")
      .globals$run_params <- NULL
    }
  )
  invisible(NULL)
}
