# Artifacts over REST: files are sent one by one, and folders are lists of files.

# A file lands at `artifact_path/name`, what is in a folder below `artifact_path`. -> what is there afterwards, as a frame.
mlflow_log_artifact <- function(path, artifact_path = NULL, run_id = NULL, client = NULL) {
  to <- resolve_logging(client, run_id)
  path <- one_text(path, "`path`")
  if (!file.exists(path)) stop(sprintf("there is no file `%s` to log", path), call. = FALSE)
  names <- if (dir.exists(path)) list.files(path, all.files = TRUE, recursive = TRUE) else basename(path)
  files <- if (dir.exists(path)) file.path(path, names) else path
  targets <- if (is.null(artifact_path)) names else file.path(one_text(artifact_path, "`artifact_path`"), names)
  for (i in seq_along(files)) upload(to$client, to$run_id, files[i], targets[i])
  invisible(list_frame(list_files(to$client, to$run_id, artifact_path)))
}

upload_endpoint <- "/ajax-api/2.0/mlflow/upload-artifact"

upload <- function(client, run_id, file, target) {
  query <- query_text(list(run_uuid = run_id, path = target))
  send <- function(verb, address) {
    ask(client, verb, sprintf("the upload of `%s`", target), address, send = file, headers = "Content-Type: application/octet-stream")
  }
  # MLflow takes neither empty files nor more than 10 MB here, but does where it keeps the artifacts itself.
  tryCatch(send("POST", paste0(upload_endpoint, query)), mlflow_refusal = function(refusal) {
    proxied <- if (identical(refusal$code, "INVALID_PARAMETER_VALUE")) proxied_artifacts(client, run_id)
    if (is.null(proxied)) stop(refusal)
    send("PUT", paste0(proxied, path_text(target)))
  })
}

# Address of a run's artifacts on the server's own store of them; NULL where they are elsewhere.
proxied_artifacts <- function(client, run_id) {
  uri <- mlflow_get_run(run_id, client)$artifact_uri
  if (!grepl("^mlflow-artifacts:/[^/]", uri)) return(NULL)
  paste0("/api/2.0/mlflow-artifacts/artifacts/", path_text(sub("^mlflow-artifacts:/", "", uri)), "/")
}

path_text <- function(path) paste(vapply(strsplit(path, "/", fixed = TRUE)[[1L]], url_text, ""), collapse = "/")

list_files <- function(client, run_id, path) {
  all_pages(function(token) {
    query <- list(run_id = run_id, path = one_text_or_null(path, "`path`"), page_token = token)
    call_endpoint(client, "GET", "artifacts/list", query = query)
  }, "files")
}

list_frame <- function(files) records_frame(files, c("path", "is_dir", "file_size"))

mlflow_list_artifacts <- function(path = NULL, run_id = NULL, client = NULL) {
  run_id <- resolve_run(run_id)
  list_frame(list_files(resolve_client(client), run_id, path))
}

# -> the path of a copy below a new temporary folder.
mlflow_download_artifacts <- function(path, run_id = NULL, client = NULL) {
  run_id <- resolve_run(run_id)
  download(resolve_client(client), run_id, gsub("^/+|/+$", "", one_text(path, "`path`")))
}

download <- function(client, run_id, path) {
  folder <- tempfile("mlflow-")
  files <- list_deep(client, run_id, path)
  if (length(files) == 0L) files <- path
  for (file in files) fetch(client, run_id, file, inside(folder, file))
  if (nzchar(path)) file.path(folder, path) else folder
}

# Paths of all files below `path`; none where it is a file itself.
list_deep <- function(client, run_id, path) {
  found <- list_files(client, run_id, if (nzchar(path)) path)
  unlist(lapply(found, function(file) if (file$is_dir) list_deep(client, run_id, file$path) else file$path))
}

# What a server calls a path must stay below `folder`.
inside <- function(folder, path) {
  parts <- strsplit(path, "[/\\\\]")[[1L]]
  if (any(parts %in% c("", ".", "..")) || grepl("^[A-Za-z]:", path)) {
    stop(sprintf("the server names an artifact `%s`, which leaves its folder", path), call. = FALSE)
  }
  file.path(folder, path)
}

fetch <- function(client, run_id, path, target) {
  dir.create(dirname(target), recursive = TRUE, showWarnings = FALSE)
  query <- query_text(list(run_uuid = run_id, path = path))
  ask(client, "GET", sprintf("the download of `%s`", path), paste0("/get-artifact", query), into = target)
}
