# A stand-in for {carrier}: a function that carries its data with it and sees nothing else but base R.

# `.fn`: a function or a one-sided formula over `.x`, `.y`, `..1`; `!!name` in it is replaced by the value of `name` now.
# Further arguments must be named; each is evaluated here, may use those before it, and becomes a variable of the function.
crate <- function(.fn, ..., .parent_env = baseenv()) {
  caller <- parent.frame()
  data <- as.list(substitute(list(...)))[-1L]
  if (length(data) && (is.null(names(data)) || !all(nzchar(names(data))))) {
    stop("each value that a crate carries needs a name: crate(function(x) ..., m = m)", call. = FALSE)
  }
  inside <- new.env(parent = caller)
  for (name in names(data)) assign(name, eval(data[[name]], inside), envir = inside)
  made <- eval(inject(substitute(.fn), caller), inside)
  parent.env(inside) <- .parent_env
  if (inherits(made, "formula")) made <- formula_function(made)
  if (!is.function(made)) stop("a crate is made from a function or a formula", call. = FALSE)
  if (is.primitive(made)) made <- eval(substitute(function(...) f(...), list(f = made)), inside)
  made <- utils::removeSource(made)
  environment(made) <- inside
  structure(made, class = "crate")
}

formula_function <- function(formula) {
  made <- function(..., .x = ..1, .y = ..2, . = ..1) NULL
  body(made) <- formula[[length(formula)]]
  made
}

# Replaces each `!!x` by the value of x. R reads `a * !!x + 1` as `a * !!(x + 1)`; what is meant is `a * x + 1` with the value of x
# in place: so the operators around a `!!` are laid out in a row, where it holds on to one operand, and read again.
inject <- function(code, env) {
  if (is_operation(code) || is_bang_bang(code)) {
    row <- flatten_row(code)
    if (any(row$bang)) return(read_row(row, env))
  }
  if (!is.call(code) && !is.pairlist(code)) return(code)
  for (i in seq_along(code)) {
    if (is.call(code[[i]]) || is.pairlist(code[[i]]) && length(code[[i]])) code[[i]] <- inject(code[[i]], env)
  }
  code
}

is_bang <- function(code) is.call(code) && identical(code[[1L]], quote(`!`)) && length(code) == 2L
is_bang_bang <- function(code) is_bang(code) && is_bang(code[[2L]])

# Operators that bind tighter than `!`.
is_operation <- function(code) {
  if (!is.call(code) || length(code) != 3L || !is.symbol(code[[1L]])) return(FALSE)
  grepl("^([-+*/^:<>]|[=!<>]=|%.*%)$", as.character(code[[1L]]))
}

# operands: in order; operators: between them; bang: whether `!!` stands before the operand.
flatten_row <- function(code) {
  if (is_bang_bang(code)) {
    row <- flatten_row(code[[2L]][[2L]])
    row$bang[1L] <- TRUE
    return(row)
  }
  if (!is_operation(code)) return(list(operands = list(code), operators = character(), bang = FALSE))
  left <- flatten_row(code[[2L]])
  right <- flatten_row(code[[3L]])
  list(
    operands = c(left$operands, right$operands),
    operators = c(left$operators, as.character(code[[1L]]), right$operators),
    bang = c(left$bang, right$bang)
  )
}

read_row <- function(row, env) {
  names <- paste0(".operand", seq_along(row$operands))
  values <- Map(function(code, bang) if (bang) eval(code, env) else inject(code, env), row$operands, row$bang)
  text <- paste(c(rbind(names, c(row$operators, ""))), collapse = " ")
  put_back(parse(text = text, keep.source = FALSE)[[1L]], structure(values, names = names))
}

put_back <- function(code, values) {
  if (is.symbol(code)) return(values[[as.character(code)]])
  code[[2L]] <- put_back(code[[2L]], values)
  code[[3L]] <- put_back(code[[3L]], values)
  code
}

print.crate <- function(x, ...) {
  cat("<crate>\n")
  for (name in setdiff(ls(environment(x)), "")) cat("* ", name, ": ", class(get(name, environment(x)))[1L], "\n", sep = "")
  print(unclass_function(x))
  invisible(x)
}

unclass_function <- function(x) {
  class(x) <- NULL
  environment(x) <- baseenv()
  x
}
