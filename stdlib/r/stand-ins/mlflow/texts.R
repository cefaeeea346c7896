# R values as the texts and JSON that MLflow keeps: numbers with every bit, in their shortest form.

# Numbers: 0.05, 100000, 1e+20, NaN, Inf. NULL and NA are "NA", as in {mlflow}.
one_text <- function(value, what) {
  if (is.null(value)) return("NA")
  if (length(value) != 1L) stop(sprintf("%s must be one value, not %d", what, length(value)), call. = FALSE)
  if (is.list(value)) return(one_text(value[[1L]], what))
  if (is.numeric(value) && !is.object(value) && is.finite(value)) return(short_text(as.numeric(value)))
  enc2utf8(as.character(value))
}

one_text_or_null <- function(value, what) if (!is.null(value)) one_text(value, what)

# Text of a metric's value: JSON has no NaN and no infinities, MLflow reads them as texts.
metric_text <- function(value) {
  text <- as.character(value)
  text[is.nan(value)] <- "NaN"
  text[value == Inf] <- "Infinity"
  text[value == -Inf] <- "-Infinity"
  finite <- is.finite(value)
  text[finite] <- short_text(as.numeric(value[finite]))
  text
}

metric_json <- function(value) ifelse(is.finite(value), metric_text(value), paste0("\"", metric_text(value), "\""))

# Whole numbers for JSON, never as 1e+05.
whole_text <- function(number) sprintf("%.0f", round(as.numeric(number)))

# Text that is JSON already.
as_json <- function(text) structure(text, class = "json")

# Named arguments as one JSON object; NULL and empty ones are left out.
json_fields <- function(...) {
  fields <- list(...)
  fields <- fields[lengths(fields) > 0L]
  if (length(fields)) json_object(names(fields), vapply(fields, json_value, "")) else "{}"
}

json_value <- function(value) {
  if (inherits(value, "json")) return(value)
  if (is.list(value) || length(value) != 1L) return(json_texts(vapply(as.list(value), one_text, "", "an element")))
  if (is.logical(value)) return(tolower(value))
  if (is.numeric(value)) short_text(as.numeric(value)) else json_string(value)
}

json_texts <- function(texts) paste0("[", paste(json_string(texts), collapse = ","), "]")

# One object an element of these vectors of JSON texts, which are equally long.
json_objects <- function(...) {
  columns <- list(...)
  members <- Map(function(name, texts) paste0("\"", name, "\":", texts), names(columns), columns)
  as_json(paste0("[", paste0("{", do.call(paste, c(unname(members), sep = ",")), "}", collapse = ","), "]"))
}

# list(a = 1) or c(a = 1) as MLflow's tags; NULL stays NULL.
json_tags <- function(tags) {
  if (length(tags) == 0L) return(NULL)
  if (is.null(names(tags)) || !all(nzchar(names(tags)))) stop("tags need names: list(stage = \"trial\")", call. = FALSE)
  json_objects(key = json_string(names(tags)), value = json_string(vapply(as.list(tags), one_text, "", "a tag")))
}
