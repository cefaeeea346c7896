level <- tail(smoothly::smooth_series(as.numeric(Nile)), 1)
