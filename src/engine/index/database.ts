/** The index as a file: loaded as a whole, saved as a whole, thrown away at any doubt. The disk is the truth. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { replaceFile } from '../store/durable.js';
import { makeFolder } from '../store/make-folder.js';
import { remove } from '../store/remove.js';
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
  const empty = new Database();
  migrate(empty);
  try {
    const bytes = readFileSync(file);
    if (readFileSync(`${file}.sha256`, 'utf8').trim() === digest(bytes)) {
      const db = new Database(bytes);
      migrate(db);
      if (tablesOf(db) === tablesOf(empty)) {
        empty.close();
        return db;
      }
      db.close();
    }
  } catch {
    // Missing, unreadable or too new: an empty one takes in everything from the manifests.
  }
  return empty;
}

// A digest that fits says nothing of who has written the tables.
function tablesOf(db: Database): string {
  return JSON.stringify(db.exec('SELECT sql FROM sqlite_master ORDER BY name'));
}

/** Saves an index. A crash between the two files leaves a digest that does not fit, and so an index made anew. */
export function saveDatabase(db: Database, folder: string, storeId: string): void {
  makeFolder(folder);
  const bytes = db.export();
  const file = databaseFile(folder, storeId);
  // Drafts of runs that died while they saved; under the store's lock nobody else writes one.
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${storeId}.`) && name.endsWith('.new')) remove(join(folder, name));
  }
  replaceFile(file, bytes);
  try {
    replaceFile(`${file}.sha256`, `${digest(bytes)}\n`);
  } catch (error) {
    // Without its digest it is thrown away anyhow, and only takes room.
    removeDatabase(folder, storeId);
    throw error;
  }
}

export function removeDatabase(folder: string, storeId: string): void {
  const file = databaseFile(folder, storeId);
  remove(`${file}.sha256`);
  remove(file);
}

function databaseFile(folder: string, storeId: string): string {
  return join(folder, `${storeId}.sqlite`);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
