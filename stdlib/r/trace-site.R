# Of a traced step: where in the user's code a call stands, through functions, promises and files that the code sources.

# While a package is loaded, what it calls is nobody's.
loaders <- c("library", "require", "loadNamespace", "requireNamespace", "attachNamespace", "::", ":::")
sourcing <- c("source", "sys.source")

# The place in the user's code that led to the call of frame `frame`, by the frames that called one another and not by those that
# merely lie below: the argument of f(Sys.time()) is the user's own. -> list(file, line, via), `via` being the function that the
# user called where it is another one; NULL where mlpipe or the loader of packages calls, or a watched function that says it all.
user_site <- function(frame) {
  stack <- list(calls = sys.calls(), parents = sys.parents(), functions = lapply(seq_len(frame), sys.function))
  child <- frame
  repeat {
    parent <- stack$parents[child]
    if (parent <= step$depth) return(site(top_place(stack, child), stack, child, frame))
    owner <- owner_of(stack$functions[[parent]])
    if (owner == "mlpipe") return(NULL)
    if (owner == "user") {
      place <- place_in(stack, parent, child)
      if (!is.null(place)) return(site(place, stack, child, frame))
    } else if (called_name(stack$calls[[parent]]) %in% sourcing) {
      # Below its eval() stands the user's code, which only the place in the file tells; all else is its own affair.
      if (called_name(stack$calls[[child]]) != "eval") return(NULL)
      return(site(sourcing_place(sys.frame(parent)), stack, frame, frame))
    } else if (called_name(stack$calls[[parent]]) %in% c(loaders, traced$covering)) {
      return(NULL)
    }
    child <- parent
  }
}

site <- function(place, stack, child, frame) {
  if (child != frame) place$via <- called_name(stack$calls[[child]])
  place
}

# `sample` of `sample(3)` and of `base::sample(3)`.
called_name <- function(call) {
  head <- call[[1L]]
  if (is.call(head) && length(head) == 3L && as.character(head[[1L]])[1L] %in% c("::", ":::", "$")) head <- head[[3L]]
  if (is.name(head) || is.character(head)) as.character(head) else "a function"
}

# Whose function it is: of a package, of the user, or of mlpipe.
owner_of <- function(fun) {
  env <- environment(fun)
  while (!is.null(env) && !identical(env, emptyenv())) {
    if (identical(env, own_environment)) return("mlpipe")
    if (isNamespace(env)) return("package")
    if (identical(env, globalenv()) || identical(env, step$env)) return("user")
    env <- parent.env(env)
  }
  "package"
}

# The statement of a user's function, frame `parent`, in which frame `child` or what lies between was called.
place_in <- function(stack, parent, child) {
  for (frame in child:(parent + 1L)) {
    reference <- attr(stack$calls[[frame]], "srcref")
    if (is_ours(reference)) return(place(reference)[c("file", "line")])
    if (stack$parents[frame] == parent && !is.null(reference)) return(foreign_place(reference))
  }
  sourced_place(stack$functions[[parent]], stack$calls[[child]])
}

foreign_place <- function(reference) {
  file <- attr(reference, "srcfile")$filename
  if (is.character(file) && nzchar(file) && file.exists(file)) list(file = shown_path(file), line = reference[1L])
}

# The top-level expression: of a file that is being sourced, else of the step's own code.
top_place <- function(stack, child) {
  for (frame in child:min(child, step$depth + 1L)) {
    if (frame < child && called_name(stack$calls[[frame]]) %in% sourcing && owner_of(stack$functions[[frame]]) == "package") {
      place <- sourcing_place(sys.frame(frame))
      if (!is.null(place)) return(place)
    }
    reference <- attr(stack$calls[[frame]], "srcref")
    if (is_ours(reference)) return(place(reference)[c("file", "line")])
  }
  place(step$current)[c("file", "line")]
}

# source() and sys.source() count the expressions of the file in `i`.
sourcing_place <- function(variables) {
  path <- get0("ofile", variables, inherits = FALSE, ifnotfound = get0("file", variables, inherits = FALSE))
  index <- get0("i", variables, inherits = FALSE)
  parsed <- if (is.character(path)) sourced_file(full_path(path, get0("owd", variables, inherits = FALSE, ifnotfound = getwd())))
  reference <- if (!is.null(parsed) && length(index) == 1L && index <= length(parsed$places)) parsed$places[[index]]
  if (!is.null(reference)) list(file = parsed$shown, line = reference[1L])
}

full_path <- function(path, folder = getwd()) {
  if (is.na(path) || grepl("^[A-Za-z][A-Za-z0-9+.-]+://", path)) return(path)
  path <- path.expand(path)
  normalizePath(if (startsWith(path, "/")) path else file.path(folder, path), mustWork = FALSE)
}

# A path below the project's folder, or as it is.
shown_path <- function(path) {
  path <- full_path(path)
  folder <- paste0(normalizePath(step$file$folder), "/")
  if (startsWith(path, folder)) substring(path, nchar(folder) + 1L) else path
}

# R keeps no places of what it sources: each file is parsed once more, with places. -> list(shown, places, functions); NULL where no
# file is there, or what is there is no regular one: a second look at a URL or a pipe would have an effect.
traced$sourced <- list()
sourced_file <- function(path) {
  known <- traced$sourced[[path]]
  if (!is.null(known)) return(known)
  if (!utils::file_test("-f", path)) return(NULL)
  parsed <- tryCatch(
    suppressWarnings(parse(path, keep.source = TRUE, encoding = "UTF-8")),
    error = function(problem) expression()
  )
  known <- list(shown = shown_path(path), places = attr(parsed, "srcref"), functions = functions_in(parsed))
  traced$sourced[[path]] <- known
  known
}

# The functions that the code makes, each as R would make it now.
functions_in <- function(code) {
  if (is.call(code) && identical(code[[1L]], quote(`function`))) {
    return(c(list(eval(code, baseenv())), functions_in(code[[3L]])))
  }
  if (!is.call(code) && !is.expression(code)) return(NULL)
  unlist(lapply(which(!vapply(seq_along(code), function(i) is_absent(code[i]), TRUE)), function(i) functions_in(code[[i]])))
}

# The place of `call` in a function of a sourced file, which is known by its text; the function's own where the call is not found.
sourced_place <- function(fun, call) {
  plain <- utils::removeSource(fun)
  for (file in traced$sourced) {
    for (candidate in file$functions) {
      same <- identical(formals(candidate), formals(plain)) && identical(body(utils::removeSource(candidate)), body(plain))
      if (!same) next
      reference <- place_of_call(body(candidate), call, attr(candidate, "srcref"))
      return(list(file = file$shown, line = reference[1L]))
    }
  }
  NULL
}

# The statement of `code` that holds `call`; `around` where none does.
place_of_call <- function(code, call, around) {
  inner <- if (is.call(code) && identical(code[[1L]], quote(`{`))) attr(code, "srcref")
  for (i in seq_along(inner)[-1L]) if (holds(code[[i]], call)) return(place_of_call(code[[i]], call, inner[[i]]))
  if (is.call(code) && is.null(inner)) {
    for (i in seq_along(code)[-1L]) {
      if (!is_absent(code[i]) && is.call(code[[i]]) && holds(code[[i]], call)) return(place_of_call(code[[i]], call, around))
    }
  }
  around
}

holds <- function(code, call) {
  if (!is.call(code)) return(FALSE)
  same_call(code, call) || any(vapply(seq_along(code), function(i) !is_absent(code[i]) && holds(code[[i]], call), TRUE))
}

# Attributes are places.
same_call <- function(one, other) {
  attributes(one) <- attributes(other) <- NULL
  identical(deparse(one), deparse(other))
}
