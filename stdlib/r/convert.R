# `Rscript convert.R FILE TO`: what only R reads, for those who have no R: a table of parquet as a serialized data.frame, anything
# else without its compression. Base R; parquet needs {arrow} or {nanoparquet}. Status 3: neither is installed.

local({
  paths <- commandArgs(TRUE)
  is_parquet <- identical(readBin(paths[1L], "raw", 4L), charToRaw("PAR1"))
  readers <- Filter(function(name) nzchar(system.file(package = name)), c("arrow", "nanoparquet"))
  if (is_parquet && length(readers) == 0L) quit(status = 3L)
  if (is_parquet) {
    read_parquet <- getExportedValue(readers[1L], "read_parquet")
    saveRDS(as.data.frame(read_parquet(paths[1L])), paths[2L], compress = FALSE)
  } else {
    # gzfile() sees by itself what a file is compressed by.
    from <- gzfile(paths[1L], "rb")
    to <- file(paths[2L], "wb")
    while (length(piece <- readBin(from, "raw", 1048576L))) writeBin(piece, to)
    close(to)
    close(from)
  }
})
