# MLflow's REST calls: their addresses, their headers, and what a refusal says.

rest_prefix <- "/api/2.0/mlflow/"

# `fields` is JSON text, sent as the body; `query` is a list, sent in the address. -> the answer as a list.
call_endpoint <- function(client, verb, endpoint, fields = NULL, query = list()) {
  answer <- ask(
    client, verb, endpoint, paste0(rest_prefix, endpoint, query_text(query)),
    send = if (!is.null(fields)) charToRaw(enc2utf8(fields)),
    headers = if (!is.null(fields)) "Content-Type: application/json",
    repeatable = !endsWith(endpoint, "/create")
  )
  body <- answer_text(answer)
  if (body %in% c("", "{}")) list() else parse_json(body, simplify = FALSE)
}

# One request below the tracking URI; waits and asks again where the server is busy, for a minute. `what` names it in messages.
ask <- function(client, verb, what, target, headers = character(), ...) {
  server <- server_address(client$tracking_uri)
  headers <- c("User-Agent: mlpipe-r", "Accept: application/json", authorization(), headers)
  wait <- 1
  repeat {
    answer <- http_request(server, verb, paste0(server$prefix, target), headers, ...)
    if (answer$status == 200L) return(answer)
    asked <- suppressWarnings(as.numeric(answer$headers["retry-after"]))
    busy <- answer$status == 429L || answer$status == 503L && !is.na(asked)
    if (!busy || wait > 32) refuse(answer, what)
    Sys.sleep(max(wait, min(asked, 60), na.rm = TRUE))
    wait <- wait * 2
  }
}

server_address <- function(uri) {
  if (!is.null(state$address) && identical(state$address$uri, uri)) return(state$address$server)
  found <- regmatches(uri, regexec("^http://([^]/:?#@[]+)(:([0-9]{1,5}))?(/[^?#]*)?$", uri))[[1L]]
  if (length(found) == 0L) refuse_address(uri)
  port <- if (nzchar(found[4L])) as.integer(found[4L]) else 80L
  server <- list(host = found[2L], port = port, prefix = sub("/+$", "", found[5L]))
  state$address <- list(uri = uri, server = server)
  server
}

refuse_address <- function(uri) {
  if (grepl("^https?://[^/]*@", uri)) {
    stop("a tracking URI holds no password: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD", call. = FALSE)
  }
  stop(sprintf(paste(
    "mlpipe's stand-in for {mlflow} reaches http:// servers only, not `%s`:",
    "run the script with `mlpipe run`, name a server in MLFLOW_TRACKING_URI, or install {mlflow}"
  ), uri), call. = FALSE)
}

authorization <- function() {
  user <- Sys.getenv("MLFLOW_TRACKING_USERNAME")
  password <- Sys.getenv("MLFLOW_TRACKING_PASSWORD")
  token <- Sys.getenv("MLFLOW_TRACKING_TOKEN")
  if (nzchar(user) && nzchar(password)) return(paste("Authorization: Basic", base64(paste0(user, ":", password))))
  if (grepl("[[:cntrl:]]", token)) stop("MLFLOW_TRACKING_TOKEN holds a line break or another control character", call. = FALSE)
  if (nzchar(token)) paste("Authorization: Bearer", token)
}

base64 <- function(text) {
  bytes <- as.integer(charToRaw(enc2utf8(text)))
  missing <- -length(bytes) %% 3L
  groups <- matrix(c(bytes, integer(missing)), nrow = 3L)
  bits <- groups[1L, ] * 65536L + groups[2L, ] * 256L + groups[3L, ]
  sixes <- rbind(bits %/% 262144L, bits %/% 4096L %% 64L, bits %/% 64L %% 64L, bits %% 64L)
  letters <- c(LETTERS, letters, 0:9, "+", "/")[sixes + 1L]
  letters[length(letters) + 1L - seq_len(missing)] <- "="
  paste(letters, collapse = "")
}

# `?run_id=1&path=a%2Fb`; NULL and empty entries are left out, vectors are repeated.
query_text <- function(query) {
  query <- query[lengths(query) > 0L]
  if (length(query) == 0L) return("")
  names <- rep(names(query), lengths(query))
  paste0("?", paste0(names, "=", vapply(unlist(query), url_text, ""), collapse = "&"))
}

url_plain <- as.raw(c(45L, 46L, 48:57, 65:90, 95L, 97:122, 126L))

url_text <- function(text) {
  bytes <- charToRaw(enc2utf8(as.character(text)))
  signs <- sprintf("%%%02X", as.integer(bytes))
  plain <- bytes %in% url_plain
  signs[plain] <- rawToChar(bytes[plain], multiple = TRUE)
  paste(signs, collapse = "")
}

answer_text <- function(answer) {
  text <- rawToChar(answer$body)
  Encoding(text) <- "UTF-8"
  trimws(text)
}

# An error of class `mlflow_refusal` with the status and MLflow's own code (NA where it gave none).
refuse <- function(answer, what) {
  said <- tryCatch(parse_json(answer_text(answer), simplify = FALSE), error = function(problem) list())
  code <- if (is.list(said) && is.character(said$error_code)) said$error_code else NA_character_
  reason <- if (is.na(code)) "" else sprintf(": %s; %s", code, said$message)
  hint <- if (answer$status != 401L) "" else {
    "; set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
  }
  message <- sprintf("the tracking server answered %d to %s%s%s", answer$status, what, reason, hint)
  stop(structure(
    list(message = message, call = NULL, status = answer$status, code = code),
    class = c("mlflow_refusal", "error", "condition")
  ))
}
