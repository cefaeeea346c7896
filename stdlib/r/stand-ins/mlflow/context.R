# Runs that end by themselves: with(mlflow_start_run(), …) and mlflow_source().

# As in {mlflow} an error ends the run FAILED and goes no further: the script continues.
with.mlflow_run <- function(data, expr, ...) {
  run_id <- mlflow_id(data)
  if (!identical(run_id, active_run())) stop("`with()` should only be used with `mlflow_start_run()`.", call. = FALSE)
  status <- tryCatch(
    {
      withCallingHandlers(force(expr), error = report_swallowed)
      "FINISHED"
    },
    error = function(problem) {
      message(error_text(problem))
      "FAILED"
    },
    interrupt = function(...) "KILLED"
  )
  # The code may have ended it by itself.
  if (identical(run_id, active_run())) mlflow_end_run(status)
  invisible(NULL)
}

# As R prints it, without the call that is ours.
error_text <- function(problem) {
  call <- conditionCall(problem)
  lead <- if (is.null(call) || identical(call, quote(force(expr)))) "Error: " else paste0("Error in ", deparse(call, nlines = 1L)[1L], " : ")
  paste0(lead, paste(conditionMessage(problem), collapse = "\n"))
}

# Executes a script with the params of the command line. Unlike {mlflow}, which ends each run that is still open FAILED and R
# with status 0, its run gets the status that the script deserves, and an error ends R.
mlflow_source <- function(uri) {
  if (interactive()) stop("`mlflow_source()` cannot be used interactively; use `mlflow_run()` instead.", call. = FALSE)
  path <- as.character(substitute(uri))
  status <- "FAILED"
  on.exit(while (length(state$active)) mlflow_end_run(status))
  interrupted <- function(...) {
    status <<- "KILLED"
    stop("interrupted", call. = FALSE)
  }
  where <- parent.frame()
  tryCatch(
    withCallingHandlers(source(path, local = where, keep.source = TRUE), error = report_swallowed),
    interrupt = interrupted
  )
  status <- "FINISHED"
  invisible(NULL)
}
