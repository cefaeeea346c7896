# An R profile for commands that a runner starts, named to R by R_PROFILE_USER: what the user's own profile does comes first,
# then {mlflow} and {carrier} are there, by stand-ins where they are not installed.
#
# MLPIPE_R_ENVIRONMENT: lines `NAME=value`, variables of R alone, where whatever else the command starts is to find others; a line
# without `=` takes the variable away.
# MLPIPE_R_PROFILE_USER: the R_PROFILE_USER that this one has replaced, absent where there was none.
# MLPIPE_R_CACHE: a folder that keeps the stand-ins from one process to the next.

local({
  lines <- strsplit(Sys.getenv("MLPIPE_R_ENVIRONMENT"), "\n", fixed = TRUE)[[1L]]
  given <- grepl("=", lines, fixed = TRUE)
  Sys.unsetenv(lines[!given])
  lines <- lines[given]
  if (length(lines)) do.call(Sys.setenv, structure(as.list(sub("^[^=]*=", "", lines)), names = sub("=.*$", "", lines)))
  home <- dirname(dirname(normalizePath(Sys.getenv("R_PROFILE_USER"))))
  replaced <- Sys.getenv("MLPIPE_R_PROFILE_USER", NA)
  own <- if (is.na(replaced)) c(".Rprofile", "~/.Rprofile") else replaced
  own <- Filter(function(file) nzchar(file) && file.exists(file), own)
  if (length(own)) source(own[1L], local = globalenv(), print.eval = TRUE, keep.source = FALSE)
  tools <- new.env(parent = baseenv())
  for (part in c("library.R", "real-mlflow.R")) sys.source(file.path(home, "stand-ins", part), tools, keep.source = FALSE)
  tryCatch(tools$attach_stand_ins(home), error = function(problem) {
    message("mlpipe cannot make its stand-ins for {mlflow} and {carrier}: ", conditionMessage(problem))
  })
  tools$adapt_mlflow(home)
})
