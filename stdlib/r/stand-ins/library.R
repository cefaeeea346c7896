# Makes a library with mlpipe's own packages `mlflow` and `carrier`, as R finds installed ones: plain code, written in a moment.

# Puts the library behind all others, so that installed packages win. MLPIPE_R_CACHE names the folder that keeps it; without one
# it lasts as long as this R. -> its path as .libPaths() has it, NULL where nothing of it is needed.
attach_stand_ins <- function(home) {
  if (all(nzchar(c(system.file(package = "mlflow"), system.file(package = "carrier"))))) return(NULL)
  cache <- Sys.getenv("MLPIPE_R_CACHE")
  library <- stand_in_library(home, if (nzchar(cache)) cache else file.path(tempdir(), "mlpipe"))
  .libPaths(c(.libPaths(), library))
  normalizePath(library)
}

# Which files of stdlib/r make which package.
stand_in_sources <- function(home) {
  own <- sort(list.files(file.path(home, "stand-ins", "mlflow"), "\\.R$", full.names = TRUE), method = "radix")
  shared <- file.path(home, c("numbers.R", "json.R", "json-write.R", "stand-ins/swallowed.R"))
  list(mlflow = c(shared, own), carrier = file.path(home, "crate.R"))
}

stand_in_namespaces <- function(home) {
  list(
    mlflow = readLines(file.path(home, "stand-ins", "mlflow", "NAMESPACE")),
    carrier = c("export(crate)", "S3method(print, crate)")
  )
}

# -> the library's path in the folder `cache`: made unless it is there, for this version of R and this content. Several processes
# may come at once: each writes a folder of its own, and the first to rename it has made the library.
stand_in_library <- function(home, cache) {
  code <- lapply(stand_in_sources(home), function(files) unlist(lapply(files, readLines, encoding = "UTF-8")))
  namespaces <- stand_in_namespaces(home)
  library <- file.path(cache, paste("r", getRversion(), fingerprint(c(code, namespaces)), sep = "-"))
  if (dir.exists(library)) return(library)
  dir.create(cache, recursive = TRUE, showWarnings = FALSE)
  made <- tempfile(paste0(basename(library), "-"), cache)
  for (package in names(code)) write_package(made, package, code[[package]], namespaces[[package]])
  if (!suppressWarnings(file.rename(made, library))) {
    unlink(made, recursive = TRUE)
    if (!dir.exists(library)) stop(sprintf("cannot write to the folder %s", cache), call. = FALSE)
  }
  library
}

# Tells one version of our own texts from another; no defence against an attacker.
fingerprint <- function(texts) {
  bytes <- as.integer(charToRaw(paste(unlist(texts), collapse = "\n")))
  places <- seq_along(bytes)
  sums <- c(sum(bytes * (places %% 8191L + 1)), sum(bytes * (places %% 65521L + 1)))
  paste(c(length(bytes), format(sums, scientific = FALSE, trim = TRUE)), collapse = "-")
}

write_package <- function(library, package, code, namespace) {
  folder <- file.path(library, package)
  for (part in file.path(folder, c("Meta", "R"))) dir.create(part, recursive = TRUE)
  built <- c("1970-01-01 00:00:00 UTC", .Platform$OS.type)
  description <- c(
    Package = package, Version = "0.0.0.9000", Title = sprintf("mlpipe's stand-in for {%s}", package),
    Built = sprintf("R %s; ; %s; %s", getRversion(), built[1L], built[2L])
  )
  write.dcf(as.list(description), file.path(folder, "DESCRIPTION"))
  writeLines(namespace, file.path(folder, "NAMESPACE"))
  writeLines(code, file.path(folder, "R", package), useBytes = TRUE)
  saveRDS(list(
    DESCRIPTION = description,
    Built = list(R = getRversion(), Platform = "", Date = built[1L], OStype = built[2L]),
    Rdepends = list(), Rdepends2 = list(), Depends = list(), Suggests = list(), Imports = list(), LinkingTo = list()
  ), file.path(folder, "Meta", "package.rds"))
  saveRDS(parseNamespaceFile(package, library), file.path(folder, "Meta", "nsInfo.rds"))
}
