/** The index as a file: loaded as a whole, saved as a whole, thrown away at any doubt. The disk is the truth. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { errno, unlessRefused } from '../words/errors.js';
import { replaceFile } from '../files/durable.js';
import { makeFolder } from '../files/make-folder.js';
import { remove } from '../files/remove.js';
import { migrate } from './schema.js';

// Behind the last page, where SQLite looks for nothing. In the same file, so that no reader meets one's tables beside
// the other's digest.
const SEAL = Buffer.from('phlb sha256 ');
const DIGEST_LENGTH = 32;

let engine: Promise<SqlJsStatic> | undefined;

/**
 * Loads a store's index, or begins an empty one when there is none or its bytes are not those that were saved.
 * The digest behind them finds every kind of damage for less than SQLite's own check.
 */
export async function loadDatabase(folder: string, storeId: string): Promise<Database> {
  // The file stands beside the bundle (esbuild.mjs puts it there).
  engine ??= initSqlJs({ locateFile: file => join(__dirname, file) });
  const { Database } = await engine;
  const empty = new Database();
  migrate(empty);
  const bytes = readSealed(databaseFile(folder, storeId));
  const found = bytes && openTables(new Database(bytes), empty);
  if (found) empty.close();
  const db = found ?? empty;
  // It stands in memory alone: what SQLite does for a file's sake takes half of the time of taking a snapshot in.
  db.run('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536');
  return db;
}

/** The tables as they were saved; `undefined`: missing, not to be read, or damaged. */
function readSealed(file: string): Buffer | undefined {
  const bytes = readBytes(file);
  if (!bytes) return undefined;
  const end = bytes.length - SEAL.length - DIGEST_LENGTH;
  if (end > 0 && bytes.subarray(end, end + SEAL.length).equals(SEAL)) {
    const saved = bytes.subarray(0, end);
    if (digest(saved).equals(bytes.subarray(-DIGEST_LENGTH))) return saved;
  }
  // As PHLB saved it before: the digest in a file of its own.
  const beside = readBytes(oldDigestFile(file));
  return beside?.toString('utf8').trim() === digest(bytes).toString('hex') ? bytes : undefined;
}

function readBytes(file: string): Buffer | undefined {
  return unlessRefused(() => readFileSync(file));
}

// Brought up to date; `undefined` for those of a newer PHLB, or of none.
function openTables(db: Database, empty: Database): Database | undefined {
  try {
    migrate(db);
    if (tablesOf(db) === tablesOf(empty)) return db;
  } catch (error) {
    if (!isSqlError(error)) throw error;
  }
  db.close();
  return undefined;
}

/** What SQLite itself says comes as a plain Error. */
export function isSqlError(error: unknown): error is Error {
  return error instanceof Error && error.constructor === Error && errno(error) === undefined;
}

// A digest that fits says nothing of who has written the tables.
function tablesOf(db: Database): string {
  return JSON.stringify(db.exec('SELECT sql FROM sqlite_master ORDER BY name'));
}

/** Saves an index: one file, whose digest is part of it. Only under the store's lock. */
export function saveDatabase(db: Database, folder: string, storeId: string): void {
  makeFolder(folder);
  const bytes = db.export();
  const file = databaseFile(folder, storeId);
  removeIndexTemporaries(folder, storeId);
  replaceFile(file, Buffer.concat([bytes, SEAL, digest(bytes)]));
  remove(oldDigestFile(file));
}

/** Those of runs that died while they saved: under the store's lock nobody else writes one. */
export function removeIndexTemporaries(folder: string, storeId: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${storeId}.`) && name.endsWith('.new')) remove(join(folder, name));
  }
}

/** How the file stands on the disk: the same as long as nobody has written it. `undefined`: there is none. */
export function databaseState(folder: string, storeId: string): string | undefined {
  const stat = unlessRefused(() => statSync(databaseFile(folder, storeId), { bigint: true }));
  return stat && [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
}

export function removeDatabase(folder: string, storeId: string): void {
  const file = databaseFile(folder, storeId);
  remove(oldDigestFile(file));
  remove(file);
}

function databaseFile(folder: string, storeId: string): string {
  return join(folder, `${storeId}.sqlite`);
}

function oldDigestFile(file: string): string {
  return `${file}.sha256`;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
