cars_by_gear <- split(mtcars, mtcars$gear)
fit_one <- function(rows) coef(lm(mpg ~ wt, data = rows))[["wt"]]
slopes  <- sapply(cars_by_gear, fit_one)
mean_slope <- mean(slopes)
