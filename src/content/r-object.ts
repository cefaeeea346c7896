/** Objects of R, read without R. */
import { type Kind, NotReadable } from "./kind.ts";
import { digestObject } from "./r/digest.ts";
import { readRFile } from "./r/file.ts";
import { UnreadableError } from "./r/stream.ts";
import type { RValue } from "./r/value.ts";

export const rObject: Kind<RValue> = {
  read(file) {
    try {
      return readRFile(file);
    } catch (error) {
      if (error instanceof UnreadableError)
        throw new NotReadable(error.message.replace(/^it /, ""));
      throw error;
    }
  },
  canonical: digestObject,
};
