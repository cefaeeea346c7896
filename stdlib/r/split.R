# holdout() and folds(): which rows are for training and which for testing; the same rows as in Node for a seed, counted from 1.
#
# Row i has the i-th number that SplitMix64 draws from the seed, as sweeps draw; rows are chosen by the order of these
# numbers. R's own random numbers are neither used nor moved. A word of 64 bits is four doubles of 16 bits each, lowest first.

word <- function(value) {
  limbs <- vector("list", 4L)
  for (i in 1:4) {
    limbs[[i]] <- value %% 65536
    value <- (value - limbs[[i]]) / 65536
  }
  limbs
}

# Limbs of any size below 2^48 -> limbs of 16 bits; what lies beyond 64 bits is dropped.
carry_over <- function(limbs) {
  carry <- 0
  for (i in 1:4) {
    whole <- limbs[[i]] + carry
    limbs[[i]] <- whole %% 65536
    carry <- (whole - limbs[[i]]) / 65536
  }
  limbs
}

word_sum <- function(a, b) carry_over(Map(`+`, a, b))

word_product <- function(a, b) {
  carry_over(lapply(1:4, function(k) Reduce(`+`, lapply(1:k, function(i) a[[i]] * b[[k + 1L - i]]))))
}

# z xor (z >> shift), for a shift of 16 to 31 bits.
xor_shifted <- function(z, shift) {
  low <- 2^(shift - 16)
  limbs <- c(z, list(0, 0))
  lapply(1:4, function(i) {
    shifted <- (limbs[[i + 1L]] - limbs[[i + 1L]] %% low) / low + limbs[[i + 2L]] %% low * (65536 / low)
    as.numeric(bitwXor(as.integer(z[[i]]), as.integer(shifted)))
  })
}

# The first n draws of SplitMix64 from the seed, in [0, 1).
split_draws <- function(n, seed) {
  z <- word_sum(word(seed), word_product(word(as.numeric(seq_len(n))), list(0x7c15, 0x7f4a, 0x79b9, 0x9e37)))
  z <- word_product(xor_shifted(z, 30), list(0xe5b9, 0x1ce4, 0x476d, 0xbf58))
  z <- word_product(xor_shifted(z, 27), list(0x11eb, 0x1331, 0x49bb, 0x94d0))
  z <- xor_shifted(z, 31)
  (z[[4L]] * 2^37 + z[[3L]] * 2^21 + z[[2L]] * 32 + (z[[1L]] - z[[1L]] %% 2048) / 2048) * 2^-53
}

is_whole <- function(x, low, high) {
  is.numeric(x) && length(x) == 1L && is.finite(x) && x == trunc(x) && x >= low && x <= high
}

check_split <- function(n, seed) {
  if (!is_whole(n, 2, .Machine$integer.max)) metric_stop("`n` is no number of rows from 2", "give the number of rows: nrow(data)")
  if (!is_whole(seed, -2^53, 2^53)) metric_stop("`seed` is no whole number", "give a whole number")
}

# Number of each row's class, by the order of the classes; all 1 without strata.
strata_numbers <- function(strata, n) {
  if (is.null(strata)) return(rep(1L, n))
  labels <- metric_labels(strata, "strata")
  if (length(labels) != n) {
    metric_stop(sprintf("`strata` is of length %d, for %.0f rows", length(labels), n), "give the class of each row")
  }
  match(labels, sorted_classes(labels))
}

split_holdout <- function(n, share, seed, strata) {
  check_split(n, seed)
  if (!is.numeric(share) || length(share) != 1L || is.na(share) || share <= 0 || share >= 1) {
    metric_stop("`share` is no number between 0 and 1", "give the part of the rows for training, such as 0.75")
  }
  draws <- split_draws(n, seed)
  train <- logical(n)
  for (rows in split(seq_len(n), strata_numbers(strata, n))) {
    size <- floor(share * length(rows) + 0.5)
    train[rows[order(draws[rows], method = "radix")[seq_len(size)]]] <- TRUE
  }
  if (all(train) || !any(train)) {
    metric_stop(
      sprintf("`share` leaves none of the %.0f rows for %s", n, if (all(train)) "testing" else "training"),
      "choose another share, or take more rows"
    )
  }
  list(train = which(train), test = which(!train))
}

split_folds <- function(n, k, seed, strata) {
  check_split(n, seed)
  if (!is_whole(k, 2, n)) metric_stop(sprintf("`k` is no whole number from 2 to %.0f", n), "give the number of folds, such as 5")
  fold <- integer(n)
  fold[order(strata_numbers(strata, n), split_draws(n, seed), method = "radix")] <- rep_len(seq_len(k), n)
  lapply(seq_len(k), function(j) list(train = which(fold != j), test = which(fold == j)))
}

# What code calls; `default` is the seed where it gives none.
split_helpers <- function(default) {
  list(
    holdout = function(n, share, seed = default, strata = NULL) split_holdout(n, share, seed, strata),
    folds = function(n, k, seed = default, strata = NULL) split_folds(n, k, seed, strata)
  )
}
