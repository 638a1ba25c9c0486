/** What an agent is answered at most: names are data, and there may be any number of them. */

/** Characters of JSON: a part of what an agent can keep in mind. */
const MOST_CHARACTERS = 20_000;

/**
 * A document for an agent. Of the lists, the first ones first, there is as much as fits into it; `omitted` says how many items
 * there are besides.
 * @param total how many items there are in all, where the lists are a part of them already
 */
export function fittingDocument(
  facts: object,
  lists: Readonly<Record<string, readonly unknown[]>>,
  total = Object.values(lists).reduce((sum, list) => sum + list.length, 0),
): Record<string, unknown> {
  let room = MOST_CHARACTERS - JSON.stringify(facts).length;
  let shown = 0;
  const document: Record<string, unknown> = { ...facts };
  for (const [key, list] of Object.entries(lists)) {
    const fitting: unknown[] = [];
    for (const item of list) {
      room -= JSON.stringify(item).length + 1;
      if (room < 0) break;
      fitting.push(item);
    }
    shown += fitting.length;
    document[key] = fitting;
  }
  return { ...document, ...(total > shown ? { omitted: total - shown } : {}) };
}
