# R values as JSON texts: data.frame -> array of rows, named list or vector -> object, one value -> scalar, I(x) -> array,
# NA and NaN -> null, infinite -> 1e999 (what JSON has for it: every reader makes it infinite again), doubles with every bit.

json_string <- function(text) {
  text <- enc2utf8(as.character(text))
  odd <- grepl("[\\x00-\\x1f\"\\\\\\x7f]", text, perl = TRUE, useBytes = TRUE) & !is.na(text)
  if (any(odd)) text[odd] <- json_escape(text[odd])
  paste0("\"", text, "\"")
}

json_escape <- function(text) {
  text <- gsub("\\", "\\\\", text, fixed = TRUE)
  text <- gsub("\"", "\\\"", text, fixed = TRUE)
  text <- gsub("\n", "\\n", text, fixed = TRUE)
  for (code in c(1:9, 11:31, 127)) {
    text <- gsub(rawToChar(as.raw(code)), sprintf("\\u%04x", code), text, fixed = TRUE)
  }
  text
}

# One JSON text an element.
json_scalars <- function(x) {
  if (is.factor(x)) x <- as.character(x)
  if (inherits(x, "POSIXt")) x <- time_text(x)
  if (inherits(x, "Date")) x <- format(x)
  missing <- is.na(x)
  text <- character(length(x))
  text[missing] <- "null"
  x <- x[!missing]
  text[!missing] <- switch(typeof(x),
    character = json_string(x),
    logical = ifelse(x, "true", "false"),
    integer = sprintf("%d", as.integer(x)),
    double = json_doubles(as.numeric(x)),
    stop(sprintf("holds %s values, which JSON does not have", typeof(x)), call. = FALSE)
  )
  text
}

json_doubles <- function(x) {
  text <- ifelse(x > 0, "1e999", "-1e999")
  finite <- is.finite(x)
  text[finite] <- short_text(x[finite])
  text
}

# 2026-11-22T00:37:55.25Z, with as many decimals as it has, at most six.
time_text <- function(x) {
  text <- format(as.POSIXct(x), "%Y-%m-%dT%H:%M:%OS6", tz = "UTC")
  text[!is.na(text)] <- paste0(sub("\\.?0*$", "", text[!is.na(text)]), "Z")
  text
}

json_object <- function(keys, texts) {
  paste0("{", paste0(json_string(keys), ":", texts, collapse = ","), "}")
}

# `where` is how a message calls the place of `x`: `model$fit`.
to_json <- function(x, where) {
  if (is.null(x)) return("null")
  if (is.data.frame(x)) return(json_rows(x, where))
  if (is.atomic(x)) return(json_vector(x, where))
  if (!is.list(x) || isS4(x)) json_refuse(x, where)
  if (inherits(x, "POSIXlt")) return(json_vector(as.POSIXct(x), where))
  names <- names(x)
  if (is.null(names)) {
    items <- vapply(seq_along(x), function(i) to_json(x[[i]], sprintf("%s[[%d]]", where, i)), "")
    return(paste0("[", paste(items, collapse = ","), "]"))
  }
  x <- unclass(x)
  keys <- ifelse(names == "", as.character(seq_along(x)), names)
  items <- vapply(seq_along(x), function(i) to_json(x[[i]], paste0(where, "$", keys[i])), "")
  if (length(x)) json_object(keys, items) else "{}"
}

json_refuse <- function(x, where) {
  stop(sprintf("holds %s at `%s`, which is not data", describe_value(x), where), call. = FALSE)
}

json_vector <- function(x, where) {
  boxed <- inherits(x, "AsIs")
  if (boxed) class(x) <- setdiff(class(x), "AsIs")
  if (length(dim(x)) == 2L) return(json_matrix(x, where))
  texts <- json_scalars(x)
  names <- names(x)
  if (!is.null(names) && all(nzchar(names)) && !anyDuplicated(names) && length(texts)) return(json_object(names, texts))
  if (length(texts) == 1L && !boxed) return(texts)
  paste0("[", paste(texts, collapse = ","), "]")
}

# A table of counts or a matrix, row by row.
json_matrix <- function(x, where) {
  if (inherits(x, "table")) return(json_rows(as.data.frame(x, stringsAsFactors = FALSE), where))
  rows <- vapply(seq_len(nrow(x)), function(i) to_json(I(unname(x[i, ])), where), "")
  paste0("[", paste(rows, collapse = ","), "]")
}

json_rows <- function(x, where) {
  if (nrow(x) == 0L) return("[]")
  if (ncol(x) == 0L) return(paste0("[", paste(rep("{}", nrow(x)), collapse = ",\n"), "]"))
  cells <- lapply(seq_along(x), function(j) {
    paste0(json_string(names(x)[j]), ":", json_column(x[[j]], paste0(where, "$", names(x)[j])))
  })
  paste0("[\n", paste0("{", do.call(paste, c(cells, sep = ",")), "}", collapse = ",\n"), "\n]")
}

json_column <- function(column, where) {
  if (length(dim(column)) == 2L) {
    return(vapply(seq_len(nrow(column)), function(i) to_json(I(unname(column[i, ])), where), ""))
  }
  if (is.atomic(column)) return(json_scalars(unclass_asis(column)))
  if (inherits(column, "POSIXlt")) return(json_scalars(as.POSIXct(column)))
  vapply(seq_along(column), function(i) to_json(column[[i]], sprintf("%s[[%d]]", where, i)), "")
}

unclass_asis <- function(x) {
  if (inherits(x, "AsIs")) class(x) <- setdiff(class(x), "AsIs")
  x
}
