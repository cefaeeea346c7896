add_noise <- function(x, share = 0.1) {
  set.seed(as.numeric(Sys.time()))
  x + rnorm(length(x), sd = share * sd(x))
}

cars <- mtcars
cars$wt <- add_noise(cars$wt)
rows <- sample(nrow(cars), 24)
fit  <- lm(mpg ~ wt + hp, data = cars[rows, ])
rmse <- sqrt(mean((cars$mpg[-rows] - predict(fit, cars[-rows, ]))^2))
