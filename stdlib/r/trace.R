# In a traced step only (MLPIPE_TRACE is set): writes `trace.ndjson` beside step.json, as src/repro/trace/trace-line.ts reads it: what
# each top-level expression has changed, what it called that may differ from one execution to the next, and which of the variables
# that a step is given were ever read. Replaces functions of the runtime by traced ones of the same name; base R only.

own_environment <- environment()

# What is known of this trace. `busy`: the tracer itself is at work, and notes nothing.
traced <- new.env(parent = emptyenv())
traced$busy <- TRUE
traced$index <- 0L
traced$started <- FALSE
traced$ended <- FALSE
Sys.unsetenv("MLPIPE_TRACE")

# A forked process writes to the same file: each line is opened, appended and closed.
write_trace <- function(kind, ...) {
  target <- file(traced$path, open = "ab", encoding = "native.enc")
  on.exit(close(target))
  writeLines(paste0("{\"kind\":\"", kind, "\"", ..., "}"), target, useBytes = TRUE)
}

quietly <- function(code) {
  busy <- traced$busy
  traced$busy <- TRUE
  on.exit(traced$busy <- busy)
  force(code)
}

# Before the first expression: what the runtime itself does to prepare the step is not of interest.
start_trace <- function() {
  traced$started <- TRUE
  # Compiling what is executed once would cost more than executing it.
  compiling <- compiler::enableJIT(0L)
  on.exit(compiler::enableJIT(compiling))
  traced$path <- file.path(dirname(step$file$events), "trace.ndjson")
  traced$state <- random_state()
  write_trace("start", ",\"runtime\":", json_string(paste0("R ", getRversion())), ",\"files\":", json_texts(startup_files()))
  remember_variables()
  watch_calls()
}

# The profiles that R has read: those of the site, and of the folder or else of the home.
startup_files <- function() {
  options <- step$original_arguments
  named <- function(variable, standard) {
    value <- Sys.getenv(variable)
    if (nzchar(value)) value else standard
  }
  first <- function(paths) utils::head(paths[file.exists(path.expand(paths))], 1L)
  files <- as.character(c(
    if (!("--no-site-file" %in% options)) first(named("R_PROFILE", file.path(R.home("etc"), "Rprofile.site"))),
    if (!("--no-environ" %in% options)) first(named("R_ENVIRON", file.path(R.home("etc"), "Renviron.site"))),
    if (!("--no-environ" %in% options)) first(c(named("R_ENVIRON_USER", ".Renviron"), "~/.Renviron")),
    if (!("--no-init-file" %in% options)) first(c(named("R_PROFILE_USER", ".Rprofile"), "~/.Rprofile"))
  ))
  normalizePath(files)
}

untraced_arguments <- answer_arguments
answer_arguments <- function(file) {
  step$original_arguments <- commandArgs()
  untraced_arguments(file)
}

untraced_fill_environment <- fill_environment
fill_environment <- function(env, file) {
  untraced_fill_environment(env, file)
  watch_variables(env, file)
}

untraced_evaluate <- evaluate
evaluate <- function(expression) {
  if (!traced$started) start_trace()
  unsettle_variables()
  traced$index <- traced$index + 1L
  rm(list = ls(traced$calls), envir = traced$calls)
  traced$busy <- FALSE
  untraced_evaluate(expression)
  end_expression()
}

# The code may end in the middle of an expression, by quit().
untraced_collect_outputs <- collect_outputs
collect_outputs <- function(file) {
  if (traced$started) end_trace()
  untraced_collect_outputs(file)
}

end_trace <- function() {
  if (traced$ended) return(invisible())
  traced$ended <- TRUE
  settle_variables()
  if (traced$index > traced$noted) end_expression()
  write_trace("end")
}

# After each top-level expression: what is not as it was.
traced$noted <- 0L
end_expression <- function() {
  traced$busy <- TRUE
  traced$noted <- traced$index
  write_counts()
  changed <- changed_variables()
  random <- random_change()
  at <- step$places[[traced$index]]
  write_trace(
    "expression", ",\"index\":", traced$index, ",\"file\":", json_string(step$file$code$shownAs), ",\"line\":", at[1L],
    ",\"end\":", at[3L], ",\"changed\":", json_digests(changed$digests), ",\"removed\":", json_texts(changed$removed),
    ",\"random\":", json_texts(random$words), ",\"state\":", json_or_null(random$digest)
  )
}

json_digests <- function(digests) if (length(digests)) json_object(names(digests), json_string(digests)) else "{}"

random_state <- function() get0(".Random.seed", envir = globalenv(), inherits = FALSE)

# Words: `created` where there was no generator before, `kind` where it is another one, `seeded` where the code has seeded it, `drawn`
# where its state is another one. The digest is of the state, NULL where there is none.
random_change <- function() {
  state <- random_state()
  before <- traced$state
  traced$state <- state
  if (identical(state, before)) return(list(words = character(), digest = NULL))
  seeded <- any(c("set.seed", "RNGkind", "RNGversion") %in% ls(traced$calls))
  words <- c(
    if (is.null(before)) "created", if (is.null(state)) "removed", if (seeded) "seeded",
    if (!is.null(before) && !is.null(state) && before[1L] != state[1L]) "kind", if (!is.null(state) && !seeded) "drawn"
  )
  list(words = words, digest = if (!is.null(state)) digest_of(state)$text)
}
