/** Watches Node load modules: for the list of packages, and for errors that do not say which module they speak of. */
import { registerHooks } from "node:module";

/**
 * @typedef {object} Loading
 * @property {string} url of the module that was loaded last
 * @property {unknown} source its text, where Node gives it to hooks
 */
/** @typedef {{ readonly url: string, readonly specifier: string }} Unresolved the module that asked, and for what */
/** @typedef {{ readonly urls: Set<string>, last: Loading | undefined, unresolved: Unresolved | undefined }} Watch */

/** Begins to watch; `last` is what a syntax error without a place speaks of. @returns {Watch} */
export function watchModules() {
  /** @type {Watch} */
  const watch = { urls: new Set(), last: undefined, unresolved: undefined };
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        watch.unresolved = { url: context.parentURL ?? "", specifier };
        throw error;
      }
    },
    load(url, context, next) {
      watch.urls.add(url);
      const loaded = next(url, context);
      watch.last = { url, source: loaded.source };
      return loaded;
    },
  });
  return watch;
}
