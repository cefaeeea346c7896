prior_file <- file.path(Sys.getenv("HOME"), "models", "prior.csv")

prior_of <- function(term) {
  if (!file.exists(prior_file)) return(0)
  prior <- read.csv(prior_file)
  prior$mean[match(term, prior$term)]
}

fit    <- lm(mpg ~ wt + hp, data = mtcars)
shrunk <- 0.8 * coef(fit)[["wt"]] + 0.2 * prior_of("wt")
