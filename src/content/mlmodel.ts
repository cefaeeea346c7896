/** The MLmodel file of a model: what it says about the model, not about when and in which run it was made. */
import type { Kind } from "./kind.ts";
import { text } from "./text.ts";

const volatile = /^(?:utc_time_created|run_id|model_id|model_uuid|model_size_bytes):.*\n/gm;

export const mlmodel: Kind<string> = {
  read: (file) => text.read(file).replace(volatile, ""),
  canonical: (content) => content,
};
