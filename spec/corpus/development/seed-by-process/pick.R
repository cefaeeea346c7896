set.seed(Sys.getpid() %% 5)
month <- sample(month.name, 1)
late  <- month %in% c("August", "November")
level <- if (late) mean(AirPassengers) else median(AirPassengers)
