/** The door to `diff`: two texts as a unified patch. */
import { FILE_HEADERS_ONLY, createTwoFilesPatch } from "diff";

/** More lines than these that differ are no longer worth reading, and would take long to find. */
const mostEdits = 4000;

/** What `patch -p1` applies to `a` to get `b`. Undefined where too much differs. `path` is relative. */
export function unifiedPatch(path: string, a: string, b: string): string | undefined {
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, a, b, undefined, undefined, {
    context: 3,
    maxEditLength: mostEdits,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
