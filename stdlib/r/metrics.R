# The standard metrics: `metric accuracy = accuracy(truth, guess)` calls them, and code does as `metrics$accuracy(truth, guess)`.
# The same definitions as in Node, to the last bit but for log_loss; `mlpipe docs std/metrics` prints them with their sources.
#
# Sums are taken in pairs, in doubles, so that they do not depend on how R was built. Classes are compared by their text and
# ordered by code points. What has no value (no element, a missing one, one class where two are needed) is an error that says so.

# Sum of neighbours, then of those sums, and so on: of n numbers to within log2(n) roundings.
pairwise_sum <- function(x) {
  while (length(x) > 1L) {
    if (length(x) %% 2L) x <- c(x, 0)
    odd <- seq.int(1L, length(x), 2L)
    x <- x[odd] + x[odd + 1L]
  }
  if (length(x)) x else 0
}

pairwise_mean <- function(x) pairwise_sum(x) / length(x)

# An error of the one who called; `argument` is the parameter that it is about.
metric_stop <- function(message, fix, argument = NULL) {
  stop(structure(
    class = c("output_problem", "error", "condition"),
    list(message = message, call = NULL, code = "R0802", fix = fix, argument = argument)
  ))
}

one_column <- function(value) {
  if (is.data.frame(value) && ncol(value) == 1L) return(value[[1L]])
  if (is.matrix(value) && ncol(value) == 1L) as.vector(value) else value
}

metric_vector <- function(value, name) {
  value <- one_column(value)
  if (is.factor(value)) value <- as.character(value)
  if (!is.atomic(value) || is.null(value) || is.matrix(value)) {
    metric_stop(sprintf("`%s` is no vector", name), sprintf("give `%s` as one vector", name), name)
  }
  if (length(value) == 0L) metric_stop(sprintf("`%s` has no element", name), "give at least one", name)
  if (anyNA(value)) {
    at <- which(is.na(value))[1L]
    metric_stop(sprintf("`%s[%d]` is missing", name, at), "leave such rows out of both vectors", name)
  }
  value
}

metric_numbers <- function(value, name) {
  value <- metric_vector(value, name)
  if (!is.numeric(value)) metric_stop(sprintf("`%s` holds no numbers", name), "give a vector of numbers", name)
  value <- as.numeric(value)
  if (!all(is.finite(value))) {
    at <- which(!is.finite(value))[1L]
    metric_stop(sprintf("`%s[%d]` is %s", name, at, format(value[at])), "leave such rows out of both vectors", name)
  }
  value
}

# Texts that are the same for the same class; two doubles never have one text.
metric_labels <- function(value, name) {
  value <- metric_vector(value, name)
  if (!is.numeric(value)) return(enc2utf8(as.character(value)))
  value <- as.numeric(value) + 0
  text <- sprintf("%.15g", value)
  short <- as.numeric(text) == value
  text[!short] <- sprintf("%.17g", value[!short])
  text
}

sorted_classes <- function(labels) sort(unique(labels), method = "radix")

same_length <- function(truth, other, name) {
  if (length(truth) == length(other)) return(invisible())
  metric_stop(
    sprintf("`truth` is of length %d, `%s` of length %d", length(truth), name, length(other)), "give two of the same length", name
  )
}

two_numbers <- function(truth, guess) {
  both <- list(truth = metric_numbers(truth, "truth"), guess = metric_numbers(guess, "guess"))
  same_length(both$truth, both$guess, "guess")
  both
}

two_labels <- function(truth, guess) {
  both <- list(truth = metric_labels(truth, "truth"), guess = metric_labels(guess, "guess"))
  same_length(both$truth, both$guess, "guess")
  both
}

squares <- function(x) x * x

metric_rmse <- function(truth, guess) {
  both <- two_numbers(truth, guess)
  sqrt(pairwise_mean(squares(both$truth - both$guess)))
}

metric_mae <- function(truth, guess) {
  both <- two_numbers(truth, guess)
  pairwise_mean(abs(both$truth - both$guess))
}

metric_r2 <- function(truth, guess) {
  both <- two_numbers(truth, guess)
  total <- pairwise_sum(squares(both$truth - pairwise_mean(both$truth)))
  if (all(both$truth == both$truth[1L]) || total == 0) {
    metric_stop("all elements of `truth` are alike: there is no variance to explain", "use rmse or mae", "truth")
  }
  1 - pairwise_sum(squares(both$truth - both$guess)) / total
}

metric_accuracy <- function(truth, guess) {
  both <- two_labels(truth, guess)
  sum(both$truth == both$guess) / length(both$truth)
}

# hits, guessed and real of each class, in the order of the classes.
class_counts <- function(both) {
  classes <- sorted_classes(c(both$truth, both$guess))
  count <- function(labels) as.numeric(tabulate(match(labels, classes), length(classes)))
  list(
    classes = classes, hits = count(both$truth[both$truth == both$guess]), guessed = count(both$guess), real = count(both$truth)
  )
}

share_of <- function(part, whole) ifelse(whole == 0, 0, part / whole)

# `score` makes a number of hits, guessed and real: one each, or vectors of them.
class_mean <- function(truth, guess, average, positive, score) {
  both <- two_labels(truth, guess)
  counts <- class_counts(both)
  scores <- score(counts$hits, counts$guessed, counts$real)
  if (!is.null(positive)) return(scores[find_class(positive, counts$classes)])
  switch(average,
    macro = pairwise_mean(scores),
    micro = score(sum(counts$hits), sum(counts$guessed), sum(counts$real)),
    weighted = pairwise_sum(scores * counts$real) / length(both$truth),
    metric_stop("`average` is one of \"macro\", \"micro\" and \"weighted\"", "choose one of them")
  )
}

find_class <- function(positive, classes) {
  label <- metric_labels(positive, "positive")
  at <- match(label[1L], classes)
  if (is.na(at)) {
    metric_stop(sprintf("there is no class `%s`", label[1L]), paste("the classes are:", toString(utils::head(classes, 10L))))
  }
  at
}

metric_precision <- function(truth, guess, average = "macro", positive = NULL) {
  class_mean(truth, guess, average, positive, function(hits, guessed, real) share_of(hits, guessed))
}

metric_recall <- function(truth, guess, average = "macro", positive = NULL) {
  class_mean(truth, guess, average, positive, function(hits, guessed, real) share_of(hits, real))
}

metric_f1 <- function(truth, guess, average = "macro", positive = NULL) {
  class_mean(truth, guess, average, positive, function(hits, guessed, real) share_of(2 * hits, guessed + real))
}

metric_confusion <- function(truth, guess) {
  both <- two_labels(truth, guess)
  classes <- sorted_classes(c(both$truth, both$guess))
  size <- length(classes)
  cell <- (match(both$truth, classes) - 1) * size + match(both$guess, classes)
  data.frame(
    truth = rep(classes, each = size), guess = rep(classes, times = size), count = tabulate(cell, size * size),
    stringsAsFactors = FALSE
  )
}

# Which elements are of the positive class.
is_positive <- function(truth, positive) {
  truth <- metric_vector(truth, "truth")
  if (!is.null(positive)) {
    labels <- metric_labels(truth, "truth")
    classes <- sorted_classes(labels)
    return(labels == classes[find_class(positive, classes)])
  }
  if (is.logical(truth)) return(truth)
  if (is.numeric(truth) && all(truth %in% 0:1)) return(truth == 1)
  last <- utils::tail(sorted_classes(metric_labels(truth, "truth")), 1L)
  metric_stop(
    "it is not said which class is the positive one", sprintf("name it, such as positive: \"%s\"", last), "truth"
  )
}

# A matrix of numbers with a column for each class; NULL where `value` is one column, or none.
class_columns <- function(value, truth, name) {
  value <- if (is.data.frame(value) && ncol(value) > 1L) as.matrix(value) else value
  if (!is.matrix(value) || ncol(value) == 1L) return(NULL)
  labels <- metric_labels(truth, "truth")
  if (length(labels) != nrow(value)) same_length(labels, value[, 1L], name)
  absent <- setdiff(labels, colnames(value))
  if (length(absent)) {
    metric_stop(sprintf("`%s` has no column for the class `%s`", name, absent[1L]), "name its columns by the classes", name)
  }
  if (!is.numeric(value)) metric_stop(sprintf("`%s` holds no numbers", name), "give numbers in each column", name)
  if (!all(is.finite(value))) {
    at <- which(rowSums(!is.finite(value)) > 0)[1L]
    metric_stop(sprintf("row %d of `%s` holds what is no finite number", at, name), "leave such rows out", name)
  }
  list(labels = labels, values = value)
}

# Share of pairs, one of either side, in which the positive one has the higher score; a tie counts half.
pair_share <- function(real, score) {
  positive <- as.numeric(sum(real))
  negative <- length(real) - positive
  (sum(rank(score)[real]) - positive * (positive + 1) / 2) / (positive * negative)
}

metric_auc <- function(truth, score, positive = NULL) {
  columns <- class_columns(score, truth, "score")
  if (!is.null(columns)) return(hand_till(columns, positive))
  real <- is_positive(truth, positive)
  score <- metric_numbers(score, "score")
  same_length(real, score, "score")
  if (all(real) || !any(real)) {
    metric_stop("all elements of `truth` are of one class: there is nothing to tell apart", "give rows of both classes", "truth")
  }
  pair_share(real, score)
}

# The mean over all pairs of classes of how well either one's column tells the two apart.
hand_till <- function(columns, positive) {
  refuse_positive(positive, "score")
  classes <- sorted_classes(columns$labels)
  if (length(classes) < 2L) {
    metric_stop("all elements of `truth` are of one class: there is nothing to tell apart", "give rows of two classes", "truth")
  }
  pairs <- utils::combn(length(classes), 2L)
  pairwise_mean(apply(pairs, 2L, function(pair) two_classes(columns, classes[pair])))
}

two_classes <- function(columns, pair) {
  rows <- columns$labels %in% pair
  share <- function(class) pair_share(columns$labels[rows] == class, columns$values[rows, class])
  (share(pair[1L]) + share(pair[2L])) / 2
}

refuse_positive <- function(positive, name) {
  if (is.null(positive)) return(invisible())
  metric_stop(sprintf("`positive` is for one column, and `%s` has one for each class", name), "leave `positive` out")
}

metric_log_loss <- function(truth, probability, positive = NULL) {
  columns <- class_columns(probability, truth, "probability")
  said <- if (is.null(columns)) said_of_truth(truth, probability, positive) else said_in_columns(columns, positive)
  tiny <- .Machine$double.eps
  pairwise_mean(-log(pmin(pmax(said, tiny), 1 - tiny)))
}

said_of_truth <- function(truth, probability, positive) {
  real <- is_positive(truth, positive)
  probability <- metric_numbers(probability, "probability")
  same_length(real, probability, "probability")
  odd <- which(probability < 0 | probability > 1)
  if (length(odd)) {
    said <- sprintf("`probability[%d]` is %s", odd[1L], format(probability[odd[1L]], digits = 15L))
    metric_stop(said, "a probability lies in 0..1", "probability")
  }
  ifelse(real, probability, 1 - probability)
}

said_in_columns <- function(columns, positive) {
  refuse_positive(positive, "probability")
  values <- columns$values
  odd <- which(rowSums(values < 0 | values > 1) > 0 | abs(rowSums(values) - 1) > 0.001)
  if (length(odd)) {
    said <- sprintf("row %d of `probability` is no distribution", odd[1L])
    metric_stop(said, "the numbers of a row lie in 0..1, and their sum is 1", "probability")
  }
  unname(values[cbind(seq_along(columns$labels), match(columns$labels, colnames(values)))])
}

metrics <- list(
  rmse = metric_rmse, mae = metric_mae, r2 = metric_r2, accuracy = metric_accuracy, precision = metric_precision,
  recall = metric_recall, f1 = metric_f1, auc = metric_auc, log_loss = metric_log_loss, confusion = metric_confusion
)
