# What a step finds before its first line: params, inputs, secrets and the names of the run as variables.

# int -> integer (double beyond R's integers), float -> double bit for bit, bool -> logical, null -> NULL, list -> vector.
param_value <- function(value, type) {
  if (is.null(value)) return(NULL)
  if (!is.list(value)) return(scalar_value(value, type))
  if (!is.null(names(value))) return(exact_double(value$float))
  if (length(value) == 0L) {
    return(switch(type, int = integer(), float = numeric(), bool = logical(), character()))
  }
  do.call(c, lapply(value, param_value, type))
}

scalar_value <- function(value, type) {
  if (is.numeric(value) && type != "float" && abs(value) <= .Machine$integer.max) as.integer(value) else value
}

read_params <- function(params) {
  values <- list()
  for (param in params) values[param$name] <- list(param_value(param$value, param$type))
  values
}

# Fills the environment of the code. What the file declares wins over the names that mlpipe gives of itself.
fill_environment <- function(env, file) {
  step$params <- read_params(file$params)
  # Models capture the variables of a fence: what is new in each run stands apart from them.
  own <- if (file$code$script) env else as.environment("mlpipe")
  assign("run", list(id = file$run$id, name = file$run$name), envir = own)
  given <- list(params = step$params)
  given["seed"] <- list(if (!is.null(file$seed)) scalar_value(file$seed, "int"))
  given[names(step$params)] <- step$params
  for (name in names(given)) assign(name, given[[name]], envir = env)
  # Secrets must not be saved with a model either; packages that the code attaches do not hide them there.
  for (secret in names(file$secrets)) assign(secret, Sys.getenv(file$secrets[[secret]]), envir = globalenv())
  for (input in file$inputs) assign(input$variable, read_input(input), envir = env)
}

read_input <- function(input) {
  tryCatch(
    withCallingHandlers(read_input_value(input), warning = function(w) {
      if (inherits(w, "simpleWarning")) tryInvokeRestart("muffleWarning")
    }),
    missing_package = function(problem) fail("R0812", conditionMessage(problem), problem$fix),
    error = function(problem) {
      fail(
        "R0808", sprintf("the input `%s` cannot be read: %s", input$variable, one_line(conditionMessage(problem))),
        input_fix(input)
      )
    }
  )
}

input_fix <- function(input) {
  what <- if (input$kind == "model") input$flavor else input$format
  sprintf("look at %s: it should hold %s", input$path, c(
    csv = "a table as csv with a header, in UTF-8", json = "JSON in UTF-8", text = "text in UTF-8", rds = "what saveRDS() writes",
    parquet = "a parquet table", crate = "a crate as {mlflow} or mlpipe saves it"
  )[what])
}

read_input_value <- function(input) {
  if (!file.exists(input$path)) stop(sprintf("there is no %s", input$path), call. = FALSE)
  if (input$kind == "model") return(read_model(input))
  switch(input$format,
    csv = read_csv(input$path),
    json = read_json(input$path),
    text = read_lines(input$path),
    rds = readRDS(input$path),
    parquet = read_parquet(input),
    input$path
  )
}

read_parquet <- function(input) {
  read <- package_function("arrow", "read_parquet", sprintf("the input `%s` is parquet", input$variable))
  as.data.frame(read(input$path))
}

read_lines <- function(path) {
  lines <- strsplit(gsub("\r\n?", "\n", read_text_file(path)), "\n", fixed = TRUE)[[1L]]
  Encoding(lines) <- "UTF-8"
  lines
}

# The function of a package that only some formats need.
package_function <- function(package, name, why) {
  require_package(package, sprintf("%s, which needs the package `%s`", why, package))
  getExportedValue(package, name)
}

# `said` ends with the package's name: a condition that says how to get it where it is not there.
require_package <- function(package, said) {
  if (requireNamespace(package, quietly = TRUE)) return(invisible())
  stop(structure(class = c("missing_package", "error", "condition"), list(
    message = sprintf("%s; it %s", said, absence()), call = NULL, fix = install_fix(package)
  )))
}

in_webr <- function() grepl("wasm", R.version$arch, fixed = TRUE)

absence <- function() {
  if (!in_webr()) return("is not installed")
  "is not there: this step runs in WebR (R as WebAssembly), which has R's own packages only"
}

install_fix <- function(package) {
  debian <- sprintf("r-cran-%s", tolower(package))
  if (in_webr()) return(sprintf("install R itself, for example `sudo apt install r-base-core %s`, and run again", debian))
  in_r <- sprintf("in R: install.packages(\"%s\")", package)
  if (file.exists("/etc/debian_version")) sprintf("%s; on Debian or Ubuntu perhaps: sudo apt install %s", in_r, debian) else in_r
}
