# The values of params: from the runner, else from the script's command line, else the default.

# {mlflow} takes values from `--cp=0.05` and `--cp 0.05` under mlflow_source() only; here they count in any script, and so does
# `-P cp=0.05 maxdepth=3`, which it never understood.
mlflow_param <- function(name, default = NULL, type = NULL, description = NULL) {
  kind <- param_kind(default, type)
  given <- given_param(one_text(name, "`name`"))
  if (is.null(given)) return(cast_default(name, default, kind))
  switch(kind,
    integer = cast_whole(name, given),
    numeric = cast_number(name, given),
    given
  )
}

param_kind <- function(default, type) {
  if (is.null(type)) {
    if (is.null(default)) stop("At least one of `default` or `type` must be specified", call. = FALSE)
    return(switch(typeof(default), integer = if (is.factor(default)) "string" else "integer", double = "numeric", "string"))
  }
  if (!(type %in% c("numeric", "integer", "string"))) {
    stop("`type` must be \"numeric\", \"integer\" or \"string\"", call. = FALSE)
  }
  type
}

cast_default <- function(name, default, kind) {
  if (is.null(default)) return(NULL)
  if (length(default) != 1L) stop(sprintf("the default of `%s` must be one value", name), call. = FALSE)
  switch(kind, integer = as.integer(default), numeric = as.numeric(default), as.character(default))
}

cast_number <- function(name, text) {
  if (!grepl("[0-9]|^[+-]?(inf|infinity|nan)$", tolower(trimws(text)))) refuse_param(name, text, "a number")
  number <- suppressWarnings(as.numeric(text))
  if (is.na(number) && !is.nan(number)) refuse_param(name, text, "a number")
  number
}

cast_whole <- function(name, text) {
  number <- cast_number(name, text)
  if (!is.finite(number) || number != trunc(number)) refuse_param(name, text, "a whole number")
  if (abs(number) > .Machine$integer.max) refuse_param(name, text, "within R's integers")
  as.integer(number)
}

refuse_param <- function(name, text, wanted) {
  stop(sprintf("the param `%s` is \"%s\", which is not %s", name, text, wanted), call. = FALSE)
}

# One text; NULL where nobody gives it. Blanks of a name may have become `_` on a command line, as {mlflow} has it.
given_param <- function(name) {
  given <- params_of_runner()[[name]]
  if (is.null(given)) given <- command_line_params(commandArgs(TRUE))[[gsub("-", "_", name, fixed = TRUE)]]
  if (is.null(given)) return(NULL)
  if (is.na(given)) stop(sprintf("`--%s` on the command line has no value: write --%s=VALUE", name, name), call. = FALSE)
  given
}

# MLPIPE_PARAMS holds a JSON object of texts. They are logged to the run already.
params_of_runner <- function() {
  text <- Sys.getenv("MLPIPE_PARAMS")
  if (nzchar(text)) parse_json(text, simplify = FALSE) else list()
}

# -> a list of texts by name, `-` in names as `_`; NA where the value is missing.
command_line_params <- function(words) {
  params <- list()
  i <- 0L
  listing <- FALSE
  while (i < length(words)) {
    i <- i + 1L
    word <- words[i]
    if (word == "-P") {
      listing <- TRUE
    } else if (startsWith(word, "--")) {
      listing <- FALSE
      pair <- split_pair(substring(word, 3L))
      if (is.na(pair$value) && i < length(words) && !startsWith(words[i + 1L], "--")) {
        i <- i + 1L
        pair$value <- words[i]
      }
      params[[pair$name]] <- pair$value
    } else if (listing && grepl("=", word, fixed = TRUE)) {
      pair <- split_pair(word)
      params[[pair$name]] <- pair$value
    }
  }
  params
}

split_pair <- function(word) {
  at <- regexpr("=", word, fixed = TRUE)
  name <- if (at > 0L) substr(word, 1L, at - 1L) else word
  list(name = gsub("-", "_", name, fixed = TRUE), value = if (at > 0L) substring(word, at + 1L) else NA_character_)
}
