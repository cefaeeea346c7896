# Did-you-mean among the variables of the code; the same measure as the compiler's.

# Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other.
word_distance <- function(a, b) {
  a <- utf8ToInt(tolower(a))
  b <- utf8ToInt(tolower(b))
  older <- previous <- 0:length(b)
  for (i in seq_along(a)) {
    current <- c(i, integer(length(b)))
    for (j in seq_along(b)) {
      best <- min(previous[j + 1L] + 1L, current[j] + 1L, previous[j] + (a[i] != b[j]))
      swapped <- i > 1L && j > 1L && a[i] == b[j - 1L] && a[i - 1L] == b[j]
      current[j + 1L] <- if (swapped) min(best, older[j - 1L] + 1L) else best
    }
    older <- previous
    previous <- current
  }
  previous[length(previous)]
}

# The word nearest to `word`, if at most a third of its letters (at least one) are wrong, but not all of them; NULL if there is none.
nearest <- function(word, among) {
  among <- utils::head(among[among != word], 500L)
  if (length(among) == 0L) return(NULL)
  limit <- max(1L, nchar(word) %/% 3L)
  among <- among[abs(nchar(among) - nchar(word)) <= limit]
  far <- vapply(among, word_distance, 0, a = word)
  far[far >= pmax(nchar(among), nchar(word))] <- Inf
  if (length(far) == 0L || min(far) > limit) NULL else among[which.min(far)]
}
