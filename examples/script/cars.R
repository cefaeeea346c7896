# Stopping distance of a car as a polynomial of its speed.
# Under mlpipe `degree` is there already; on its own: Rscript cars.R --degree 3
if (!exists("degree")) {
  words <- commandArgs(TRUE)
  degree <- if (length(words)) as.integer(words[[match("--degree", words) + 1]]) else 2L
}

fit <- lm(dist ~ poly(speed, degree), data = cars)
r2 <- summary(fit)$r.squared

speeds <- data.frame(speed = 5:25)
curve <- cbind(speeds, dist = predict(fit, speeds))

cat("degree", degree, "explains", round(100 * r2), "% of the variance\n")
