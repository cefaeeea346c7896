# Executes one step in R: `Rscript runtime.R step.json`. Reads what src/run/protocol.ts describes, executes the code, looks up its
# outputs and writes events; the `end` event comes last or the step has failed. Base R only, 4.0 or newer.
#
# The code finds its params and inputs as variables of an environment below the global one (a script: in the global one, as under
# Rscript), with `params` and `seed`; its secrets in the global one; and behind the packages that it attaches `run`,
# log_metric(), log_artifact(), set_tag(), crate() and mlflow_param().
#
# Codes of its errors, worded as in src/source/messages/running.ts: R0801 output not produced, R0802 output of the wrong kind,
# R0807 truth value as metric (warning), R0808 input unreadable, R0809 output cannot be written, R0810 the code failed, R0811 the
# code cannot be parsed, R0812 package missing, R0820 ended by quit(), R0823 interrupted.

local({
  # Compiling the runtime's own functions would cost more than executing them once.
  compiling <- compiler::enableJIT(0L)
  # Rscript names this file, with each blank as ~+~; WebR has no such argument.
  own <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  home <- if (length(own)) dirname(gsub("~+~", " ", own[1L], fixed = TRUE)) else Sys.getenv("MLPIPE_R_HOME")
  Sys.unsetenv("MLPIPE_R_HOME")
  home <- normalizePath(home)
  runtime <- new.env(parent = baseenv())
  parts <- c(
    "numbers", "json", "json-write", "events", "helpers", "crate", "csv", "inputs", "models", "metrics", "standard", "split", "formats",
    "outputs", "nearest", "code", "surroundings", "stand-ins/library", "stand-ins/real-mlflow"
  )
  if (nzchar(Sys.getenv("MLPIPE_TRACE"))) parts <- c(parts, "trace", "trace-variables", "trace-site", "trace-calls")
  for (part in parts) sys.source(file.path(home, paste0(part, ".R")), runtime, keep.source = FALSE)
  evalq(envir = runtime, {
    begin <- function(path, home) {
      file <- with_native_paths(read_json(path, simplify = FALSE))
      step$file <- file
      step$home <- home
      open_events(file$events)
      write_event("start", paste0(
        "\"runtime\":", json_string(paste0("R ", getRversion(), if (in_webr()) " (WebR)")),
        if (!in_webr()) paste0(",\"session\":", json_string(basename(tempdir())))
      ))
      setwd(file$folder)
      if (identical(getOption("warn"), 0L) || identical(getOption("warn"), 0)) options(warn = 1)
      answer_arguments(file)
      answer_quit()
      if (!file$code$script) answer_plots()
      attach(helpers(file$seed), name = "mlpipe", warn.conflicts = FALSE)
    }

    prepare <- function(file) {
      step$env <- if (file$code$script) globalenv() else new.env(parent = globalenv())
      parse_code(file$code)
      step$seeded_by_code <- "set.seed" %in% all.names(step$expressions)
      fill_environment(step$env, file)
      answer_mlflow(file)
      prepare_stand_ins(file$code)
      if (!is.null(file$seed)) set.seed(file$seed, "Mersenne-Twister", "Inversion", "Rejection")
      step$generator <- RNGkind()
    }

    finish <- function() {
      step$current <- NULL
      # What the code has set for its own printing is not for the outputs.
      options(warn = 1, OutDec = ".", scipen = 0)
      close_devices()
      if (collect_outputs(step$file)) close_step(TRUE) else end_failed()
    }

    # What the code has left open is written before it is looked for.
    close_devices <- function() if ("grDevices" %in% loadedNamespaces()) grDevices::graphics.off()
  })
  runtime$begin(commandArgs(TRUE)[1L], home)
  compiler::enableJIT(compiling)
  runtime$prepare(runtime$step$file)
  runtime$run_code()
  runtime$finish()
  if (runtime$in_webr()) runtime$last_word(0L)
})
