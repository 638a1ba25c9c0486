import type { PeekResult } from '../engine/peek.js';
import { PhlbError } from '../engine/words/errors.js';
import type { ScopedSnapshot } from '../engine/words/scoped.js';
import type { ClientCall } from './call.js';
import { textDiff, textOfBytes, type Side } from './text-diff.js';

const MOST_BYTES = 1024 * 1024;

/** The file on one side; `undefined`: it is not there. */
type Found = PeekResult | undefined;

/**
 * What has changed in one file, from a snapshot to a newer one or to today.
 * @throws PhlbError `notFound` when neither side has it, `usage` for a folder
 */
export async function fileDiff(
  call: ClientCall,
  { older, newer, path }: { older: ScopedSnapshot; newer: ScopedSnapshot | undefined; path: string },
): Promise<object> {
  const before = await peekAt(call, { snapshot: older.snapshot.id }, path);
  const after = await peekAt(call, newer ? { snapshot: newer.snapshot.id } : { folder: older.source.source }, path);
  const names = { older: older.snapshot.id, newer: newer?.snapshot.id ?? 'today' };
  if (!before && !after) throw new PhlbError('notFound', 'Neither side holds this file', { path });
  const facts = { ...names, path, change: changeOf(before, after) };
  const sizes = { olderBytes: before?.size ?? null, newerBytes: after?.size ?? null };
  const texts = [before, after].map(found => (found?.bytes ? textOfBytes(found.bytes) : ''));
  if ([before, after].some(found => found && !found.bytes)) {
    return { ...facts, ...sizes, notCompared: `it is no file, or larger than ${MOST_BYTES} bytes` };
  }
  const [from, to] = texts;
  if (from === undefined || to === undefined) return { ...facts, ...sizes, binary: true };
  if (from === to) return facts;
  const side = (name: string, text: string, found: Found): Side => ({
    name: found ? `${name}/${path}` : '/dev/null',
    text,
  });
  const told = textDiff(side(names.older, from, before), side(names.newer, to, after));
  if (!told) return { ...facts, ...sizes, notCompared: 'too much of it differs' };
  return { ...facts, diff: told.diff, ...(told.omittedLines > 0 ? { omitted: told.omittedLines } : {}) };
}

async function peekAt(
  call: ClientCall,
  where: { snapshot: string } | { folder: string },
  path: string,
): Promise<Found> {
  try {
    const request = { location: call.location, in: where, path, mostBytes: MOST_BYTES, mostEntries: 0 };
    const found = await call.engine('peek', request);
    if (found.type !== 'dir') return found;
  } catch (error) {
    if (PhlbError.is(error, 'notFound')) return undefined;
    throw error;
  }
  throw new PhlbError('usage', 'A folder: leave path out for the names of the files that differ', { path });
}

function changeOf(before: Found, after: Found): string {
  if (!before) return 'added';
  if (!after) return 'removed';
  if (before.type !== after.type) return 'modified';
  if (!before.bytes || !after.bytes) return 'unknown';
  return Buffer.compare(before.bytes, after.bytes) === 0 ? 'none' : 'modified';
}
