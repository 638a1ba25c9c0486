/**
 * What a restore has done, in a file beside the record of its safety snapshot: `undo` alone reads it, and it may name
 * hundreds of thousands of files.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { errno, PhlbError } from '../words/errors.js';
import type { EntryType } from '../words/model.js';
import { isSafeRelative } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { replaceFile } from '../files/durable.js';
import { snapshotId, type Layout, type SnapshotName } from './layout.js';
import type { SnapshotRecord } from './record.js';
import { readSmallBytes } from '../files/small-file.js';

/** Paths relative to `target`. */
export interface RestoreNote {
  /** id of the snapshot restored from, the first one of several */
  snapshot: string;
  /** what it was, where it was no plain restore */
  does?: 'undo' | 'redo';
  /** absolute path of the folder that was restored into */
  target: string;
  /** what was not there before, each with what it became: undo removes only what is still that */
  created: { path: string; type: EntryType; sha256?: string; target?: string }[];
  overwritten: string[];
  deleted: string[];
  /** as in the record */
  drafts?: string;
}

// Of the text, in bytes: the contents of a few million files. Node makes no string of more than 512 MiB.
const MAX_TEXT = 400e6;

/** Whether a note can be read back. Beyond this it is not written. */
export function isNotable({ created, overwritten, deleted }: RestoreNote): boolean {
  let size = 4096;
  for (const one of created) size += Buffer.byteLength(JSON.stringify(one)) + 1;
  for (const path of [...overwritten, ...deleted]) size += Buffer.byteLength(JSON.stringify(path)) + 1;
  return size <= MAX_TEXT;
}

/** Writes it, flushed. Only under the lock, before the restore writes anything. */
export function writeRestoreNote(layout: Layout, id: SnapshotName, note: RestoreNote): void {
  replaceFile(layout.restoreNote(id), gzipSync(JSON.stringify({ format: 1, ...note }) + '\n'));
}

/**
 * The note of a safety snapshot; of older ones it stands in the record.
 * @throws PhlbError `damaged` for one that is missing or makes no sense: it says what is deleted
 */
export function readRestoreNote(layout: Layout, id: SnapshotName, record: SnapshotRecord): RestoreNote {
  const inRecord = record.restore && 'created' in record.restore ? record.restore : undefined;
  const note = checked(inRecord ? { ...inRecord, target: record.source } : readFile(layout, id));
  if (note) return note;
  throw new PhlbError('damaged', phrase`The note of what this restore did is not valid`, {
    path: inRecord ? layout.record(id) : layout.restoreNote(id),
    hint: phrase`restore from ${snapshotId(id)} by hand`,
  });
}

/** As it stands beside a snapshot whose record is lost; `undefined`: none, or not to be understood. */
export function findRestoreNote(layout: Layout, id: SnapshotName): RestoreNote | undefined {
  return checked(readFile(layout, id));
}

function readFile(layout: Layout, id: SnapshotName): unknown {
  try {
    const text = gunzipSync(readSmallBytes(layout.restoreNote(id), MAX_TEXT), { maxOutputLength: MAX_TEXT });
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    if (errno(error) === undefined && !(error instanceof SyntaxError) && !isUnpackError(error)) throw error;
    return undefined;
  }
}

// What is no gzip, or unpacks to more than a note can.
function isUnpackError(error: unknown): boolean {
  const code = error instanceof Error ? String((error as NodeJS.ErrnoException).code) : '';
  return code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
}

function checked(value: unknown): RestoreNote | undefined {
  const note = value as Partial<RestoreNote> | null | undefined;
  if (typeof note !== 'object' || note === null) return undefined;
  const { snapshot, target, created, overwritten, deleted } = note;
  const sound =
    typeof snapshot === 'string' &&
    typeof target === 'string' &&
    [created, overwritten, deleted].every(Array.isArray) &&
    created?.every(one => isPath(one?.path)) &&
    overwritten?.every(isPath) &&
    deleted?.every(isPath);
  return sound ? (note as RestoreNote) : undefined;
}

// Nonsense must not lead out of the target.
function isPath(path: unknown): boolean {
  return typeof path === 'string' && (path === '' || isSafeRelative(path));
}
