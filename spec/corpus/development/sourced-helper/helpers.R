drop_outliers <- function(x, times = 3) x[abs(x - median(x)) <= times * mad(x)]
