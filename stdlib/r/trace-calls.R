# Of a traced step: which functions are watched, and how: each gets one more line above its own, so that frames, arguments and the
# value stay as they are.

traced$watched <- list()
traced$originals <- list()
# Whatever these call in turn is said by them.
traced$covering <- character()

# `names`: functions of `package`. `when`, evaluated among the function's own arguments, says whether a call counts; `detail` is
# what it is about. Only primitives may be called there: an argument that fails must fail as if the function itself had asked for it.
watch <- function(about, names, when = NULL, detail = NULL, package = "base", covering = TRUE) {
  rows <- lapply(strsplit(names, " ", fixed = TRUE)[[1L]], function(name) {
    list(about = about, name = name, package = package, when = when, detail = detail)
  })
  traced$watched <- c(traced$watched, rows)
  if (covering) traced$covering <- c(traced$covering, vapply(rows, `[[`, "", "name"))
}

watch("clock", "Sys.time Sys.Date date proc.time")
watch("random", "sample sample.int")
watch("random", package = "stats", paste(
  "runif rnorm rbinom rpois rexp rgamma rbeta rt rchisq rcauchy rgeom rhyper rlogis rlnorm rmultinom rnbinom rweibull rwilcox",
  "rsignrank r2dtable"
))
watch("seed", "set.seed", quote(is.null(seed)), "NULL", covering = FALSE)
watch("seed", "set.seed", quote(!is.null(seed)), covering = FALSE)
watch("rng-kind", "RNGkind", quote(nargs() > 0L))
watch("rng-kind", "RNGversion")
open_zone <- quote(is.character(tz) && !is.na(tz[1L]) && tz[1L] == "")
watch("timezone", "Sys.timezone")
watch("timezone", "strptime ISOdatetime as.POSIXlt.character", open_zone)
watch("timezone", "as.POSIXlt.POSIXct as.POSIXct.POSIXlt", bquote(
  if (missing(tz) && is.character(attr(x, "tzone"))) attr(x, "tzone")[1L] == "" else .(open_zone)
))
watch("locale", "Sys.getlocale Sys.setlocale Sys.localeconv l10n_info")
watch("locale", "sort.default rank", quote(is.character(x)))
watch("locale", "sort.int", quote(is.character(x) && (missing(method) || method[1L] != "radix")))
watch("locale", "factor", quote(missing(levels) && is.character(x)))
watch("locale", "order")
watch("locale", "format.POSIXlt", quote(is.character(format) && length(grep("%[aAbBchpxX]", format)) > 0L))
watch("host", "Sys.info Sys.getpid getwd tempfile tempdir Sys.umask")
watch("host", "normalizePath path.expand", quote(is.character(path)), quote(path))
watch("environment", "Sys.getenv", quote(is.character(x)), quote(x))
watch("environment", "Sys.getenv", quote(is.null(x)))
watch("option", "options", quote(nargs() > 0L))
watch("cpu-count", "detectCores", package = "parallel")
watch("cpu-count", "availableCores", package = "parallelly")
watch("parallel", package = "parallel", covering = FALSE, paste(
  "mclapply mcmapply pvec mcparallel makeCluster parLapply parSapply parApply clusterApply clusterApplyLB clusterMap clusterCall",
  "clusterEvalQ clusterSetRNGStream"
))
watch("order", "list.files dir list.dirs", quote(is.character(path)), quote(path))
watch("order", "Sys.glob", quote(is.character(paths)), quote(paths))
watch("memory-order", "hashtab", package = "utils")
watch("memory-order", "format.default", quote(is.environment(x)))
watch("memory-order", "tracemem")
watch("memory-order", "obj_addr obj_addrs", package = "lobstr")
watch("memory-order", "address", package = "data.table")
watch("process", "system system2", quote(is.character(command)), quote(command))
watch("blas", "svd La.svd eigen solve.default qr.default chol.default chol2inv crossprod tcrossprod")
watch("blas", "lm.fit lm.wfit", package = "stats")
watch("look", "file.exists file.info file.size file.mtime", quote(is.character(c(...))), quote(c(...)))
watch("look", "dir.exists", quote(is.character(paths)), quote(paths))
watch("read", "readLines readBin readChar", quote(is.character(con)), quote(con))
watch("read", "readRDS load scan read.dcf", quote(is.character(file)), quote(file))
watch("read", "source sys.source", quote(!missing(file) && is.character(file)), quote(file), covering = FALSE)
opened <- quote(is.character(description) && is.character(open))
watch("read", "file gzfile bzfile xzfile url", bquote(.(opened) && length(grep("^(r|$)", open))), quote(description))
watch("write", "file gzfile bzfile xzfile", bquote(.(opened) && length(grep("^[wa]", open))), quote(description))
watch("read", "file.copy", quote(is.character(from)), quote(from))
given_file <- quote(!missing(file) && is.character(file) && nzchar(file[1L]))
watch("read", "read.table", given_file, quote(file), package = "utils")
watch("read", "fread", quote(!missing(input) && is.character(input)), quote(input), package = "data.table")
watch("read", "read_csv read_tsv read_delim read_rds", given_file, quote(file), package = "readr")
watch("settle", "saveRDS save serialize dput dump", covering = FALSE)
watch("write", "writeLines writeBin writeChar", quote(is.character(con)), quote(con))
watch("write", "saveRDS dput save sink cat", given_file, quote(file))
watch("write", "dump", quote(is.character(file) && nzchar(file[1L])), quote(file))
watch("write", "write.table", given_file, quote(file), package = "utils")
watch("write", "file.create file.remove", quote(is.character(c(...))), quote(c(...)))
watch("write", "file.rename file.copy", quote(is.character(to)), quote(to))
watch("write", "unlink", quote(is.character(x)), quote(x))
watch("write", "dir.create", quote(is.character(path)), quote(path))
watch("arguments", "commandArgs")
watch("param", "mlflow_param", quote(is.character(name)), quote(name), package = "mlflow")

# Packages that are not loaded yet are rewritten when they are.
watch_calls <- function() {
  packages <- vapply(traced$watched, `[[`, "", "package")
  for (package in unique(packages)) {
    rows <- traced$watched[packages == package]
    if (package == "base" || isNamespaceLoaded(package)) rewrite_all(package, rows)
    else setHook(packageEvent(package, "onLoad"), rewriter(package, rows))
  }
  hide_rewriting()
}

rewriter <- function(package, rows) {
  force(package)
  force(rows)
  function(...) quietly(rewrite_all(package, rows))
}

rewrite_all <- function(package, rows) {
  namespace <- if (package == "base") baseenv() else asNamespace(package)
  for (row in rows) {
    if (exists(row$name, envir = namespace, inherits = FALSE)) replace_function(row$name, namespace, rewrite(row, get(row$name, namespace)))
  }
}

# Its line stands above the function's own; frames, arguments and value are the same.
rewrite <- function(row, original) {
  if (is.primitive(original)) original <- as.function(list(call("return", as.call(list(original)))), envir = baseenv())
  noting <- as.call(list(note, row$about, row$name, row$detail))
  if (identical(row$name, "order")) noting <- noting_order(noting)
  else if (!is.null(row$when)) noting <- call("if", row$when, noting)
  replacement <- original
  body(replacement) <- call("{", noting, body(original))
  known <- traced$originals[[row$name]]
  traced$originals[[row$name]] <- list(original = if (is.null(known)) original else known$original, replacement = replacement)
  replacement
}

# All of order()'s arguments are looked at, one after the other.
noting_order <- function(noting) {
  bquote(if (missing(method) || method[1L] != "radix") for (.mlpipe in list(...)) if (is.character(.mlpipe)) {
    .(noting)
    break
  })
}

# In the package, where its functions find it, and where it is attached.
replace_function <- function(name, namespace, replacement) {
  attached <- if (identical(namespace, baseenv())) "base" else paste0("package:", environmentName(namespace))
  places <- c(namespace, namespace[[".__S3MethodsTable__."]], if (attached %in% search()) as.environment(attached))
  for (env in places) {
    if (!exists(name, envir = env, inherits = FALSE)) next
    locked <- bindingIsLocked(name, env)
    if (locked) unlockBinding(name, env)
    assign(name, replacement, envir = env)
    if (locked) lockBinding(name, env)
  }
}

# Code that prints a watched function, or looks at its text, sees R's own; R's compiler, which asks for it too, sees what there is.
hide_rewriting <- function() {
  originals <- unname(traced$originals)
  unchanged <- function(value) {
    for (one in originals) if (identical(one$replacement, value)) return(one$original)
    value
  }
  showing <- list(print.function = quote(x), deparse = quote(expr), body = quote(fun))
  for (name in names(showing)) {
    shown <- showing[[name]]
    original <- get(name, baseenv())
    swap <- bquote(if (!missing(.(shown)) && is.function(.(shown)) && !.(compiles)()) .(shown) <- .(unchanged)(.(shown)))
    body(original) <- call("{", swap, body(original))
    replace_function(name, baseenv(), original)
  }
}

compiles <- function() identical(topenv(parent.frame(2L)), asNamespace("compiler"))

# How often each function was called in this expression, and how often each call site was seen.
traced$calls <- new.env(parent = emptyenv())
traced$sites <- new.env(parent = emptyenv())
# Where each function was called from when that was looked for last.
traced$last <- new.env(parent = emptyenv())

# Called in the frame of the watched function. Of many calls, places are looked for of the first 64 and of every 4096th; which files
# they are is wanted of all.
note <- function(about, name, detail = NULL) {
  if (traced$busy) return(invisible())
  if (about == "settle") return(settle_variables())
  count <- traced$calls[[name]]
  count <- if (is.null(count)) 1L else count + 1L
  assign(name, count, envir = traced$calls)
  if (count <= 64L || count %% 4096L == 0L) note_site(about, name, detail, if (count > 64L && is.null(detail)) 4096L else 1L)
  else if (!is.null(detail)) note_detail(about, name, detail)
}

note_site <- function(about, name, detail, weight) {
  traced$busy <- TRUE
  on.exit(traced$busy <- FALSE)
  place <- user_site(sys.nframe() - 2L)
  assign(name, list(place), envir = traced$last)
  # Variables by which R's own packages are steered.
  steering <- about == "environment" && !is.null(place$via) && startsWith(c(detail, "_R_")[1L], "_R_")
  if (!is.null(place) && !steering) count_details(about, name, detail, place, weight)
}

# At the place where the function was called from when that was looked for.
note_detail <- function(about, name, detail) {
  traced$busy <- TRUE
  on.exit(traced$busy <- FALSE)
  place <- traced$last[[name]][[1L]]
  if (!is.null(place)) count_details(about, name, detail, place, 1L)
}

count_details <- function(about, name, detail, place, weight) {
  # Known from now on, for what its functions will call.
  if (name %in% sourcing) sourced_file(full_path(detail[1L]))
  for (one in if (is.null(detail)) list(NULL) else detail) count_site(call_fields(about, name, one, place), weight)
}

call_fields <- function(about, name, detail, place) {
  names_file <- about %in% c("read", "write", "look", "order") && !is.null(detail)
  if (names_file && !(detail %in% c("", "stdin", "clipboard"))) detail <- full_path(detail)
  paste0(
    ",\"about\":\"", about, "\",\"name\":", json_string(sub("\\.(default|POSIX[cl]t|character)$", "", name)),
    ",\"detail\":", json_or_null(detail), ",\"file\":", json_string(place$file), ",\"line\":", json_or_null(place$line), ",\"column\":null",
    ",\"via\":", json_or_null(place$via), ",\"expression\":", traced$index,
    ",\"forked\":", if (Sys.getpid() == step$process) "false" else "true"
  )
}

# The first call of a site is written at once: the process may not live to count.
count_site <- function(fields, weight) {
  known <- traced$sites[[fields]]
  if (is.null(known)) write_trace("call", fields, ",\"count\":", weight)
  assign(fields, if (is.null(known)) 0L else known + weight, envir = traced$sites)
}

# Calls since the first of each site.
write_counts <- function() {
  for (fields in ls(traced$sites)) if (traced$sites[[fields]] > 0L) write_trace("call", fields, ",\"count\":", traced$sites[[fields]])
  rm(list = ls(traced$sites), envir = traced$sites)
}
