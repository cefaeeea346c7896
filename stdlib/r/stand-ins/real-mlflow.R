# The real {mlflow} in a run of mlpipe: mlflow_param() answers with the run's params, and errors that it catches are told.

# Now where it is loaded already, else as soon as it is.
adapt_mlflow <- function(home) {
  adapt <- function(...) {
    tryCatch(adapt_namespace(asNamespace("mlflow"), home), error = function(problem) {
      message("mlpipe does not know this version of {mlflow}, so params may not reach mlflow_param(): ", conditionMessage(problem))
    })
  }
  if (isNamespaceLoaded("mlflow")) adapt() else setHook(packageEvent("mlflow", "onLoad"), adapt)
}

adapt_namespace <- function(namespace, home) {
  # The stand-in does all of it by itself.
  if (exists("report_swallowed", namespace, inherits = FALSE)) return(invisible())
  own <- new.env(parent = baseenv())
  for (part in c("numbers", "json", "json-write", "stand-ins/swallowed")) {
    sys.source(file.path(home, paste0(part, ".R")), own, keep.source = FALSE)
  }
  give_params(get(".globals", namespace), Sys.getenv("MLPIPE_PARAMS"), own)
  report_errors(namespace, own$report_swallowed)
}

# As {mlflow} has them from a command line: numbers where the text is one, but `007` stays a text.
give_params <- function(globals, params, own) {
  if (!nzchar(params)) return(invisible())
  globals$run_params <- lapply(own$parse_json(params, simplify = FALSE), function(text) {
    number <- suppressWarnings(as.numeric(text))
    if (!is.finite(number) || own$short_text(number) != text) return(text)
    if (number == trunc(number) && abs(number) <= .Machine$integer.max) as.integer(number) else number
  })
}

report_errors <- function(namespace, report) {
  with_run <- get("with.mlflow_run", namespace)
  registerS3method("with", "mlflow_run", envir = namespace, function(data, expr, ...) {
    with_run(data, withCallingHandlers(expr, error = report), ...)
  })
  # It catches errors around source(): that is where they can be heard before.
  source_script <- get("mlflow_source", namespace)
  heard <- function(...) withCallingHandlers(source(..., keep.source = TRUE), error = report)
  environment(source_script) <- list2env(list(source = heard), parent = namespace)
  replace_function(namespace, "mlflow_source", source_script)
}

replace_function <- function(namespace, name, replacement) {
  unlockBinding(name, namespace)
  assign(name, replacement, envir = namespace)
  lockBinding(name, namespace)
}
