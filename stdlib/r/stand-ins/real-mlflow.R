# The real {mlflow} in a run of mlpipe: mlflow_param() answers with the run's params, errors that it catches are told, and a script
# that did well under mlflow_source() has done well.

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
  give_params(namespace, own)
  report_errors(namespace, own)
}

# As {mlflow} has them from a command line: numbers where the text is one, but `007` stays a text.
give_params <- function(namespace, own) {
  params <- Sys.getenv("MLPIPE_PARAMS")
  globals <- get(".globals", namespace)
  if (nzchar(params)) globals$run_params <- lapply(own$parse_json(params, simplify = FALSE), function(text) {
    number <- suppressWarnings(as.numeric(text))
    if (!is.finite(number) || own$short_text(number) != text) return(text)
    if (number == trunc(number) && abs(number) <= .Machine$integer.max) as.integer(number) else number
  })
}

report_errors <- function(namespace, own) {
  report <- own$report_swallowed
  with_run <- get("with.mlflow_run", namespace)
  registerS3method("with", "mlflow_run", envir = namespace, function(data, expr, ...) {
    with_run(data, withCallingHandlers(expr, error = report), ...)
  })
  # It catches errors around source(): that is where they can be heard before. Before that it forgets all params but those of the
  # command line, and afterwards it ends a run that is still open as FAILED.
  source_script <- get("mlflow_source", namespace)
  heard <- function(...) {
    give_params(namespace, own)
    withCallingHandlers(source(..., keep.source = TRUE), error = report)
    end_open_runs(get("mlflow_end_run", namespace))
  }
  environment(source_script) <- list2env(list(source = heard), parent = namespace)
  replace_function(namespace, "mlflow_source", source_script)
}

# What is open when a script has come to its end has done well. {mlflow} tells by an error only that nothing is open.
end_open_runs <- function(end_run) {
  repeat {
    ended <- tryCatch({
      end_run(status = "FINISHED")
      TRUE
    }, error = function(problem) {
      if (!grepl("no active run", conditionMessage(problem), fixed = TRUE)) stop(problem)
      FALSE
    })
    if (!ended) return(invisible())
  }
}

replace_function <- function(namespace, name, replacement) {
  unlockBinding(name, namespace)
  assign(name, replacement, envir = namespace)
  lockBinding(name, namespace)
}
