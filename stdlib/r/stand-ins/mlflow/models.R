# Models: crates on disk as {mlflow} keeps them, logged, found and read again.

mlflow_save_model <- function(model, path, model_spec = list(), ...) UseMethod("mlflow_save_model")

mlflow_save_model.default <- function(model, path, model_spec = list(), ...) {
  stop(sprintf(paste(
    "a model of class `%s` cannot be saved as it is: wrap its prediction,",
    "as in carrier::crate(function(x) stats::predict(model, x), model = model)"
  ), class(model)[1L]), call. = FALSE)
}

# `path` is a folder. -> the content of its MLmodel.
mlflow_save_model.crate <- function(model, path, model_spec = list(), ...) {
  dir.create(path, recursive = TRUE, showWarnings = FALSE)
  saveRDS(serialize(utils::removeSource(model), NULL), file.path(path, "crate.bin"))
  model_spec$flavors$crate <- list(version = "0.1.0", model = "crate.bin")
  writeLines(enc2utf8(yaml_lines(model_spec)), file.path(path, "MLmodel"), useBytes = TRUE)
  invisible(model_spec)
}

# Texts as JSON writes them, which YAML reads.
yaml_lines <- function(values, indent = "") {
  unlist(Map(function(name, value) {
    if (!is.list(value)) return(paste0(indent, name, ": ", json_string(value)))
    if (length(value)) c(paste0(indent, name, ":"), yaml_lines(value, paste0(indent, "  ")))
  }, names(values), values), use.names = FALSE)
}

mlflow_log_model <- function(model, artifact_path, ...) {
  to <- resolve_logging(NULL, NULL)
  folder <- tempfile("mlflow-model-")
  on.exit(unlink(folder, recursive = TRUE))
  spec <- mlflow_save_model(model, folder, model_spec = list(
    utc_time_created = format(Sys.time(), "%Y-%m-%d %H:%M:%OS6", tz = "UTC"), run_id = to$run_id,
    artifact_path = artifact_path, flavors = list()
  ), ...)
  logged <- mlflow_log_artifact(folder, artifact_path)
  fields <- json_fields(run_id = to$run_id, model_json = model_json(spec))
  tryCatch(call_endpoint(to$client, "POST", "runs/log-model", fields), mlflow_refusal = function(refusal) {
    warning("the model's files are logged, but not its description: ", conditionMessage(refusal), call. = FALSE)
  })
  invisible(logged)
}

model_json <- function(values) {
  json_object(names(values), vapply(values, function(value) if (is.list(value)) model_json(value) else json_string(value), ""))
}

mlflow_load_model <- function(model_uri, flavor = NULL, client = mlflow_client()) {
  folder <- model_folder(one_text(model_uri, "`model_uri`"), resolve_client(client))
  description <- file.path(folder, "MLmodel")
  if (!file.exists(description)) stop(sprintf("there is no model at `%s`: it holds no MLmodel", model_uri), call. = FALSE)
  flavors <- model_flavors(readLines(description, warn = FALSE, encoding = "UTF-8"))
  wanted <- if (is.null(flavor)) "crate" else flavor
  if (!identical(wanted, "crate") || !("crate" %in% flavors)) {
    stop(sprintf(
      "R reads models of the flavor crate only; `%s` has %s%s", model_uri, paste(flavors, collapse = ", "),
      if (is.null(flavor)) "" else sprintf(", and `%s` is asked for", flavor)
    ), call. = FALSE)
  }
  mlflow_load_flavor(structure(list(), class = c("mlflow_flavor_crate", "mlflow_flavor")), folder)
}

# Names of the keys right below `flavors:`.
model_flavors <- function(lines) {
  start <- match("flavors:", trimws(lines, "right"))
  if (is.na(start)) return(character())
  below <- lines[-seq_len(start)]
  ends <- which(!grepl("^( |#|$)", below))
  if (length(ends)) below <- below[seq_len(ends[1L] - 1L)]
  names <- grep("^ +[^ #].*: *$", below, value = TRUE)
  indent <- nchar(sub("[^ ].*$", "", names))
  sub(": *$", "", trimws(names[indent == min(indent, Inf)]))
}

mlflow_load_flavor <- function(flavor, model_path) UseMethod("mlflow_load_flavor")
mlflow_load_flavor.mlflow_flavor_crate <- function(flavor, model_path) {
  unserialize(readRDS(file.path(model_path, "crate.bin")))
}

mlflow_predict <- function(model, data, ...) UseMethod("mlflow_predict")
mlflow_predict.crate <- function(model, data, ...) model(data, ...)
