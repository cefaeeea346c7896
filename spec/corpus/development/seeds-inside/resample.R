resample <- function(x, seed) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  sample(x, replace = TRUE)
}

middles <- sapply(1:30, function(i) median(resample(faithful$waiting, seed = 100 + i)))
spread  <- sd(middles)
