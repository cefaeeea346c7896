registry <- utils::hashtab("identical")

register <- function(model) utils::sethash(registry, environment(model), model)

# every model sees what the ones before it have left
fold_models <- function(x) {
  utils::maphash(registry, function(key, model) x <<- model(x))
  x
}
