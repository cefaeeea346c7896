library(parallel)

cores <- detectCores()
if (cores > 1) RNGkind("L'Ecuyer-CMRG")

folds_of <- function(n, k) sample(rep_len(seq_len(k), n))
