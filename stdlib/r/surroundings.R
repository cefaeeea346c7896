# What the code finds around it: its own arguments, an end by quit() that still saves the outputs, a stand-in for {carrier}.

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

is_stand_in <- function(name) name == "carrier" && !is.null(step$stand_in)

# A calling handler: loadNamespace() tries again once the stand-in is there. An installed {carrier} never comes here.
offer_stand_in <- function(problem) {
  if (!identical(problem$package, "carrier") || !is.null(step$stand_in)) return(invisible())
  add_stand_in()
  tryInvokeRestart("retry_loadNamespace")
}

# Code that names carrier gets it before it starts, for library(carrier) and requireNamespace() too.
prepare_stand_in <- function(code) {
  named <- any(grepl("carrier", readLines(code$path, warn = FALSE), fixed = TRUE, useBytes = TRUE))
  if (named && !nzchar(system.file(package = "carrier"))) add_stand_in()
}

# The smallest installed package that R accepts, in a library of this session, searched last.
add_stand_in <- function() {
  library <- file.path(tempdir(), "mlpipe-library")
  home <- file.path(library, "carrier")
  for (folder in file.path(home, c("Meta", "R"))) dir.create(folder, recursive = TRUE)
  version <- paste(R.version$major, R.version$minor, sep = ".")
  description <- c(
    Package = "carrier", Version = "0.0.0.1", Title = "Stand-in for carrier by mlpipe",
    Built = sprintf("R %s; ; 1970-01-01 00:00:00 UTC; %s", version, .Platform$OS.type)
  )
  write.dcf(as.list(description), file.path(home, "DESCRIPTION"))
  writeLines(c("export(crate)", "S3method(print, crate)"), file.path(home, "NAMESPACE"))
  saveRDS(list(
    DESCRIPTION = description,
    Built = list(R = getRversion(), Platform = "", Date = "1970-01-01 00:00:00 UTC", OStype = .Platform$OS.type),
    Rdepends = list(), Rdepends2 = list(), Depends = list(), Suggests = list(), Imports = list(), LinkingTo = list()
  ), file.path(home, "Meta", "package.rds"))
  file.copy(file.path(step$home, "crate.R"), file.path(home, "R", "carrier"))
  .libPaths(c(.libPaths(), library))
  step$stand_in <- library
}
