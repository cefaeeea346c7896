drop_outliers <- function(x, times = 1.5) x[abs(x - median(x)) <= times * mad(x)]
