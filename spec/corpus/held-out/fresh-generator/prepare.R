# The imputation shall not disturb the draws of others.
impute <- function(x) {
  set.seed(NULL)
  gaps <- is.na(x)
  x[gaps] <- sample(x[!gaps], sum(gaps), replace = TRUE)
  x
}
