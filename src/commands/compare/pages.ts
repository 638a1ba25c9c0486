/** how many files one page holds: the editor loads both sides of all of them at once */
export const PAGE_SIZE = 100;

/** A part of a long list. */
export interface Page<T> {
  items: T[];
  /** of its first and last item in the list, counted from 1 */
  first: number;
  last: number;
  /** how many the whole list holds */
  total: number;
  /** how many the page after it holds; 0: it is the last one */
  next: number;
}

/** @param number counted from 0; there is one page at least */
export function pageOf<T>(list: readonly T[], number: number): Page<T> {
  const start = number * PAGE_SIZE;
  const items = list.slice(start, start + PAGE_SIZE);
  const last = start + items.length;
  return { items, first: start + 1, last, total: list.length, next: Math.min(PAGE_SIZE, list.length - last) };
}

export function allPages<T>(list: readonly T[]): Page<T>[] {
  return Array.from({ length: Math.ceil(list.length / PAGE_SIZE) }, (_, number) => pageOf(list, number));
}
