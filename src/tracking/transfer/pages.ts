/** Lists that a tracker gives page by page. */

/** Every page, until one names no next page or the one before it again. */
export async function* walkPages<Page extends { readonly next_page_token?: string }>(
  ask: (token: { readonly page_token?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let token: string | undefined;
  for (;;) {
    const page = await ask(token === undefined ? {} : { page_token: token });
    yield page;
    const next = page.next_page_token;
    if (next === undefined || next === "" || next === token) return;
    token = next;
  }
}

/** All items of all pages. */
export async function gather<Item>(
  pages: AsyncIterable<readonly Item[] | undefined>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of pages) for (const item of page ?? []) items.push(item);
  return items;
}

/** Pages of one item. */
export async function* one<Item>(items: AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  for await (const item of items) yield [item];
}
