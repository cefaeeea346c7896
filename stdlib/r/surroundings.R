# What the code finds around it: its own arguments, an end by quit() that still saves the outputs, {mlflow} and {carrier}.

# Replaces a function of base R by one of the runtime's, for packages too.
replace_base <- function(name, replacement) {
  unlockBinding(name, baseenv())
  assign(name, replacement, envir = baseenv())
  lockBinding(name, baseenv())
}

# A script sees the arguments that the run gives it, and its own path; never those of the runtime.
answer_arguments <- function(file) {
  own <- commandArgs()
  given <- as.character(unlist(file$args))
  options <- own[seq_along(own) < match("--args", own, length(own) + 1L) & !grepl("^--file=", own)]
  script <- paste0("--file=", if (file$code$script) file$code$path else file$code$shownAs)
  all <- c(options, script, if (length(given)) c("--args", given))
  replace_base("commandArgs", function(trailingOnly = FALSE) if (trailingOnly) given else all)
}

# quit() with status 0 is an early, good end: the outputs are saved. Any other status is a failure that names the line.
answer_quit <- function() {
  original <- base::quit
  step$quit <- function(save, status, runLast) {
    if (in_webr()) last_word(status)
    original(save, status, runLast)
  }
  leave <- function(save = "default", status = 0, runLast = TRUE) {
    if (Sys.getpid() == step$process && !step$closed) {
      if (status == 0) finish() else fail_quit(status, innermost_place(sys.calls()))
    }
    step$quit("no", status, runLast)
  }
  replace_base("quit", leave)
  replace_base("q", leave)
}

# WebR hands on whole lines only and has no exit status of its own: each stream ends with this line, see src/run/webr-host.ts.
last_word <- function(status) {
  for (stream in list(stdout(), stderr())) cat("\004", as.integer(status), "\n", sep = "", file = stream)
}

fail_quit <- function(status, at) {
  fail(
    "R0820", sprintf("the code ended R with status %d before its outputs were saved", as.integer(status)),
    "let the code run to its last line; stop(\"why\") says what is wrong", at, status = as.integer(status)
  )
}

# A plot without a device would leave Rplots.pdf in the project; drawn nowhere, it can still be recorded.
answer_plots <- function() {
  options(device = function(...) {
    grDevices::pdf(NULL)
    grDevices::dev.control("enable")
  })
}

is_stand_in <- function(name) {
  name %in% stand_ins && any(startsWith(getNamespaceInfo(name, "path"), as.character(step$stand_ins)))
}

# A calling handler: loadNamespace() tries again once the stand-in is there. An installed package never comes here.
offer_stand_in <- function(problem) {
  if (!(problem$package %in% setdiff(stand_ins, step$offered))) return(invisible())
  add_stand_ins(problem$package)
  tryInvokeRestart("retry_loadNamespace")
}

# Code that names such a package gets it before it starts, for library() and requireNamespace() too; a script may source others
# that do.
prepare_stand_ins <- function(code) {
  lines <- readLines(code$path, warn = FALSE)
  add_stand_ins(Filter(function(package) code$script || any(grepl(package, lines, fixed = TRUE, useBytes = TRUE)), stand_ins))
}

add_stand_ins <- function(packages) {
  step$offered <- c(step$offered, packages)
  step$stand_ins <- c(step$stand_ins, attach_stand_ins(step$home, packages))
}

# What {mlflow} and its stand-in find: the params as texts, and where the errors are told that they catch.
answer_mlflow <- function(file) {
  texts <- vapply(Filter(Negate(is.null), step$params), param_text, "")
  Sys.setenv(MLPIPE_PARAMS = if (length(texts)) json_object(names(texts), json_string(texts)) else "{}")
  Sys.setenv(MLPIPE_STEP_EVENTS = file$events)
  # library(mlflow) need not say that its mlflow_param() now stands before the one that every step has.
  setHook(packageEvent("mlflow", "attach"), function(...) rm("mlflow_param", envir = as.environment("mlpipe")))
  adapt_mlflow(step$home)
}

param_text <- function(value) if (is.atomic(value) && length(value) == 1L) tag_text(value) else to_json(value, "params")
