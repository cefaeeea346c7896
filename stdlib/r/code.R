# Executes the code as Rscript would, one top-level expression after the other, and knows at each moment which line it is.

# Lines before the code are blank, so that lines and columns are those of the file that the user knows. Time and folder are left
# out of the record that functions keep of their source, so that equal code makes equal bytes.
parse_code <- function(code) {
  lines <- read_lines(code$path)
  step$last_line <- code$line - 1L + length(lines)
  padded <- c(rep("", code$line - 1L), lines)
  source <- srcfilecopy(code$shownAs, padded, timestamp = as.POSIXct(0, origin = "1970-01-01", tz = "UTC"))
  source$wd <- ""
  options(keep.parse.data = FALSE)
  step$source <- source
  step$expressions <- tryCatch(
    parse(text = padded, srcfile = source, keep.source = TRUE, encoding = "UTF-8"),
    error = function(problem) fail_parse(code, conditionMessage(problem))
  )
  step$places <- attr(step$expressions, "srcref")
}

# R says `iris.mlpipe:23:5: unexpected symbol` and shows the lines around.
fail_parse <- function(code, said) {
  first <- sub("\n.*$", "", said)
  shown <- paste0(code$shownAs, ":")
  numbers <- if (startsWith(first, shown)) substring(first, nchar(shown) + 1L) else first
  found <- regmatches(numbers, regexec("^([0-9]+):([0-9]+): (.*)$", numbers))[[1L]]
  at <- list(file = code$shownAs)
  if (length(found)) {
    ended <- as.integer(found[2L]) > step$last_line
    at$line <- if (ended) step$last_line else as.integer(found[2L])
    if (!ended && found[3L] != "0") at$column <- as.integer(found[3L])
    first <- found[4L]
  }
  cat(said, "\n", sep = "", file = stderr())
  fail("R0811", sprintf("R cannot read the code: %s", first), parse_fix(first), at)
}

parse_fix <- function(problem) {
  if (grepl("end of input", problem)) "close the bracket, brace or text that is still open" else ""
}

place <- function(reference) {
  list(file = step$file$code$shownAs, line = reference[1L], column = reference[5L])
}

is_ours <- function(reference) !is.null(reference) && identical(attr(reference, "srcfile"), step$source)

# Place of the innermost call that stands in the code; the running top-level expression where no frame tells.
innermost_place <- function(calls) {
  for (call in rev(calls)) if (is_ours(attr(call, "srcref"))) return(place(attr(call, "srcref")))
  if (is.null(step$current)) list(file = step$file$code$shownAs) else place(step$current)
}

call_text <- function(call) {
  text <- deparse(call, width.cutoff = 120L, nlines = 1L)[1L]
  if (nchar(text) > 120L) paste0(substr(text, 1L, 119L), "…") else text
}

# The calls of the code itself: between the runtime's own at both ends.
code_trace <- function(calls, depth) {
  calls <- calls[seq_along(calls) > depth]
  machinery <- vapply(calls, function(call) list(call[[1L]]) %in% list(quote(.handleSimpleError), quote(h)), TRUE)
  if (any(machinery)) calls <- calls[seq_len(which(machinery)[1L] - 1L)]
  vapply(utils::tail(calls, 50L), call_text, "")
}

run_code <- function() {
  tryCatch(
    withCallingHandlers(
      for (i in seq_along(step$expressions)) {
        step$current <- step$places[[i]]
        evaluate(step$expressions[[i]])
      },
      packageNotFoundError = offer_stand_in, warning = name_warning, error = note_error
    ),
    error = fail_code,
    interrupt = function(...) fail("R0823", "the step was interrupted by SIGINT", status = 130L)
  )
}

# The value is printed as R prints at its prompt: by the methods that the code itself can see.
evaluate <- function(expression) {
  step$depth <- sys.nframe() + 3L
  result <- withVisible(eval(expression, step$env))
  if (!result$visible) return(invisible())
  shown <- new.env(parent = step$env)
  assign("x", result$value, envir = shown)
  eval(print_call(result$value), shown)
}

# Functions print as under Rscript, which keeps no source.
print_call <- function(value) {
  if (isS4(value)) return(quote(methods::show(x)))
  sourced <- is.function(value) && !is.object(value) && !is.null(attr(value, "srcref"))
  if (sourced) quote(base::print(x, useSource = FALSE)) else quote(base::print(x))
}

note_error <- function(problem) {
  calls <- sys.calls()
  step$noted <- list(problem = problem, at = innermost_place(calls), trace = code_trace(calls, step$depth))
}

# A warning of the top level itself: R would name the runtime's own call.
name_warning <- function(warning) {
  if (!identical(getOption("warn"), 1) && !identical(getOption("warn"), 1L)) return(invisible())
  if (!is_own_call(conditionCall(warning))) return(invisible())
  cat("Warning: ", conditionMessage(warning), "\n", sep = "", file = stderr())
  tryInvokeRestart("muffleWarning")
}

is_own_call <- function(call) {
  identical(call, quote(eval(expression, step$env))) || identical(call, quote(withVisible(eval(expression, step$env))))
}

fail_code <- function(problem) {
  noted <- step$noted
  if (is.null(noted) || !identical(noted$problem, problem)) noted <- list(at = innermost_place(list()), trace = character())
  cat(error_text(problem), "\n", sep = "", file = stderr())
  said <- said_by(problem)
  if (inherits(problem, "packageNotFoundError")) fail_package(problem$package, noted)
  fix <- if (inherits(problem, "output_problem")) problem$fix else code_fix(said)
  fail("R0810", said, fix, noted$at, noted$trace)
}

# One text, whatever a condition of the user's own making holds.
said_by <- function(problem) paste(conditionMessage(problem), collapse = "\n")

# As R prints it: `Error in f(x) : boo`, on two lines where it is long.
error_text <- function(problem) {
  call <- conditionCall(problem)
  said <- said_by(problem)
  if (is.null(call) || is_own_call(call)) return(paste0("Error: ", said))
  lead <- paste0("Error in ", call_text(call), " : ")
  paste0(lead, if (nchar(lead) + nchar(sub("\n.*$", "", said)) > 77L) "\n  ", said)
}

fail_package <- function(package, noted) {
  fail("R0812", sprintf("the package `%s` %s", package, absence()), install_fix(package), noted$at, noted$trace)
}

code_fix <- function(said) {
  name <- regmatches(said, regexec("^object '([^']+)' not found$", said))[[1L]][2L]
  near <- if (!is.na(name) && nchar(name) > 2L) nearest(name, variable_names())
  if (is.null(near)) "" else sprintf("did you mean `%s`?", near)
}

# Place of the last expression that assigns `name`: NULL where none does.
assigned_at <- function(name) {
  found <- NULL
  for (i in seq_along(step$expressions)) {
    reference <- assignment(step$expressions[[i]], step$places[[i]], name)
    if (!is.null(reference)) found <- reference
  }
  if (is.null(found)) list(file = step$file$code$shownAs) else place(found)
}

assignment <- function(code, reference, name) {
  if (!is.call(code) || identical(code[[1L]], quote(`function`))) return(NULL)
  inner <- if (identical(code[[1L]], quote(`{`))) attr(code, "srcref")
  found <- if (assigns(code, name)) reference
  for (i in seq_along(code)[-1L]) {
    if (is_absent(code[i])) next
    deeper <- assignment(code[[i]], if (is.null(inner)) reference else inner[[i]], name)
    if (!is.null(deeper)) found <- deeper
  }
  found
}

# An argument left out, as in x[1, ].
is_absent <- function(argument) identical(as.list(argument), list(quote(expr = )))

assigns <- function(code, name) {
  called <- if (is.symbol(code[[1L]])) as.character(code[[1L]]) else ""
  if (called == "assign" && length(code) > 1L) return(identical(code[[2L]], name))
  if (called == "for") return(identical(as.character(code[[2L]]), name))
  if (!(called %in% c("<-", "=", "<<-")) || length(code) < 2L) return(FALSE)
  target <- code[[2L]]
  while (is.call(target) && length(target) > 1L) target <- target[[2L]]
  identical(as.character(target), name)
}
