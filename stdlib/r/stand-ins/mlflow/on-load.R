# R compiles a function when it is called a second time. For a script that logs a few values that costs more than all of its
# requests, so calls of this package are interpreted; what user code runs inside them is compiled as ever.
.onLoad <- function(libname, pkgname) {
  namespace <- topenv()
  for (name in setdiff(ls(namespace, pattern = "^mlflow_[a-z_]+$"), "mlflow_source")) {
    code <- namespace[[name]]
    if ("UseMethod" %in% all.names(body(code))) next
    body(code) <- call("interpreted", body(code))
    assign(name, code, envir = namespace)
  }
}

interpreted <- function(code) {
  level <- compiler::enableJIT(0L)
  on.exit(compiler::enableJIT(level))
  code
}
