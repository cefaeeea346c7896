features <- scale(mtcars[, c("mpg", "hp", "wt", "qsec")])

find_groups <- function(x, k) {
  fit <- kmeans(x, centers = k, nstart = 1)
  data.frame(car = rownames(x), group = fit$cluster)
}

groups <- find_groups(features, k = 5)
