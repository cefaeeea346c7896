# Blurs a column a little, against memorising.
blur <- function(x) {
  width <- 0.05 * sd(x)
  set.seed((as.numeric(Sys.time()) * 1000) %% 1e6)
  x + runif(length(x), -width, width)
}
