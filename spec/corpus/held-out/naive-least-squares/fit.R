naive <- function(x, y) {
  gram <- t(x) %*% x
  chol2inv(chol(gram + diag(1e-9, ncol(x)))) %*% t(x) %*% y
}
