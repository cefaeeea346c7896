# What R sees of its surroundings, a line each: a name, a tab, a value. Started in a folder with some files.
seen <- list(
  zone = format(as.POSIXct(0, origin = "1970-01-01"), "%z"),
  year = format(Sys.time(), "%Y", tz = "UTC"),
  month = format(as.Date("2020-05-01"), "%B"),
  sorting = sort(c("z", "t", "a", "B", "_x")),
  collation = sort(c("B", "a", "_x")),
  encoding = l10n_info()[["UTF-8"]],
  home = path.expand("~"),
  sampling = RNGkind()[[3]],
  temporary = dirname(tempdir()),
  folder = getwd(),
  host = Sys.info()[["nodename"]],
  user = c(Sys.info()[["user"]], Sys.getenv("USER")),
  umask = format(Sys.umask(NA)),
  processors = parallel::detectCores(),
  threads = Sys.getenv("OMP_NUM_THREADS"),
  layout = readLines("/proc/self/personality", warn = FALSE),
  listing = system2("ls", "-U", stdout = TRUE),
  noise = Sys.getenv("MLPIPE_NOISE"),
  hashes = Sys.getenv("PYTHONHASHSEED"),
  process = Sys.getpid(),
  draw = runif(1),
  name = basename(tempdir()),
  chance = system2("head", c("-c", "8", "/dev/urandom", "|", "od", "-An", "-tx1"), stdout = TRUE),
  sums = {
    x <- matrix(sin((1:3000)^2), 300)
    sprintf("%a", sum(solve(crossprod(x))))
  }
)
for (name in names(seen)) cat(name, "\t", paste(seen[[name]], collapse = " "), "\n", sep = "")
