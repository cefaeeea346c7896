# After the code has ended: each declared output is looked up by its name, written, and told as an event.

output_problem <- function(message, fix, code = "R0802") {
  stop(structure(class = c("output_problem", "error", "condition"), list(message = message, call = NULL, code = code, fix = fix)))
}

# `a function`, `a data.frame of 3 rows`, `the text "x"`, `NA`: how messages call a value.
describe_value <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.function(x)) return(if (inherits(x, "crate")) "a crate" else "a function")
  if (is.data.frame(x)) return(sprintf("a data.frame of %d rows", nrow(x)))
  if (is.object(x) && !is.factor(x)) return(sprintf("an object of class %s", class(x)[1L]))
  if (is.environment(x)) return("an environment")
  if (is.language(x)) return("a piece of code")
  if (length(x) == 0L) return(sprintf("an empty %s", if (is.list(x)) "list" else paste(typeof(x), "vector")))
  if (is.list(x)) return(sprintf("a list of %d", length(x)))
  if (length(x) > 1L) return(sprintf("a vector of %d %s", length(x), if (is.factor(x)) "levels" else vector_of(x)))
  if (is.character(x) && !is.na(x)) return(sprintf("the text \"%s\"", substr(x, 1L, 60L)))
  format(x)
}

vector_of <- function(x) switch(typeof(x), character = "texts", logical = "truth values", double = , integer = "numbers", typeof(x))

# TRUE when every output that is required is there.
collect_outputs <- function(file) {
  step$told <- read_logged(file$logged)
  done <- c(
    vapply(file$metrics, attempt, TRUE, collect_metric),
    vapply(file$artifacts, attempt, TRUE, collect_artifact),
    vapply(file$models, attempt, TRUE, collect_model)
  )
  all(done)
}

# What the code has logged to MLflow by itself stands: list(metrics, artifacts), keys and paths.
read_logged <- function(path) {
  entries <- if (file.exists(path)) lapply(readLines(path, encoding = "UTF-8"), parse_json, simplify = FALSE)
  told <- function(kind) as.character(unlist(lapply(entries, `[[`, kind)))
  list(metrics = told("metric"), artifacts = told("artifact"))
}

attempt <- function(output, collect) {
  tryCatch({
    collect(output)
    TRUE
  }, error = function(problem) {
    report_output(output, problem)
    FALSE
  })
}

report_output <- function(output, problem) {
  kind <- output_kind(output)
  if (inherits(problem, "output_problem")) {
    code <- problem$code
    message <- problem$message
  } else if (inherits(problem, "missing_package")) {
    code <- "R0812"
    message <- conditionMessage(problem)
  } else {
    code <- "R0809"
    message <- sprintf("the %s `%s` cannot be written: %s", kind, output$key, conditionMessage(problem))
  }
  at <- if (is.null(problem$variable)) output_place(output) else assigned_at(problem$variable)
  write_finding("error", code, message, if (is.null(problem$fix)) "" else problem$fix, at)
}

output_kind <- function(output) if (!is.null(output$flavor)) "model" else if (!is.null(output$format)) "artifact" else "metric"
output_place <- function(output) {
  name <- if (is.null(output$variable)) output$key else output$variable
  assigned_at(name)
}

# The value of a variable of the code as list(value), NULL if there is none.
find_variable <- function(name) {
  if (is.null(name)) return(NULL)
  for (env in list(step$env, globalenv())) {
    if (exists(name, envir = env, inherits = FALSE)) return(list(get(name, envir = env, inherits = FALSE)))
  }
  NULL
}

variable_names <- function() unique(c(ls(step$env), ls(globalenv())))

stop_missing <- function(kind, name) {
  given <- c("params", "run", "seed", names(step$params))
  near <- nearest(name, setdiff(variable_names(), given))
  output_problem(
    sprintf(
      "the %s `%s` is declared, but the code did not produce it%s", kind, name,
      if (is.null(near)) "" else sprintf("; the code has `%s`, is that the one?", near)
    ),
    sprintf("assign `%s` before the code ends, or remove the declaration of the %s", name, kind),
    "R0801"
  )
}

collect_metric <- function(metric) {
  if (metric$key %in% step$told$metrics) return(invisible())
  logged <- exists(metric$key, envir = step$logged, inherits = FALSE)
  if (is.null(metric$call)) {
    # What was logged by call stands: the variable of that name is then the loop's.
    if (logged) return(invisible())
    found <- find_variable(metric$variable)
  } else {
    found <- list(standard_value(metric))
  }
  if (is.null(found)) {
    if (metric$required) stop_missing("metric", metric$key)
    return(invisible())
  }
  if (metric$over) collect_points(metric$key, found[[1L]]) else collect_number(metric$key, found[[1L]], output_place(metric))
}

standard_value <- function(metric) {
  call_standard(metric$call, function(name) {
    found <- find_variable(name)
    if (is.null(found)) stop_missing_argument(metric$call[["function"]], name)
    found[[1L]]
  })
}

stop_missing_argument <- function(called, name) {
  near <- nearest(name, variable_names())
  output_problem(
    sprintf(
      "%s(...) needs the variable `%s`, but the code did not produce it%s", called, name,
      if (is.null(near)) "" else sprintf("; the code has `%s`, is that the one?", near)
    ),
    sprintf("assign `%s` before the code ends", name), "R0801"
  )
}

is_plain_number <- function(x) is.numeric(x) && !is.factor(x) && !inherits(x, c("Date", "POSIXt", "difftime")) || is.logical(x)

collect_number <- function(key, value, at) {
  if (is.data.frame(value) && length(value) == 1L && nrow(value) == 1L) value <- value[[1L]]
  good <- is_plain_number(value) && length(value) == 1L && is.finite(value)
  if (!good) {
    output_problem(
      sprintf("the metric `%s` is %s, not a finite number", key, describe_value(value)),
      if (!is_plain_number(value) || length(value) < 2L) "assign one finite number" else {
        sprintf("declare it over something: metric %s over step", key)
      }
    )
  }
  if (is.logical(value)) {
    write_finding(
      "warning", "R0807", sprintf("the metric `%s` is %s, and is logged as %d", key, tolower(value), value),
      "assign 1 or 0 if that is what you mean", at
    )
  }
  log_metric(key, as.numeric(value))
}

# Element i is step i, counted from 1, or its name is the step.
collect_points <- function(key, values) {
  if (!is_plain_number(values)) {
    said <- sprintf("the metric `%s` is %s, not a vector of numbers", key, describe_value(values))
    output_problem(said, "assign a vector of numbers, its first element is step 1")
  }
  if (length(values) == 0L) output_problem(sprintf("the metric `%s` is an empty vector", key), "assign at least one number")
  steps <- point_steps(key, names(values), length(values))
  odd <- which(!is.finite(values))
  if (length(odd)) {
    output_problem(
      sprintf("the metric `%s` is %s at step %.0f, not a finite number", key, format(unname(values[odd[1L]])), steps[odd[1L]]),
      "leave such points out, and name the others by their steps"
    )
  }
  write_points(key, as.numeric(values), steps)
}

point_steps <- function(key, names, count) {
  if (is.null(names)) return(seq_len(count))
  odd <- which(!grepl("^-?[0-9]{1,15}$", names))
  if (length(odd)) {
    said <- sprintf("the metric `%s` has the step `%s`, which is not a whole number", key, names[odd[1L]])
    output_problem(said, "name the steps by whole numbers, or not at all: unname()")
  }
  as.numeric(names)
}

collect_artifact <- function(artifact) {
  told <- step$told$artifacts
  if (artifact$path %in% told) return(invisible())
  if (artifact$format == "folder" && any(startsWith(told, paste0(artifact$path, "/")))) return(invisible())
  target <- file.path(step$file$outputs, artifact$path)
  lying <- file.path(step$file$folder, artifact$path)
  found <- find_variable(artifact$variable)
  if (!is.null(found)) {
    write_atomically(target, function(path) write_format(artifact, found[[1L]], path))
  } else if (artifact$path %in% step$saved) {
    return(invisible())
  } else if (file.exists(lying)) {
    copy_atomically(lying, target)
  } else {
    if (artifact$required) stop_missing("artifact", artifact$key)
    return(invisible())
  }
  write_artifact_event(artifact$key, artifact$path, dir.exists(target))
}

collect_model <- function(model) {
  if (file.path(model$path, "MLmodel") %in% step$told$artifacts) return(invisible())
  found <- find_variable(model$variable)
  lying <- file.path(step$file$folder, model$path)
  if (is.null(found) && model$flavor != "crate" && file.exists(lying)) found <- list(lying)
  if (is.null(found)) {
    if (model$required) stop_missing("model", model$key)
    return(invisible())
  }
  folder <- file.path(step$file$outputs, model$path)
  info <- write_atomically(folder, function(path) {
    dir.create(path)
    written <- if (model$flavor == "crate") save_crate(model, found[[1L]], path) else save_model_files(model, found[[1L]], path)
    if (!is.null(model$probe)) save_probe(model, found[[1L]], path)
    written
  })
  packages <- model_packages(model, if (model$flavor == "crate") found[[1L]])
  write_event("model", paste0(
    "\"key\":", json_string(model$key), ",\"path\":", json_string(model$path), ",\"flavor\":", json_string(model$flavor),
    ",\"flavorInfo\":", json_object(names(info), json_string(info)), ",\"packages\":", json_packages(packages)
  ))
}

save_crate <- function(model, value, folder) {
  if (!is.function(value)) {
    output_problem(
      sprintf("the model `%s` is %s, not a crate", model$key, describe_value(value)),
      sprintf("write: %s <- carrier::crate(function(rows) stats::predict(m, rows), m = m)", model$key)
    )
  }
  if (!inherits(value, "crate")) {
    output_problem(
      sprintf("the model `%s` is a function, not a crate: what it uses would be missing elsewhere", model$key),
      sprintf("write: %s <- carrier::crate(function(rows) ..., m = m), naming all it needs", model$key)
    )
  }
  write_crate(value, folder)
  c(version = "0.1.0", model = "crate.bin")
}

save_model_files <- function(model, value, folder) {
  check_path(model, value, sprintf("the model `%s`", model$key), model$flavor)
  copy_tree(value, file.path(folder, basename(normalizePath(value))))
  c(data = basename(normalizePath(value)))
}

# What the model answers for the rows named by `probe`, for replays.
save_probe <- function(model, crate, folder) {
  rows <- find_variable(model$probe)
  if (is.null(rows)) {
    output_problem(
      sprintf("the probe `%s` of the model `%s` is neither a variable nor an input", model$probe, model$key),
      sprintf("assign `%s` before the code ends", model$probe), "R0801"
    )
  }
  if (!is.function(crate)) return(invisible())
  answer <- list(rows = rows[[1L]], predictions = crate(rows[[1L]]))
  write_lines(to_json(answer, sprintf("probe of %s", model$key)), file.path(folder, "probe.json"))
}
