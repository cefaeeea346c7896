# Where a model URI leads: `runs:/ID/path`, `models:/name/version`, `models:/name/stage`, `models:/name@alias`, or a local folder.

# -> a local folder, a copy where the model lies on the server.
model_folder <- function(uri, client) {
  if (startsWith(uri, "runs:/")) return(run_folder(sub("^runs:/+", "", uri), client))
  if (startsWith(uri, "models:/")) return(version_folder(find_version(sub("^models:/+", "", uri), client), client))
  local <- sub("^file://(localhost)?", "", uri)
  if (!dir.exists(local)) stop(sprintf("there is no model at `%s`", uri), call. = FALSE)
  local
}

run_folder <- function(path, client) {
  run_id <- sub("/.*$", "", path)
  below <- sub("^[^/]*/?", "", path)
  if (!nzchar(below)) stop("a model URI names a path below its run: runs:/RUN_ID/model", call. = FALSE)
  download(client, run_id, sub("/+$", "", below))
}

find_version <- function(name, client) {
  if (grepl("@", name, fixed = TRUE)) {
    query <- list(name = sub("@[^@]*$", "", name), alias = sub("^.*@", "", name))
    return(call_endpoint(client, "GET", "registered-models/alias", query = query)$model_version)
  }
  parts <- strsplit(name, "/", fixed = TRUE)[[1L]]
  if (length(parts) != 2L) {
    stop(sprintf("write models:/NAME/VERSION or models:/NAME@ALIAS instead of `models:/%s`", name), call. = FALSE)
  }
  if (grepl("^[0-9]+$", parts[2L])) return(mlflow_get_model_version(parts[1L], parts[2L], client))
  stage <- if (parts[2L] == "latest") list() else parts[2L]
  versions <- mlflow_get_latest_versions(parts[1L], stage, client)
  if (length(versions) == 0L) stop(sprintf("`%s` has no version `%s`", parts[1L], parts[2L]), call. = FALSE)
  versions[[which.max(vapply(versions, function(version) as.numeric(version$version), 0))]]
}

# A version's source is a URI; most are below the artifacts of its run, wherever these lie.
version_folder <- function(version, client) {
  source <- version$source
  folder <- paste0("/", version$run_id, "/artifacts/")
  at <- if (length(version$run_id) && nzchar(version$run_id)) regexpr(folder, source, fixed = TRUE) else -1L
  if (at > 0L) source <- paste0("runs:/", version$run_id, "/", substring(source, at + nchar(folder)))
  if (startsWith(source, "models:/")) {
    stop(sprintf("`%s` is a model that Python has logged, which R cannot read", source), call. = FALSE)
  }
  model_folder(source, client)
}
