set.seed(20190401)
picked <- sample(rownames(swiss), 10)
rate   <- mean(swiss[picked, "Fertility"])
