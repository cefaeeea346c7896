# Standard calls: `metric accuracy = accuracy(truth, guess)` computed from the code's variables.

# `call` as in step.json; `read` gives the value of a variable or stops. A problem names the variable that it is about.
call_standard <- function(call, read) {
  given <- list()
  for (argument in call$arguments) {
    given[argument$name] <- list(if (is.null(argument$variable)) argument$value else read(argument$variable))
  }
  tryCatch(do.call(metrics[[call[["function"]]]], given), output_problem = function(problem) {
    problem$message <- sprintf("%s: %s", call[["function"]], conditionMessage(problem))
    for (argument in call$arguments) if (identical(argument$name, problem$argument)) problem$variable <- argument$variable
    stop(problem)
  })
}
