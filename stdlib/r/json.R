# JSON texts into R values. The text is cut and converted by vectorised calls, then built level by level from the deepest, so
# that time goes by containers and not by tokens.
#
# object -> named list; array of numbers, of texts or of truth values (null among them is NA) -> vector; any other array -> list;
# number -> double; null -> NULL.

json_pattern <- paste0(
  "\"[^\"\\\\\\x00-\\x1f]*+(?:\\\\.[^\"\\\\\\x00-\\x1f]*+)*+\"|[][{}:,]|",
  "-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![0-9.A-Za-z])|true|false|null|[^ \\t\\r\\n]"
)

read_text_file <- function(path) {
  bytes <- readBin(path, "raw", file.size(path))
  if (length(bytes) >= 3L && identical(bytes[1:3], as.raw(c(0xef, 0xbb, 0xbf)))) bytes <- bytes[-(1:3)]
  if (any(bytes == as.raw(0))) stop("the file holds a zero byte, so it is not text", call. = FALSE)
  text <- rawToChar(bytes)
  if (!validUTF8(text)) stop("the file is not UTF-8 text", call. = FALSE)
  text
}

read_json <- function(path, simplify = TRUE) parse_json(read_text_file(path), simplify)

# `simplify` FALSE keeps every array a list.
parse_json <- function(text, simplify = TRUE) {
  tokens <- json_tokens(text)
  places <- json_places(tokens)
  json_check(tokens, places)
  json_build(tokens, places, simplify)
}

# kind: "{" "}" "[" "]" ":" "," "s"tring "n"umber "t"rue "f"alse "l" for null; text: only of strings and numbers.
json_tokens <- function(text) {
  Encoding(text) <- "bytes"
  found <- gregexpr(json_pattern, text, perl = TRUE, useBytes = TRUE)[[1L]]
  if (found[1L] < 0L) stop("the JSON text is empty", call. = FALSE)
  start <- as.integer(found)
  size <- attr(found, "match.length")
  kind <- chartr("-0123456789\"n", "nnnnnnnnnnnsl", rawToChar(charToRaw(text)[start], multiple = TRUE))
  kind[kind == "s" & size < 2L | kind %in% c("t", "f", "l") & size < 4L] <- "?"
  cut <- which(kind == "s" | kind == "n")
  value <- character(length(kind))
  if (length(cut)) value[cut] <- substring(text, start[cut], start[cut] + size[cut] - 1L)
  kind[kind == "n" & !grepl("[0-9]", value, useBytes = TRUE)] <- "?"
  list(kind = kind, text = value, start = start, source = text)
}

json_stop <- function(tokens, at, problem) {
  before <- substr(tokens$source, 1L, tokens$start[at] - 1L)
  line <- 1L + sum(charToRaw(before) == as.raw(10))
  stop(sprintf("line %d: %s", line, problem), call. = FALSE)
}

# For each token: which container holds it (index of the opening token, 0 at the top), and how deep.
json_places <- function(tokens) {
  kind <- tokens$kind
  unknown <- which(!(kind %in% c("{", "}", "[", "]", ":", ",", "s", "n", "t", "f", "l")))
  if (length(unknown)) json_stop(tokens, unknown[1L], "this is not JSON")
  opens <- kind == "{" | kind == "["
  closes <- kind == "}" | kind == "]"
  after <- cumsum(opens - closes)
  if (any(after < 0L)) json_stop(tokens, which(after < 0L)[1L], "closed here, but nothing is open")
  if (after[length(after)] != 0L) json_stop(tokens, length(kind), "the text ends inside an array or object")
  depth <- after - opens
  depth[closes] <- after[closes] + 1L
  opening <- which(opens)
  width <- length(kind) + 1
  order_key <- after[opening] * width + opening
  sorted <- order(order_key)
  holder <- opening[sorted][pmax(1L, findInterval(depth * width + seq_along(kind), order_key[sorted]))]
  holder[depth == 0L] <- 0L
  list(holder = holder, depth = depth)
}

# Holds every neighbourhood to the grammar; together with matched brackets that is the whole of it.
json_check <- function(tokens, places) {
  kind <- tokens$kind
  n <- length(kind)
  value <- kind %in% c("s", "n", "t", "f", "l", "{", "[")
  object <- c(FALSE, kind == "{")[places$holder + 1L]
  array <- c(FALSE, kind == "[")[places$holder + 1L]
  before <- c("start", kind[-n])
  key <- object & kind == "s" & (before == "{" | before == ",")
  ends <- c(FALSE, (value & !(kind %in% c("{", "[")) & !key | kind %in% c("}", "]"))[-n])
  good <- ifelse(key, TRUE,
    ifelse(value, before == "start" | before == ":" | array & (before == "[" | before == ","),
      ifelse(kind == ":", object & c(FALSE, key[-n]),
        ifelse(kind == ",", ends & places$depth > 0L,
          ifelse(kind == "}", object & (ends | before == "{"), array & (ends | before == "["))))))
  if (!all(good)) json_stop(tokens, which(!good)[1L], "this does not belong here in JSON")
}

json_strings <- function(text) {
  text <- substr(text, 2L, nchar(text, "bytes") - 1L)
  escaped <- grep("\\", text, fixed = TRUE, useBytes = TRUE)
  if (length(escaped)) text[escaped] <- json_unescape(text[escaped])
  Encoding(text) <- "UTF-8"
  text
}

# The two commonest escapes are replaced at once where no others are; the rest goes text by text.
json_unescape <- function(text) {
  hard <- grepl("\\\\[^n\"]", text, perl = TRUE, useBytes = TRUE)
  easy <- gsub("\\n", "\n", text[!hard], fixed = TRUE, useBytes = TRUE)
  text[!hard] <- gsub("\\\"", "\"", easy, fixed = TRUE, useBytes = TRUE)
  text[hard] <- vapply(text[hard], json_unescape_one, "", USE.NAMES = FALSE)
  text
}

json_unescape_one <- function(text) {
  found <- gregexpr("\\\\(?:u[0-9A-Fa-f]{4}(?:\\\\u[dD][c-fC-F][0-9A-Fa-f]{2})?|.)", text, perl = TRUE, useBytes = TRUE)
  regmatches(text, found) <- list(vapply(regmatches(text, found)[[1L]], json_escape_value, ""))
  text
}

json_escape_value <- function(escape) {
  letter <- substr(escape, 2L, 2L)
  if (letter != "u") {
    plain <- c(b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", "\"" = "\"", "\\" = "\\", "/" = "/")[letter]
    if (is.na(plain)) stop(sprintf("there is no escape %s in JSON", escape), call. = FALSE)
    return(plain)
  }
  units <- strtoi(c(substr(escape, 3L, 6L), substr(escape, 9L, 12L)), 16L)
  high <- units[1L] >= 0xd800 && units[1L] <= 0xdbff
  code <- if (high && !is.na(units[2L])) 0x10000 + (units[1L] - 0xd800) * 0x400 + units[2L] - 0xdc00 else units[1L]
  if (code == 0) stop("R texts cannot hold the character \\u0000", call. = FALSE)
  # Half of a pair stands for no character; a pair that only looked like one keeps its second half as a character of its own.
  first <- if (code >= 0xd800 && code <= 0xdfff) 0xfffd else code
  rest <- if (!high && !is.na(units[2L])) 0xfffd
  bytes <- intToUtf8(c(first, rest))
  Encoding(bytes) <- "bytes"
  bytes
}

json_build <- function(tokens, places, simplify) {
  kind <- tokens$kind
  following <- c(kind[-1L], "end")
  key <- kind == "s" & following == ":"
  values <- which(!key & kind %in% c("s", "n", "t", "f", "l", "{", "["))
  number <- rep(NA_real_, length(kind))
  number[kind == "n"] <- exact_double(tokens$text[kind == "n"])
  string <- rep(NA_character_, length(kind))
  string[kind == "s"] <- json_strings(tokens$text[kind == "s"])
  truth <- c(t = TRUE, f = FALSE)[kind]
  value <- vector("list", length(kind))
  value[kind == "n"] <- as.list(number[kind == "n"])
  value[kind == "s"] <- as.list(string[kind == "s"])
  value[kind == "t"] <- list(TRUE)
  value[kind == "f"] <- list(FALSE)
  opening <- which(kind == "{" | kind == "[")
  children <- unname(split(values, factor(places$holder[values], levels = opening)))
  build_array <- function(held) {
    kinds <- unique.default(kind[held])
    solid <- kinds[kinds != "l"]
    # Of nulls alone it stays a list: one NA would be written as null, which is no array.
    if (!simplify || length(solid) == 0L) return(value[held])
    if (identical(solid, "n")) return(number[held])
    if (identical(solid, "s")) return(string[held])
    if (all(solid %in% c("t", "f"))) return(unname(truth[held]))
    value[held]
  }
  for (nth in order(places$depth[opening], decreasing = TRUE)) {
    at <- opening[nth]
    held <- children[[nth]]
    if (kind[at] == "[") {
      value[at] <- list(build_array(held))
    } else {
      built <- value[held]
      names(built) <- string[held - 2L]
      value[[at]] <- built
    }
  }
  value[[values[1L]]]
}
