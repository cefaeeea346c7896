/** Watches Node load modules: for the list of packages, and for errors that do not say which module they speak of. */
import { registerHooks } from "node:module";

/**
 * @typedef {object} Loading
 * @property {string} url the module that is loaded, or that asked for what could not be resolved
 * @property {string} [specifier] what could not be resolved
 * @property {string} [format]
 * @property {unknown} [source]
 */
/** @typedef {{ readonly urls: Set<string>, last: Loading | undefined }} Watch */

/** Begins to watch; `last` is what a syntax error without a place speaks of. @returns {Watch} */
export function watchModules() {
  /** @type {Watch} */
  const watch = { urls: new Set(), last: undefined };
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        watch.last = { url: context.parentURL ?? "", specifier };
        throw error;
      }
    },
    load(url, context, next) {
      watch.urls.add(url);
      const loaded = next(url, context);
      watch.last = { url, format: loaded.format ?? "", source: loaded.source };
      return loaded;
    },
  });
  return watch;
}
