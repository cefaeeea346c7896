# The socket to the tracking server: opened once, kept from request to request, opened again where it was lost.

# Gives one connection to `server` (host and port), and whether it has served before.
connect <- function(server) {
  kept <- state$connection
  if (!is.null(kept) && kept$process != Sys.getpid()) {
    # A forked child must not speak on its parent's socket; held here, it is not closed behind the parent's back.
    state$inherited <- c(state$inherited, list(kept$socket))
    kept <- NULL
  }
  if (!is.null(kept) && identical(kept$server, server) && is_idle(kept$socket)) return(list(socket = kept$socket, used = TRUE))
  disconnect()
  state$connection <- list(socket = open_socket(server), server = server, process = Sys.getpid())
  list(socket = state$connection$socket, used = FALSE)
}

disconnect <- function() {
  kept <- state$connection
  state$connection <- NULL
  if (!is.null(kept) && kept$process == Sys.getpid() && is_ours(kept$socket)) close(kept$socket)
}

# closeAllConnections() may have closed it, and its number may be another connection's by now.
is_ours <- function(socket) {
  number <- as.integer(socket)
  number %in% getAllConnections() && identical(attr(getConnection(number), "conn_id"), attr(socket, "conn_id"))
}

# Between two requests nothing is there to read, unless the other end has closed.
is_idle <- function(socket) is_ours(socket) && !socketSelect(list(socket), write = FALSE, timeout = 0)

# How long an answer may take.
answer_seconds <- function() {
  named <- suppressWarnings(as.integer(Sys.getenv("MLFLOW_HTTP_REQUEST_TIMEOUT")))
  as.integer(getOption("mlflow.rest.timeout", if (is.na(named)) 60L else named))
}

open_socket <- function(server) {
  arguments <- list(
    host = server$host, port = server$port, blocking = TRUE, open = "r+b", encoding = "native.enc",
    timeout = answer_seconds()
  )
  # R 4.0 does not know it.
  if ("options" %in% names(formals(socketConnection))) arguments$options <- "no-delay"
  tryCatch(suppressWarnings(do.call(socketConnection, arguments)), error = function(problem) {
    stop(sprintf("no tracking server answers at http://%s:%d; is it running?", server$host, server$port), call. = FALSE)
  })
}
