# Crates on disk as {mlflow} keeps them, with the packages that their data needs.

# Classes and `::` in what a crate carries name packages; those that R always attaches need no mention.
always_there <- c("base", "datasets", "graphics", "grDevices", "methods", "stats", "utils", "webr")

crate_packages <- function(crate) {
  found <- new.env(parent = emptyenv())
  found$classes <- character()
  found$packages <- character()
  found$left <- 100000L
  visit_function(crate, found)
  owners <- c(found$packages, class_owners(unique(found$classes)))
  sort(setdiff(unique(owners), always_there), method = "radix")
}

visit_function <- function(f, found) {
  env <- environment(f)
  if (is.null(env)) return(invisible())
  home <- topenv(env)
  if (isNamespace(home)) found$packages <- c(found$packages, getNamespaceName(home))
  visit_code(body(f), found)
  if (isNamespace(home) || identical(env, globalenv())) return(invisible())
  for (name in ls(env, all.names = TRUE)) visit_value(get(name, envir = env), found)
}

visit_code <- function(code, found) {
  if (!is.call(code)) return(invisible())
  qualified <- is.symbol(code[[1L]]) && as.character(code[[1L]]) %in% c("::", ":::") && length(code) == 3L
  if (qualified) found$packages <- c(found$packages, as.character(code[[2L]]))
  for (i in seq_along(code)) if (is.call(code[[i]])) visit_code(code[[i]], found)
}

visit_value <- function(value, found) {
  if (found$left <= 0L) return(invisible())
  found$left <- found$left - 1L
  class <- attr(value, "class")
  if (!is.null(class)) found$classes <- c(found$classes, class)
  if (!is.null(attr(class, "package"))) found$packages <- c(found$packages, attr(class, "package"))
  if (is.function(value) && !is.primitive(value)) visit_own_function(value, found)
  if (is.list(value)) for (part in unclass(value)) visit_value(part, found)
}

# A function inside the data: its environment is not searched again, which could go in circles.
visit_own_function <- function(f, found) {
  home <- topenv(environment(f))
  if (isNamespace(home)) found$packages <- c(found$packages, getNamespaceName(home))
  visit_code(body(f), found)
}

# Loaded packages that bring the methods by which models of these classes are used.
class_owners <- function(classes) {
  uses <- c("predict", "print", "summary", "fitted", "coef")
  loaded <- setdiff(loadedNamespaces(), always_there)
  Filter(function(name) {
    methods <- getNamespaceInfo(name, "S3methods")
    length(methods) > 0L && any(methods[, 1L] %in% uses & methods[, 2L] %in% classes)
  }, loaded)
}

# Data without the text of its code: it would name files and change with every comment.
without_source <- function(value) {
  if (is.function(value) && !is.primitive(value)) return(utils::removeSource(value))
  if (is.list(value) && !is.object(value)) value[] <- lapply(value, without_source)
  value
}

write_crate <- function(crate, folder) {
  crate <- utils::removeSource(crate)
  saveRDS(serialize(crate, NULL), file.path(folder, "crate.bin"))
}

read_model <- function(input) {
  if (input$flavor == "crate") return(read_crate(input, mlmodel_packages(file.path(input$path, "MLmodel"))))
  files <- setdiff(list.files(input$path), c("MLmodel", "probe.json"))
  if (length(files) == 1L) file.path(input$path, files) else input$path
}

read_crate <- function(input, packages) {
  for (package in packages) require_package(package, sprintf("the model `%s` needs the package `%s`", input$variable, package))
  bin <- file.path(input$path, "crate.bin")
  if (!file.exists(bin)) stop("its folder holds no crate.bin", call. = FALSE)
  made <- unserialize(readRDS(bin))
  if (!is.function(made)) stop("crate.bin holds no function", call. = FALSE)
  made
}

# The only lines of MLmodel that matter here, as mlpipe writes them: `packages:` with one name a line below it.
mlmodel_packages <- function(file) {
  lines <- if (file.exists(file)) readLines(file, warn = FALSE, encoding = "UTF-8") else character()
  indent <- nchar(sub("[^ ].*$", "", lines))
  at <- which(grepl("^ +packages: *$", lines))
  if (length(at) != 1L) return(character())
  later <- seq_along(lines) > at
  below <- later & cumsum(later & indent <= indent[at]) == 0L
  sub("^ *(- )?\"?([A-Za-z][A-Za-z0-9.]*).*$", "\\2", lines[below])
}

# The packages of the event, which MLmodel will name: those found in the crate (NULL: a model of files) and those declared.
model_packages <- function(model, crate) {
  declared <- as.character(unlist(model$packages))
  for (package in declared) require_package(package, sprintf("the model `%s` declares the package `%s`", model$key, package))
  found <- if (is.null(crate)) character() else crate_packages(crate)
  installed <- Filter(function(name) nzchar(system.file(package = name)), found)
  unique(c(installed, declared))
}
