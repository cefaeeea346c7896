error <- 1 / trees
loss <- error * c(2, 1)
importance <- data.frame(name = "a", share = 1)
log <- "grown"
