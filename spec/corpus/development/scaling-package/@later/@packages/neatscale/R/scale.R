neat_scale <- function(x) (x - median(x)) / mad(x)
