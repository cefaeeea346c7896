# Makes a library with mlpipe's own packages `mlflow` and `carrier`, as R finds installed ones: plain code, written in a moment.

stand_ins <- c("mlflow", "carrier")

# Puts a library with those of `packages` that are not installed behind all others, so that installed ones win. MLPIPE_R_CACHE
# names the folder that keeps it; without one it lasts as long as this R. -> its path as .libPaths() has it; NULL: none is needed.
attach_stand_ins <- function(home, packages = stand_ins) {
  packages <- Filter(function(package) !nzchar(system.file(package = package)), packages)
  if (length(packages) == 0L) return(NULL)
  # Compiling these functions takes longer than they take.
  compiling <- compiler::enableJIT(0L)
  on.exit(compiler::enableJIT(compiling))
  cache <- Sys.getenv("MLPIPE_R_CACHE")
  library <- stand_in_library(home, if (nzchar(cache)) cache else file.path(tempdir(), "mlpipe"), packages)
  .libPaths(c(.libPaths(), library))
  normalizePath(library)
}

# A package's code, lines of the files of stdlib/r that make it, and its NAMESPACE.
stand_in_texts <- function(home, package) {
  folder <- file.path(home, "stand-ins")
  own <- sort(list.files(file.path(folder, "mlflow"), "\\.R$", full.names = TRUE), method = "radix")
  shared <- file.path(home, c("numbers.R", "json.R", "json-write.R", "stand-ins/swallowed.R"))
  files <- switch(package, mlflow = c(shared, own), carrier = file.path(home, "crate.R"))
  list(
    code = unlist(lapply(files, readLines, encoding = "UTF-8")),
    namespace = readLines(file.path(folder, paste0(package, ".NAMESPACE")))
  )
}

# -> the library's path in the folder `cache`: made unless it is there, for this version of R and this content. Several processes
# may come at once: each writes a folder of its own, and the first to rename it has made the library.
stand_in_library <- function(home, cache, packages) {
  texts <- sapply(packages, stand_in_texts, home = home, simplify = FALSE)
  library <- file.path(cache, paste("r", getRversion(), fingerprint(texts), sep = "-"))
  if (dir.exists(library)) return(library)
  dir.create(cache, recursive = TRUE, showWarnings = FALSE)
  made <- tempfile(paste0(basename(library), "-"), cache)
  for (package in packages) write_package(made, package, texts[[package]]$code, texts[[package]]$namespace)
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
