set.seed(10, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
rows   <- sample(nrow(faithful), 30)
middle <- mean(faithful$eruptions[rows] + rnorm(30, sd = 0.1))
