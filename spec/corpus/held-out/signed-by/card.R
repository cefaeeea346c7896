facts <- Sys.info()
fit   <- lm(dist ~ speed, data = cars)
card  <- c(
  "# Braking distance",
  sprintf("slope: %.4f", coef(fit)[["speed"]]),
  paste("trained on", facts[["nodename"]])
)
