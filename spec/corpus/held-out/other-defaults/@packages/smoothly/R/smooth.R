smooth_series <- function(x, keep = 0.8) Reduce(function(a, b) keep * a + (1 - keep) * b, x, accumulate = TRUE)
