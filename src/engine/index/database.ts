/** The index as a file: loaded as a whole, saved as a whole, thrown away at any doubt. The disk is the truth. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { replaceFile } from '../store/durable.js';
import { migrate } from './schema.js';

let engine: Promise<SqlJsStatic> | undefined;

/**
 * Loads a store's index, or begins an empty one when there is none or its bytes are not those that were saved.
 * The digest beside it finds every kind of damage for less than SQLite's own check.
 */
export async function loadDatabase(folder: string, storeId: string): Promise<Database> {
  // The file stands beside the bundle (esbuild.mjs puts it there).
  engine ??= initSqlJs({ locateFile: file => join(__dirname, file) });
  const { Database } = await engine;
  const file = databaseFile(folder, storeId);
  try {
    const bytes = readFileSync(file);
    if (readFileSync(`${file}.sha256`, 'utf8').trim() === digest(bytes)) {
      const db = new Database(bytes);
      migrate(db);
      return db;
    }
  } catch {
    // Missing, unreadable or too new: an empty one takes in everything from the manifests.
  }
  const db = new Database();
  migrate(db);
  return db;
}

/** Saves an index. A crash between the two files leaves a digest that does not fit, and so an index made anew. */
export function saveDatabase(db: Database, folder: string, storeId: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bytes = db.export();
  const file = databaseFile(folder, storeId);
  replaceFile(file, bytes);
  replaceFile(`${file}.sha256`, `${digest(bytes)}\n`);
}

function databaseFile(folder: string, storeId: string): string {
  return join(folder, `${storeId}.sqlite`);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
