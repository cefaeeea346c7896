# The standard metrics, as `metric accuracy = accuracy(truth, guess)` calls them; the same definitions as in Node.
#
# Regression: rmse = sqrt(mean((t-g)^2)), mae = mean(|t-g|), r2 = 1 - sum((t-g)^2) / sum((t-mean(t))^2).
# Classes are compared by their text. accuracy is the share of equal pairs. precision, recall and f1 are macro averages: the
# plain mean over all classes that occur in either vector of tp/(tp+fp), tp/(tp+fn) and 2tp/(2tp+fp+fn), where a class whose
# divisor is 0 counts as 0. These are the definitions of scikit-learn's precision_recall_fscore_support with average="macro" and
# zero_division=0 (Sokolova and Lapalme 2009, table 3, with f1 averaged by class).

standard_metrics <- list(
  rmse = function(truth, guess) sqrt(mean((truth - guess)^2)),
  mae = function(truth, guess) mean(abs(truth - guess)),
  r2 = function(truth, guess) 1 - sum((truth - guess)^2) / sum((truth - mean(truth))^2),
  accuracy = function(truth, guess) mean(truth == guess),
  precision = function(truth, guess) macro_mean(truth, guess, function(hits, falsely, missed) hits / (hits + falsely)),
  recall = function(truth, guess) macro_mean(truth, guess, function(hits, falsely, missed) hits / (hits + missed)),
  f1 = function(truth, guess) macro_mean(truth, guess, function(hits, falsely, missed) 2 * hits / (2 * hits + falsely + missed))
)

macro_mean <- function(truth, guess, score) {
  classes <- sort(unique(c(truth, guess)), method = "radix")
  hits <- tabulate(match(truth[truth == guess], classes), length(classes))
  guessed <- tabulate(match(guess, classes), length(classes))
  real <- tabulate(match(truth, classes), length(classes))
  scores <- score(hits, guessed - hits, real - hits)
  mean(ifelse(is.nan(scores), 0, scores))
}

metric_problem <- function(problem, fix) {
  output_problem(paste0("(truth, guess) ", problem), fix)
}

metric_argument <- function(name, value, numeric) {
  if (is.data.frame(value) && ncol(value) == 1L) value <- value[[1L]]
  if (!is.atomic(value) || length(value) == 0L) {
    metric_problem(sprintf("needs two vectors, not %s", describe_value(value)), "give two vectors of the same length")
  }
  if (!numeric) value <- as.character(value)
  if (numeric && !is.numeric(value)) {
    metric_problem(sprintf("needs numbers, not %s", describe_value(value)), "give two vectors of numbers")
  }
  if (anyNA(value)) {
    metric_problem(sprintf("met a missing value: element %d of `%s`", which(is.na(value))[1L], name), "leave such rows out")
  }
  if (numeric) as.numeric(value) else value
}

# `call` as in step.json; `read` gives the value of a variable or stops.
call_standard <- function(call, read) {
  given <- list()
  free <- setdiff(c("truth", "guess"), unlist(lapply(call$arguments, `[[`, "name")))
  for (argument in call$arguments) {
    name <- if (is.null(argument$name)) free[1L] else argument$name
    if (is.null(argument$name)) free <- free[-1L]
    value <- if (is.null(argument$variable)) unlist(argument$value) else read(argument$variable)
    given[name] <- list(metric_argument(name, value, call[["function"]] %in% c("rmse", "mae", "r2")))
  }
  sizes <- lengths(given)
  if (sizes[1L] != sizes[2L]) {
    metric_problem(
      sprintf("needs vectors of one length, not %d and %d", sizes[["truth"]], sizes[["guess"]]),
      "give two vectors of the same length"
    )
  }
  do.call(standard_metrics[[call[["function"]]]], given)
}
