# The step's side of the protocol: one line of JSON an event, complete when its line break is there.

# What the runtime knows of this step; only these functions and the entry program write to it.
step <- new.env(parent = emptyenv())

# The step file with its paths as the file system has them: where the locale is not UTF-8, R would translate them, and fail at letters
# that this locale lacks.
with_native_paths <- function(value) {
  if (is.list(value)) return(lapply(value, with_native_paths))
  if (is.character(value) && length(value) == 1L && startsWith(value, "/")) Encoding(value) <- "unknown"
  value
}

open_events <- function(path) {
  step$events <- file(path, open = "ab", encoding = "native.enc")
  step$process <- Sys.getpid()
  step$logged <- new.env(parent = emptyenv())
  step$saved <- character()
  step$closed <- FALSE
}

# `fields` is JSON text: `"key":"loss","step":4`.
write_event <- function(kind, fields) {
  line <- paste0("{\"t\":", sprintf("%.0f", as.numeric(Sys.time()) * 1000), ",\"kind\":\"", kind, "\",", fields, "}")
  writeLines(line, step$events, useBytes = TRUE)
  flush(step$events)
}

json_or_null <- function(x) {
  if (is.null(x) || is.na(x)) "null" else if (is.character(x)) json_string(x) else sprintf("%d", as.integer(x))
}
json_texts <- function(x) paste0("[", paste(if (length(x)) json_string(x), collapse = ","), "]")
json_packages <- function(packages) {
  versions <- vapply(packages, function(name) as.character(utils::packageVersion(name)), "")
  items <- if (length(packages)) paste0("{\"name\":", json_string(packages), ",\"version\":", json_string(versions), "}")
  paste0("[", paste(items, collapse = ","), "]")
}

# `at` is a place as `place()` makes it, or NULL.
write_finding <- function(kind, code, message, fix = "", at = NULL, trace = character()) {
  write_event(kind, paste0(
    "\"code\":\"", code, "\",\"message\":", json_string(one_line(message)), ",\"fix\":", json_string(fix),
    ",\"file\":", json_or_null(at$file), ",\"line\":", json_or_null(at$line), ",\"column\":", json_or_null(at$column),
    ",\"trace\":", json_texts(trace)
  ))
}

one_line <- function(text) {
  text <- gsub("\033\\[[0-9;]*m", "", enc2utf8(paste(text, collapse = " ")))
  text <- trimws(gsub("[ \t]*[\r\n]+[ \t]*", " ", text))
  if (nchar(text) > 2000L) paste0(substr(text, 1L, 2000L), " …") else text
}

base_packages <- c(
  "base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods", "parallel", "splines", "stats", "stats4",
  "tcltk", "tools", "translations", "utils", "webr"
)

loaded_packages <- function() {
  loaded <- setdiff(sort(loadedNamespaces(), method = "radix"), base_packages)
  Filter(function(name) !is_stand_in(name), loaded)
}

# Where what was loaded lies; in WebR that is nowhere on this machine. R itself counts as its package base.
json_loaded <- function() {
  loaded <- if (in_webr()) character() else c("base", loaded_packages())
  places <- vapply(loaded, function(name) if (name == "base") file.path(.Library, "base") else getNamespaceInfo(name, "path"), "")
  items <- if (length(loaded)) paste0("{\"name\":", json_string(loaded), ",\"path\":", json_string(places), "}")
  libraries <- if (in_webr()) character() else .libPaths()
  paste0("{\"packages\":[", paste(items, collapse = ","), "],\"libraries\":", json_texts(libraries), ",\"files\":[]}")
}

# True where the stream of random numbers came into being though neither the step nor the code names a seed.
was_unseeded <- function() {
  is.null(step$file$seed) && !isTRUE(step$seeded_by_code) && exists(".Random.seed", globalenv(), inherits = FALSE)
}

# What of the surroundings only R itself knows: its locale, how it sorts, the libraries of linear algebra that it has loaded, and
# its random numbers. `.Random.seed` says by its first number which generators are in use.
json_facts <- function() {
  state <- get0(".Random.seed", globalenv(), inherits = FALSE)
  paste0(
    "{\"locale\":", json_string(Sys.getlocale()), ",\"collator\":", json_string(if (in_webr()) "" else icuGetCollate()),
    ",\"libraries\":", json_texts(algebra_libraries()), ",\"base\":", json_texts(own_packages()),
    ",\"atStart\":", json_texts(step$generator), ",\"atEnd\":", json_texts(RNGkind()),
    ",\"state\":\"", paste(state, collapse = ","), "\"}"
  )
}

# Packages that came with R.
own_packages <- function() {
  if (in_webr()) return(character())
  Filter(function(name) dirname(getNamespaceInfo(name, "path")) == normalizePath(.Library), loaded_packages())
}

algebra_libraries <- function() {
  maps <- "/proc/self/maps"
  if (in_webr()) return(character())
  if (!file.exists(maps)) return(Filter(nzchar, unname(extSoftVersion()["BLAS"])))
  files <- unique(sub("^[^/]*", "", readLines(maps, warn = FALSE)))
  grep("/lib[^/]*(blas|lapack|mkl|atlas|blis)[^/]*$", files, ignore.case = TRUE, value = TRUE)
}

# The closing event; the first call counts.
close_step <- function(ok) {
  if (step$closed) return(invisible())
  step$closed <- TRUE
  write_event("end", paste0(
    "\"ok\":", if (ok) "true" else "false", ",\"packages\":", json_packages(loaded_packages()),
    ",\"unseeded\":", if (was_unseeded()) "true" else "false", ",\"loaded\":", json_loaded(),
    ",\"facts\":", json_facts()
  ))
  close(step$events)
}

# Ends the process: whatever was wrong has been told by events.
end_failed <- function(status = 1L) {
  close_step(FALSE)
  step$quit("no", status, FALSE)
}

# Tells what is wrong and ends the process.
fail <- function(code, message, fix = "", at = NULL, trace = character(), status = 1L) {
  write_finding("error", code, message, fix, at, trace)
  end_failed(status)
}
