# Numbers as text and back with every bit, on every build of R. as.numeric() may miss by one unit in the last place where R was
# built without long doubles; the reader of ASCII serializations uses the C library's correctly rounded conversion instead, and
# takes hexadecimal texts too.

# Texts, decimal or hexadecimal, "nan", "inf", "-inf" or "NA" -> doubles. The caller has checked that each is a number.
exact_double <- function(text) {
  n <- length(text)
  if (n == 0L) return(numeric())
  # The reader holds at most 127 bytes a word; longer texts are decimal and rare.
  long <- nchar(text, "bytes") > 100L
  if (any(long)) {
    value <- numeric(n)
    value[long] <- as.numeric(text[long])
    value[!long] <- exact_double(text[!long])
    return(value)
  }
  # Format "A", version 2, written by R 4.0.0, readable from 2.3.0; type 14 is a vector of doubles.
  unserialize(charToRaw(paste0(
    "A\n2\n262144\n131840\n14\n", n, "\n", paste(text, collapse = "\n"), "\n"
  )))
}

# Doubles -> C99 hexadecimal texts as the protocol has them. NA travels as "nan".
hex_text <- function(value) {
  text <- sprintf("%a", value)
  odd <- !is.finite(value)
  if (any(odd)) {
    infinite <- odd & !is.nan(value) & !is.na(value)
    text[odd] <- "nan"
    text[infinite] <- ifelse(value[infinite] > 0, "inf", "-inf")
  }
  text
}

# Finite doubles -> the shortest of 15, 16 or 17 digits that reads back the same bits; whole numbers up to 2^53 as digits.
short_text <- function(value) {
  text <- sprintf("%.15g", value)
  whole <- abs(value) <= 2^53 & value == trunc(value)
  text[whole] <- sprintf("%.0f", value[whole])
  for (format in c("%.16g", "%.17g")) {
    again <- which(!whole)
    again <- again[exact_double(text[again]) != value[again]]
    if (length(again) == 0L) break
    text[again] <- sprintf(format, value[again])
  }
  text
}
