# Of a traced step: digests of its variables, and which of those that it is given were ever read.

# Environments whose variables are looked at: the code's own, and the global one, where `<<-` and source() write.
watched_environments <- function() {
  if (identical(step$env, globalenv())) list(globalenv()) else list(step$env, globalenv())
}

traced$variables <- new.env(parent = emptyenv())
# Given and not yet read: their values, by name.
traced$unread <- list()
traced$settled <- FALSE

# Name -> environment, the code's own first.
visible_variables <- function() {
  found <- list()
  for (env in watched_environments()) {
    names <- setdiff(ls(env, all.names = TRUE, sorted = FALSE), c(names(found), ".Random.seed", names(traced$unread)))
    # An active binding of the code's own would be executed by being looked at.
    names <- names[!vapply(names, bindingIsActive, TRUE, env)]
    found[names] <- list(env)
  }
  found
}

# What is there before the code is as it was given.
remember_variables <- function() {
  places <- visible_variables()
  for (name in names(places)) remember(name, get(name, envir = places[[name]]))
}

# -> TRUE where the value is another one than before. A value that holds no environment is compared with what was remembered,
# which costs nothing where it is the same object.
remember <- function(name, value) {
  known <- traced$variables[[name]]
  if (!is.null(known) && !known$mutable && identical(known$value[[1L]], value)) return(FALSE)
  digest <- digest_of(value)
  assign(name, list(value = list(value), mutable = digest$mutable, text = digest$text), envir = traced$variables)
  is.null(known) || known$text != digest$text
}

changed_variables <- function() {
  places <- visible_variables()
  removed <- setdiff(ls(traced$variables, all.names = TRUE), c(names(places), names(traced$unread)))
  rm(list = removed, envir = traced$variables)
  changed <- as.character(Filter(function(name) remember(name, get(name, envir = places[[name]])), names(places)))
  list(digests = vapply(changed, function(name) traced$variables[[name]]$text, ""), removed = removed)
}

# A digest of `value`, and whether it holds something that can change though the value is the same object.
digest_of <- function(value) {
  mutable <- FALSE
  known <- function(reference) {
    mutable <<- TRUE
    if (identical(reference, step$env)) return("the step")
    if (identical(reference, own_environment)) return("mlpipe")
    if (inherits(reference, "srcfile")) "source"
  }
  if (is.function(value)) value <- utils::removeSource(value)
  bytes <- tryCatch(
    # The first bytes name the version of R.
    serialize(value, NULL, version = 2L, refhook = known)[-seq_len(14L)],
    error = function(problem) charToRaw(conditionMessage(problem))
  )
  list(text = fingerprint_of(bytes), mutable = mutable)
}

# Tells one value from another: two sums modulo primes below 2^31, of words with weights by their places; no defence against
# an attacker.
fingerprint_of <- function(bytes) {
  length <- length(bytes)
  words <- readBin(c(bytes, raw(-length %% 4L)), "integer", (length + 3L) %/% 4L, 4L, endian = "little")
  words <- as.numeric(words)
  words[is.na(words)] <- -2147483648
  size <- 65536L
  sums <- c(0, 0)
  for (from in seq(1, max(1, length(words)), by = size)) {
    block <- words[from:min(length(words), from + size - 1)]
    places <- seq_along(block)
    weights <- list(places * 40503 %% 1048573 + 1, places * 69069 %% 1048559 + 1)
    parts <- vapply(weights, function(weight) sum((block * weight) %% 2147483647), 0)
    sums <- (sums * c(69069, 65539) + parts) %% c(2147483647, 2147483629)
  }
  sprintf("%08x%08x-%x", as.integer(sums[1L]), as.integer(sums[2L]), length)
}

# Params, inputs and secrets become promises, which are kept the first time that they are read, and are plain values from then on.
watch_variables <- function(env, file) {
  given <- c(
    vapply(file$params, `[[`, "", "name"), vapply(file$inputs, `[[`, "", "variable"), names(file$secrets), "params", "seed", "run"
  )
  given <- unique(given[vapply(given, exists, TRUE, envir = env, inherits = FALSE)])
  traced$unread <- sapply(given, get, envir = env, simplify = FALSE)
  traced$given <- env
  for (name in given) promise_variable(name, env)
}

promise_variable <- function(name, env) {
  force(name)
  delayedAssign(name, note_reading(name), assign.env = env)
}

note_reading <- function(name) {
  value <- traced$unread[[name]]
  assign(name, value, envir = traced$given)
  traced$unread[name] <- NULL
  if (!traced$busy) quietly({
    write_trace("read", ",\"name\":", json_string(name))
    remember(name, value)
  })
  value
}

# By its name, as scripts written for {mlflow} ask.
untraced_mlflow_param <- mlflow_param
mlflow_param <- function(name, default = NULL, type = NULL, description = NULL) {
  if (name %in% names(traced$unread)) note_reading(name)
  untraced_mlflow_param(name, default, type, description)
}

# Those that were never read are plain values again: before the runtime looks at them, and while the code saves an environment
# that holds them.
settle_variables <- function() {
  for (name in names(traced$unread)) assign(name, traced$unread[[name]], envir = traced$given)
  traced$settled <- TRUE
}

# They are promises again, where the code has not changed them meanwhile.
unsettle_variables <- function() {
  if (!traced$settled) return(invisible())
  traced$settled <- FALSE
  for (name in names(traced$unread)) {
    same <- identical(get0(name, traced$given, inherits = FALSE), traced$unread[[name]])
    if (same) promise_variable(name, traced$given) else traced$unread[name] <- NULL
  }
}
