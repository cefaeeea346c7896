# Errors that a library catches, so that the script goes on: told to the runner, with the line that failed.

# A calling handler. MLPIPE_STEP_EVENTS names the file of events, see src/run/protocol.ts; without it nobody is told.
report_swallowed <- function(problem) {
  calls <- sys.calls()
  tryCatch(tell_swallowed(Sys.getenv("MLPIPE_STEP_EVENTS"), problem, calls), error = function(own) {
    message("mlpipe is not told of this error: ", conditionMessage(own))
  })
}

tell_swallowed <- function(events, problem, calls) {
  if (!nzchar(events)) return(invisible())
  at <- place_of(problem, calls)
  line <- paste0(
    "{\"t\":", sprintf("%.0f", as.numeric(Sys.time()) * 1000), ",\"kind\":\"swallowed\",\"message\":",
    json_string(paste(conditionMessage(problem), collapse = " ")),
    ",\"file\":", if (is.null(at)) "null" else json_string(at$file),
    ",\"line\":", if (is.null(at)) "null" else at$line, "}\n"
  )
  target <- file(events, open = "ab")
  on.exit(close(target))
  writeBin(charToRaw(line), target)
}

script_path <- function() {
  own <- grep("^--file=", commandArgs(), value = TRUE)
  # R writes each blank as ~+~.
  if (length(own)) gsub("~+~", " ", sub("^--file=", "", own[1L]), fixed = TRUE)
}

# File and line of the innermost call that stands in the user's code; NULL where none is known. Rscript keeps no record of
# lines: then the calls are looked for in the script.
place_of <- function(problem, calls) {
  for (call in rev(calls)) {
    reference <- attr(call, "srcref")
    if (!is.null(reference)) return(list(file = attr(reference, "srcfile")$filename, line = reference[1L]))
  }
  script <- script_path()
  if (is.null(script) || !file.exists(script)) return(NULL)
  statements <- tryCatch(statements_of(script), error = function(...) list())
  line <- line_of_name(problem, statements)
  own <- conditionCall(problem)
  # A function of R's own has no frame: its call is known by the error alone, and is the innermost.
  if (!any(vapply(calls, identical, NA, own))) calls <- c(calls, list(own))
  for (call in rev(calls)) {
    if (!is.null(line)) break
    line <- last_line(Filter(function(statement) is.call(call) && holds_call(statement$code, call), statements))
  }
  if (!is.null(line)) list(file = script, line = line)
}

# Blocks come before what is in them, so the last is the innermost.
last_line <- function(statements) if (length(statements)) statements[[length(statements)]]$line

# A missing object is named by no call: its line is known where one statement alone speaks of it.
line_of_name <- function(problem, statements) {
  said <- conditionMessage(problem)[1L]
  name <- regmatches(said, regexec("^object '(.+)' not found$", said))[[1L]][2L]
  speaks <- function(statement) statement$leaf && name %in% all.names(statement$code)
  found <- if (!is.na(name)) Filter(speaks, statements)
  if (length(found) == 1L) found[[1L]]$line
}

# Each statement of a script, blocks before what is in them: its code without references, its line, and whether it is no block.
statements_of <- function(script) {
  code <- parse(script, keep.source = TRUE, encoding = "UTF-8")
  unlist(Map(statements_in, as.list(code), attr(code, "srcref")), recursive = FALSE)
}

statements_in <- function(code, reference) {
  nested <- nested_statements(code)
  plain <- utils::removeSource(as.expression(code))[[1L]]
  c(list(list(code = plain, line = reference[1L], leaf = length(nested) == 0L)), nested)
}

nested_statements <- function(code) {
  if (!is.call(code)) return(NULL)
  references <- if (identical(code[[1L]], quote(`{`))) attr(code, "srcref")
  nested <- if (is.null(references)) lapply(calls_in(code), nested_statements) else {
    Map(statements_in, as.list(code)[-1L], references[-1L])
  }
  unlist(nested, recursive = FALSE)
}

calls_in <- function(code) Filter(is.call, as.list(code))

holds_call <- function(code, call) {
  identical(code, call) || is.call(code) && any(vapply(calls_in(code), holds_call, NA, call))
}
