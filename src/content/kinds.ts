/** All kinds of files that can be read here. */
import { type KindName, textKinds } from "./choose.ts";
import { pdf } from "./pdf.ts";
import { png } from "./png.ts";
import { rObject } from "./r-object.ts";

export const kinds = { ...textKinds, png, pdf, r: rObject } satisfies Record<KindName, unknown>;
