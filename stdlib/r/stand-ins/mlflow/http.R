# Requests and answers of HTTP/1.1. Files go through in pieces.

piece_bytes <- 1048576L

# `send`: raw bytes, or the path of a file, or NULL. `into`: the file that takes the body of a good answer.
# -> list(status, headers, body): headers by their names in small letters; body is raw, empty where it went into a file.
# `repeatable`: a second time does no harm, so it is tried again where a kept connection turns out to be dead.
http_request <- function(server, verb, target, headers, send = NULL, into = NULL, repeatable = TRUE) {
  size <- if (is.character(send)) file.size(send) else length(send)
  headers <- c(
    sprintf("%s %s HTTP/1.1", verb, target), sprintf("Host: %s:%d", server$host, server$port), headers,
    if (verb != "GET") sprintf("Content-Length: %.0f", size)
  )
  head <- charToRaw(paste0(paste0(headers, "\r\n", collapse = ""), "\r\n"))
  answer <- exchange(server, head, send, into)
  if (is.null(answer) && repeatable) answer <- exchange(server, head, send, into)
  if (is.null(answer)) {
    disconnect()
    stop(sprintf("http://%s:%d closed the connection without an answer", server$host, server$port), call. = FALSE)
  }
  answer
}

# NULL where a connection that has served before ends without a word.
exchange <- function(server, head, send, into) {
  connection <- connect(server)
  whole <- FALSE
  on.exit(if (!whole) disconnect())
  socket <- connection$socket
  suppressWarnings(send_request(socket, head, send))
  status <- read_status(socket)
  if (is.null(status)) {
    if (connection$used) return(NULL)
    stop(sprintf("no HTTP answer from http://%s:%d", server$host, server$port), call. = FALSE)
  }
  headers <- read_headers(socket)
  body <- read_body(socket, headers, if (status == 200L) into)
  whole <- !(tolower(headers["connection"]) %in% "close")
  list(status = status, headers = headers, body = body)
}

send_request <- function(socket, head, send) {
  if (!is.character(send)) return(writeBin(c(head, send), socket))
  writeBin(head, socket)
  source <- file(send, open = "rb")
  on.exit(close(source))
  while (length(piece <- readBin(source, "raw", piece_bytes))) writeBin(piece, socket)
}

# The number of the final answer; NULL where none comes.
read_status <- function(socket) {
  repeat {
    line <- suppressWarnings(readLines(socket, 1L))
    if (length(line) == 0L || !grepl("^HTTP/1\\.[01] [1-5][0-9]{2}", line)) return(NULL)
    status <- as.integer(substr(line, 10L, 12L))
    if (status >= 200L) return(status)
    read_headers(socket)
  }
}

read_headers <- function(socket) {
  lines <- character()
  while (length(line <- readLines(socket, 1L)) && nzchar(line)) lines <- c(lines, line)
  values <- trimws(sub("^[^:]*:", "", lines))
  names(values) <- tolower(sub(":.*$", "", lines))
  values
}

read_body <- function(socket, headers, into) {
  sink <- open_sink(into)
  on.exit(sink$close())
  if (grepl("chunked", tolower(headers["transfer-encoding"]), fixed = TRUE)) {
    read_chunks(socket, sink)
  } else if (!is.na(headers["content-length"])) {
    read_exactly(socket, as.numeric(headers["content-length"]), sink)
  } else {
    while (length(piece <- readBin(socket, "raw", piece_bytes))) sink$write(piece)
  }
  sink$bytes()
}

read_chunks <- function(socket, sink) {
  repeat {
    size <- strtoi(sub("[;[:space:]].*$", "", readLines(socket, 1L)), 16L)
    if (length(size) == 0L || is.na(size)) stop("the tracking server sent a broken answer", call. = FALSE)
    if (size == 0L) return(read_headers(socket))
    read_exactly(socket, size, sink)
    readLines(socket, 1L)
  }
}

read_exactly <- function(socket, size, sink) {
  while (size > 0) {
    piece <- readBin(socket, "raw", min(size, piece_bytes))
    if (length(piece) == 0L) stop("the tracking server stopped in the middle of an answer", call. = FALSE)
    sink$write(piece)
    size <- size - length(piece)
  }
}

# Collects bytes in memory (`into` NULL) or in a file.
open_sink <- function(into) {
  if (!is.null(into)) return(open_file_sink(into))
  pieces <- list()
  list(
    write = function(piece) pieces[[length(pieces) + 1L]] <<- piece,
    bytes = function() if (length(pieces) == 1L) pieces[[1L]] else as.raw(unlist(pieces)),
    close = function() NULL
  )
}

open_file_sink <- function(path) {
  target <- file(path, open = "wb")
  written <- 0
  list(
    write = function(piece) {
      writeBin(piece, target)
      written <<- written + length(piece)
    },
    bytes = raw,
    close = function() {
      close(target)
      # R only warns of a full disk, and not always.
      if (file.size(path) != written) stop(sprintf("`%s` cannot be written: the disk may be full", path), call. = FALSE)
    }
  )
}
