# One output to one file: each format's writer, and copies; what appears at the place is always complete.

# `write` makes a file or folder at the path that it is given; then that becomes `target` at once.
write_atomically <- function(target, write) {
  folder <- dirname(target)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  part <- file.path(folder, sprintf(".%s.part", basename(target)))
  unlink(part, recursive = TRUE)
  on.exit(unlink(part, recursive = TRUE))
  # A warning of a writer says why it failed ("No space left on device"); the error after it often does not.
  said <- character()
  result <- withCallingHandlers(
    tryCatch(write(part), error = function(problem) stop(with_cause(problem, said))),
    warning = function(w) {
      said <<- c(said, conditionMessage(w))
      tryInvokeRestart("muffleWarning")
    }
  )
  if (dir.exists(target)) unlink(target, recursive = TRUE)
  if (!file.exists(part)) stop(with_cause(simpleError("nothing was written"), said))
  if (!suppressWarnings(file.rename(part, target))) stop(sprintf("cannot write %s", target), call. = FALSE)
  result
}

with_cause <- function(problem, said) {
  if (inherits(problem, "output_problem") || length(said) == 0L) return(problem)
  problem$message <- paste0(conditionMessage(problem), " (", paste(unique(said), collapse = "; "), ")")
  problem
}

copy_atomically <- function(from, target) {
  if (identical(normalizePath(from), normalizePath(target, mustWork = FALSE))) return(invisible())
  write_atomically(target, function(part) copy_tree(from, part))
}

# A file or a whole folder, links followed.
copy_tree <- function(from, to) {
  if (!dir.exists(from)) {
    if (!file.copy(from, to)) stop(sprintf("cannot copy %s", from), call. = FALSE)
    return(invisible())
  }
  dir.create(to, recursive = TRUE, showWarnings = FALSE)
  for (name in list.files(from, all.files = TRUE, no.. = TRUE)) copy_tree(file.path(from, name), file.path(to, name))
}

write_format <- function(artifact, value, path) {
  switch(artifact$format,
    csv = write_csv_value(artifact, value, path),
    json = write_lines(to_json(value, artifact$key), path),
    text = write_lines(text_lines(value), path),
    rds = saveRDS(without_source(value), path),
    parquet = write_parquet(artifact, value, path),
    png = write_png(artifact, value, path),
    html = write_html(artifact, value, path),
    copy_path(artifact, value, path)
  )
}

write_parquet <- function(artifact, value, path) {
  package_function("arrow", "write_parquet", sprintf("the artifact `%s` is parquet", artifact$key))(value, path)
}

write_lines <- function(lines, path) {
  connection <- file(path, open = "wb", encoding = "native.enc")
  on.exit(close(connection))
  writeLines(enc2utf8(lines), connection, useBytes = TRUE)
}

refuse_value <- function(artifact, value, fix) {
  output_problem(
    sprintf("the artifact `%s` is %s, which cannot be written as %s", artifact$key, describe_value(value), artifact$format), fix
  )
}

write_csv_value <- function(artifact, value, path) {
  table <- csv_table(value)
  if (is.character(table)) refuse_value(artifact, value, "assign a data.frame, a matrix or a table")
  odd <- Filter(function(name) !is.atomic(table[[name]]) && !inherits(table[[name]], "POSIXlt"), names(table))
  odd <- c(odd, Filter(function(name) is.complex(table[[name]]) || is.raw(table[[name]]), names(table)))
  if (length(odd)) {
    output_problem(
      sprintf(
        "the artifact `%s` holds %s in column `%s`, which a csv cannot hold", artifact$key, describe_value(table[[odd[1L]]]), odd[1L]
      ),
      "make the column numbers or texts, or declare the artifact as rds"
    )
  }
  write_csv(table, path)
}

text_lines <- function(value) {
  if (is.character(value) && !is.object(value)) value else utils::capture.output(print(value))
}

write_html <- function(artifact, value, path) {
  if (is_existing_path(value)) return(copy_path(artifact, value, path))
  value <- tryCatch(as.character(value), error = function(e) NULL)
  if (length(value) == 0L) refuse_value(artifact, value, "assign the text of the page")
  write_lines(value, path)
}

is_existing_path <- function(value) {
  is.character(value) && length(value) == 1L && !is.na(value) && nchar(value) < 4096L && !grepl("[<\n]", value) && file.exists(value)
}

# A plot as recordPlot() or ggplot() gives it, or a function that draws one; else the path of an image.
write_png <- function(artifact, value, path) {
  draw <- if (inherits(value, "recordedplot")) {
    function() grDevices::replayPlot(value)
  } else if (inherits(value, c("ggplot", "trellis", "grob", "gtable"))) {
    function() print(value)
  } else if (is.function(value)) {
    value
  }
  if (is.null(draw)) return(copy_path(artifact, value, path))
  grDevices::png(path, width = 1600, height = 1200, res = 200)
  device <- grDevices::dev.cur()
  on.exit(if (device %in% grDevices::dev.list()) grDevices::dev.off(device))
  draw()
  invisible()
}

copy_path <- function(artifact, value, path) {
  if (artifact$format %in% c("png", "html") && !is.character(value)) {
    refuse_value(artifact, value, if (artifact$format == "png") {
      "assign a plot (recordPlot(), ggplot()), a function that draws one, or the path of a file"
    } else {
      "assign the text of the page, or the path of a file"
    })
  }
  check_path(artifact, value, sprintf("the artifact `%s`", artifact$key), artifact$format)
  copy_tree(value, path)
}

check_path <- function(output, value, what, format) {
  if (!is.character(value) || length(value) != 1L || is.na(value)) {
    said <- sprintf("%s is %s, not the path of a %s", what, describe_value(value), format)
    output_problem(said, sprintf("assign the path of the %s", format))
  }
  if (!file.exists(value)) {
    output_problem(
      sprintf("%s is `%s`, but there is nothing at that path", what, value), "write the file before the code ends, or mend the path"
    )
  }
  folder <- dir.exists(value)
  if (folder && format != "folder") output_problem(sprintf("%s is a folder, not a file", what), "declare it as folder")
  if (!folder && format == "folder") output_problem(sprintf("%s is a file, not a folder", what), "declare it as file")
}
