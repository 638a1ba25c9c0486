/** A snapshot's record: the small JSON beside its manifest. Listings read only these. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errno, passUnforeseen, PhlbError } from '../words/errors.js';
import type { PathError, RestoreSummary, Rules, RulesInForce, SnapshotCounts, SnapshotKind } from '../words/model.js';
import { phrase, type Phrase } from '../words/phrase.js';
import { parseStamp } from '../words/times.js';
import { isSourceName, type Layout, type SnapshotName } from './layout.js';
import { bounded, type ChangeNote } from './bounded.js';
import { replaceFile } from '../files/durable.js';
import { refuseLinks } from './own-folders.js';
import { isCount, isRules } from './rules.js';
import { fitting, readSmallJson } from '../files/small-file.js';
import type { TurnMark } from './turn-marks.js';

export interface SnapshotRecord {
  format: 1;
  kind: SnapshotKind;
  name: string;
  /** absolute path of the source folder on its host */
  source: string;
  host: string;
  startedAt: string;
  finishedAt: string;
  /** counts up within a store: the order of snapshots, whatever the clocks said */
  sequence: number;
  /** the file system's clock when the walk began, nanoseconds; what racy files are told by */
  scanStart: string;
  rules: Rules;
  /** how what lies in the source itself was taken (`RulesInForce`); missing: before this was recorded */
  ignoreFiles?: RulesInForce['ignoreFiles'];
  counts: SnapshotCounts;
  changedFiles: number;
  /** the first thousand */
  errors: PathError[];
  /** how many there were, where these are not all */
  errorCount?: number;
  label: string | null;
  pinned: boolean;
  /** who or what it was taken by (`words/turns.ts`); missing: nobody said */
  cause?: string;
  /** the turns of agents that it belongs to (`turn-marks.ts`), oldest first */
  turns?: TurnMark[];
  /** counts up with each change of the manifest (purge, rehash); missing: 0 */
  revision?: number;
  /** of a safety snapshot: the restore that it was taken for */
  restore?: RestoreMark;
  /** made again from the bare tree: its rules, source and true modes are not known */
  rehashed?: true;
  /** what was changed in the published tree since, oldest first */
  changes?: ChangeNote[];
  /** taken over from a PyHardLinkBackup that keeps hashes in this way; its tree is never altered, its rules are not known */
  adopted?: 'sha512' | 'SHA256SUMS';
}

/** That a restore was made. What it did stands in a file of its own (`restore-note.ts`), since listings read records. */
export interface RestoreMark {
  /** id of the snapshot restored from, the first one of several */
  snapshot: string;
  /** what it did, for people; missing: not recorded by the version that took it */
  did?: RestoreSummary;
  /** what its private names begin with, should it have died in mid-write */
  drafts?: string;
  /** set when the restore was itself taken back, by the safety snapshot of that id */
  undoneBy?: string;
}

/** A snapshot on disk: its tree stands; its record may be unreadable. */
export type StoredSnapshot = { id: SnapshotName } & (
  { record: SnapshotRecord; problem: undefined } | { record: undefined; problem: Phrase }
);

const MAX_RECORD = 64 << 20;
// Beyond it the next one might be no number of its own; then the times of the starts tell the order.
const MAX_SEQUENCE = 2 ** 52;

/**
 * The snapshots of one source folder, oldest first. What is no snapshot's folder is passed over.
 * @throws PhlbError `store` where a link would lead out of the root
 */
export function readSnapshots(layout: Layout, name: string): StoredSnapshot[] {
  refuseLinks(layout, name);
  const stamps = directories(layout.sourceFolder(name)).filter(stamp => parseStamp(stamp) !== undefined);
  return stamps.map(stamp => readSnapshot(layout, { name, stamp })).sort(compareSnapshots);
}

/** Source folders that stand in the root, registered or not. */
export function sourceFolders(layout: Layout): string[] {
  return directories(layout.root).filter(name => isSourceName(name) && !isForeign(layout, name));
}

// On a disk of its own the root holds folders of the system (`lost+found`) that this user cannot read.
function isForeign(layout: Layout, name: string): boolean {
  try {
    accessSync(layout.sourceFolder(name), constants.R_OK | constants.X_OK);
    return false;
  } catch (error) {
    passUnforeseen(error);
    return !existsSync(join(layout.manifests, name));
  }
}

export function readSnapshot(layout: Layout, id: SnapshotName): StoredSnapshot {
  try {
    return { id, record: checkRecord(readSmallJson(layout.record(id), MAX_RECORD)), problem: undefined };
  } catch (error) {
    passUnforeseen(error);
    const why = errno(error) === 'ENOENT' ? 'it has no record' : error instanceof Error ? error.message : String(error);
    return { id, record: undefined, problem: phrase`The record cannot be read: ${why}` };
  }
}

export function writeRecord(layout: Layout, id: SnapshotName, record: SnapshotRecord): void {
  replaceFile(layout.record(id), formatRecord(record));
}

/** @throws PhlbError `store` rather than to write what could not be read again */
export function formatRecord(record: SnapshotRecord): string {
  return fitting(JSON.stringify(bounded(record), undefined, 1) + '\n', record.name, MAX_RECORD);
}

/** The place of the next snapshot of a source in their order. */
export function nextSequence(snapshots: readonly StoredSnapshot[]): number {
  return Math.min(MAX_SEQUENCE, Math.max(0, ...snapshots.map(({ record }) => record?.sequence ?? 0)) + 1);
}

// By sequence; those without a record by their folder's name.
function compareSnapshots(a: StoredSnapshot, b: StoredSnapshot): number {
  if (a.record && b.record) {
    return (
      a.record.sequence - b.record.sequence ||
      compareText(a.record.startedAt, b.record.startedAt) ||
      compareStamps(a, b)
    );
  }
  return compareStamps(a, b);
}

function compareStamps(a: StoredSnapshot, b: StoredSnapshot): number {
  const left = parseStamp(a.id.stamp);
  const right = parseStamp(b.id.stamp);
  return compareText(left?.stamp ?? '', right?.stamp ?? '') || (left?.number ?? 0) - (right?.number ?? 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checkRecord(value: unknown): SnapshotRecord {
  const record = value as SnapshotRecord;
  const counts: unknown = record?.counts;
  const sound =
    typeof value === 'object' &&
    value !== null &&
    record.format === 1 &&
    (record.kind === 'snapshot' || record.kind === 'safety') &&
    typeof record.source === 'string' &&
    typeof record.host === 'string' &&
    isTime(record.startedAt) &&
    isTime(record.finishedAt) &&
    isCount(record.sequence) &&
    record.sequence <= MAX_SEQUENCE &&
    /^-?\d{1,28}$/.test(record.scanStart) &&
    typeof counts === 'object' &&
    counts !== null &&
    Object.values(counts).every(isCount) &&
    isCount(record.changedFiles) &&
    isRules(record.rules) &&
    Array.isArray(record.errors) &&
    record.errors.every(isPathError) &&
    (record.label === null || typeof record.label === 'string') &&
    typeof record.pinned === 'boolean' &&
    hasSoundExtras(record);
  if (!sound) throw new PhlbError('damaged', phrase`it is not a record of format 1`);
  return record;
}

function hasSoundExtras({ revision, changes, adopted, ignoreFiles, errorCount }: SnapshotRecord): boolean {
  return (
    (errorCount === undefined || isCount(errorCount)) &&
    (ignoreFiles === undefined || ['git', 'anyCase', 'none'].includes(ignoreFiles)) &&
    (revision === undefined || isCount(revision)) &&
    (changes === undefined || (Array.isArray(changes) && changes.every(isChangeNote))) &&
    (adopted === undefined || adopted === 'sha512' || adopted === 'SHA256SUMS')
  );
}

function isChangeNote(note: unknown): boolean {
  if (typeof note !== 'object' || note === null) return false;
  const { paths } = note as Partial<Record<keyof ChangeNote, unknown>>;
  return Array.isArray(paths) && paths.every(path => typeof path === 'string');
}

function isPathError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { path, code, message } = error as Partial<Record<keyof PathError, unknown>>;
  return [path, code, message].every(text => typeof text === 'string');
}

function isTime(text: unknown): boolean {
  return typeof text === 'string' && text.length < 40 && !Number.isNaN(Date.parse(text));
}

function directories(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name);
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return [];
    throw error;
  }
}
