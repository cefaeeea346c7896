neat_scale <- function(x) (x - mean(x)) / sd(x)
