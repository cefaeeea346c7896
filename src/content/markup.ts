/** Pages and drawings: their text, without what libraries put in at random or by the clock. */
import type { Kind } from "./kind.ts";
import { text } from "./text.ts";

/** {htmlwidgets} names each widget by a random number, which the seed does not reach; here they are numbered. */
export const html: Kind<string> = {
  read(file) {
    const numbers = new Map<string, number>();
    return text.read(file).replace(/\bhtmlwidget-[0-9a-f]{16,}\b/g, (id) => {
      if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
      return `htmlwidget-${numbers.get(id)}`;
    });
  },
  canonical: (content) => content,
};

/** Comments draw nothing. */
export const svg: Kind<string> = {
  read: (file) =>
    text
      .read(file)
      .replace(/<!--[^]*?-->/g, "")
      .replace(/<dc:date>[^<]*<\/dc:date>/g, ""),
  canonical: (content) => content,
};
