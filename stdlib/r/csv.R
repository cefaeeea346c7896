# CSV as RFC 4180 has it, with every bit of a number and every character of a text.
#
# Written: texts always in quotes, numbers and truth values never, NA as a bare NA; so a reader can tell the text "1" from the
# number 1. A name in the header is quoted only where it must be; row names are not written.
# Read: a column is text if it holds a quoted field or one that is neither number nor truth value, or a whole number beyond
# 2^53; where the file quotes everything, header and all, quotes mean nothing and the content decides. An empty field is NA in a
# column of numbers or truth values and "" among texts; a bare NA is NA.

write_csv <- function(data, path) {
  columns <- lapply(data, csv_column)
  header <- paste(csv_name(names(data)), collapse = ",")
  rows <- if (nrow(data) > 0L) do.call(paste, c(unname(columns), sep = ","))
  connection <- file(path, open = "wb", encoding = "native.enc")
  on.exit(close(connection))
  writeLines(c(header, rows), connection, useBytes = TRUE)
}

csv_name <- function(name) {
  name <- enc2utf8(name)
  odd <- grepl("[\",\r\n]|^ | $|^$", name)
  name[odd] <- csv_quote(name[odd])
  name
}

csv_quote <- function(text) paste0("\"", gsub("\"", "\"\"", enc2utf8(text), fixed = TRUE), "\"")

csv_column <- function(x) {
  if (inherits(x, "POSIXt")) x <- time_text(x)
  if (is.factor(x) || inherits(x, "Date")) x <- as.character(x)
  text <- rep("NA", length(x))
  there <- !is.na(x) | is.nan(x)
  text[there] <- switch(typeof(x),
    character = csv_quote(x[there]),
    logical = ifelse(x[there], "TRUE", "FALSE"),
    integer = sprintf("%d", as.integer(x[there])),
    double = csv_doubles(as.numeric(x[there]))
  )
  text
}

# A point tells a number beyond 2^53 from the digits of a name, which would be read as text.
csv_doubles <- function(x) {
  text <- ifelse(is.nan(x), "NaN", ifelse(x > 0, "Inf", "-Inf"))
  finite <- is.finite(x)
  text[finite] <- short_text(x[finite])
  big <- finite & abs(x) > 2^53 & !grepl("[.e]", text)
  text[big] <- paste0(text[big], ".0")
  text
}

# What a csv is written from, or what is wrong with it as one line.
csv_table <- function(x) {
  if (inherits(x, "table")) x <- as.data.frame(x, stringsAsFactors = FALSE)
  if (is.matrix(x)) x <- as.data.frame(x, stringsAsFactors = FALSE)
  if (is.atomic(x) && !is.null(x)) x <- data.frame(value = unname(x), stringsAsFactors = FALSE)
  if (is.list(x) && !is.data.frame(x)) {
    x <- tryCatch(as.data.frame(x, stringsAsFactors = FALSE, optional = TRUE), error = function(e) NULL)
  }
  if (!is.data.frame(x)) return("cannot be laid out as a table")
  wide <- vapply(x, function(column) is.matrix(column) || is.data.frame(column), TRUE)
  # A column that is itself a table, as aggregate() and scale() make it, becomes columns `name.1`, `name.x`.
  if (any(wide)) x <- do.call(data.frame, c(as.list(x), check.names = FALSE, stringsAsFactors = FALSE))
  x
}

read_csv <- function(path) {
  fields <- csv_fields(read_text_file(path))
  if (length(fields$text) == 0L) stop("the file is empty", call. = FALSE)
  width <- fields$width[1L]
  ragged <- which(fields$width != width)
  if (length(ragged)) {
    stop(sprintf(
      "record %d has %d fields, the header has %d", ragged[1L], fields$width[ragged[1L]], width
    ), call. = FALSE)
  }
  deliberate <- !all(fields$quoted)
  columns <- lapply(seq_len(width), function(j) {
    at <- seq.int(j + width, by = width, length.out = length(fields$width) - 1L)
    csv_values(fields$text[at], fields$quoted[at] & deliberate)
  })
  names(columns) <- csv_header(fields$text[seq_len(width)])
  structure(columns, row.names = .set_row_names(length(fields$width) - 1L), class = "data.frame")
}

csv_header <- function(names) make.unique(ifelse(names == "", "X", names))

# text and whether it was quoted, field by field; width: fields of each record. Blank lines are no records.
csv_fields <- function(text) {
  if (!nzchar(text)) return(list(text = character(), quoted = logical(), width = integer()))
  if (!grepl("[\r\n]$", text, useBytes = TRUE)) text <- paste0(text, "\n")
  Encoding(text) <- "bytes"
  field <- "(?:\"[^\"]*+(?:\"\"[^\"]*+)*+\"|[^,\r\n\"][^,\r\n]*+|)(?:,|\r\n|\n|\r)"
  found <- gregexpr(field, text, perl = TRUE, useBytes = TRUE)[[1L]]
  start <- as.integer(found)
  size <- attr(found, "match.length")
  if (start[1L] != 1L || any(start[-1L] != (start + size)[-length(start)]) || sum(size) != nchar(text, "bytes")) {
    csv_stop(text, start, size)
  }
  bytes <- charToRaw(text)
  last <- start + size - 1L
  ends <- bytes[last] != as.raw(44)
  crlf <- size > 1L & bytes[last] == as.raw(10) & bytes[pmax(last - 1L, 1L)] == as.raw(13)
  size <- size - 1L - crlf
  quoted <- size > 0L & bytes[start] == as.raw(34)
  text <- substring(text, start + quoted, start + size - 1L - quoted)
  doubled <- quoted & grepl("\"\"", text, fixed = TRUE, useBytes = TRUE)
  text[doubled] <- gsub("\"\"", "\"", text[doubled], fixed = TRUE, useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  blank <- ends & c(TRUE, ends[-length(ends)]) & size == 0L
  width <- diff(c(0L, which(ends[!blank])))
  list(text = text[!blank], quoted = quoted[!blank], width = width)
}

csv_stop <- function(text, start, size) {
  broken <- which(start != c(1L, (start + size)[-length(start)]))
  at <- if (length(broken)) c(1L, start + size)[broken[1L]] else sum(size) + 1L
  line <- 1L + sum(charToRaw(substr(text, 1L, at - 1L)) == as.raw(10))
  stop(sprintf("line %d has a quote that is not closed, or one in the middle of a field", line), call. = FALSE)
}

csv_number <- "^[+-]?(?:[0-9]++\\.?[0-9]*+|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?$"

csv_values <- function(text, quoted) {
  missing <- !quoted & (text == "NA" | text == "")
  there <- text[!missing]
  if (any(quoted)) return(replace(text, !quoted & text == "NA", NA_character_))
  if (length(there) == 0L) return(rep(NA, length(text)))
  if (all(there %in% c("TRUE", "FALSE", "true", "false"))) return(replace(text %in% c("TRUE", "true"), missing, NA))
  there <- trimws(there)
  odd <- there %in% c("NaN", "Inf", "-Inf")
  number <- all(odd | grepl(csv_number, there, perl = TRUE, useBytes = TRUE))
  if (number) known <- exact_double(there)
  held <- number && all(abs(known) <= 2^53 | !grepl("^[+-]?[0-9]+$", there, useBytes = TRUE), na.rm = TRUE)
  if (!held) return(replace(text, !quoted & text == "NA", NA_character_))
  value <- rep(NA_real_, length(text))
  value[!missing] <- known
  csv_integers(value, there)
}

# Whole numbers written without point or exponent are integers, as read.csv() has it; a minus zero keeps its sign.
csv_integers <- function(value, written) {
  whole <- all(grepl("^[+-]?[0-9]+$", written, useBytes = TRUE)) && !any(grepl("^-0+$", written, useBytes = TRUE))
  if (whole && all(abs(value) <= .Machine$integer.max, na.rm = TRUE)) as.integer(value) else value
}
