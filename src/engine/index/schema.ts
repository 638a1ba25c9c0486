/**
 * The index's tables. One row of `entry` is one version of a path over a run of snapshots of its source: from ordinal
 * `first` up to `last`, or to the newest while `last` is NULL. An unchanged file adds no row.
 */
import type { Database } from 'sql.js';

/** Each migration brings a database from the version of its place in the list to the next (`PRAGMA user_version`). */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
   CREATE TABLE snapshot (
     source INTEGER NOT NULL REFERENCES source, ordinal INTEGER NOT NULL, stamp TEXT NOT NULL,
     sequence INTEGER NOT NULL, started TEXT NOT NULL,
     PRIMARY KEY (source, ordinal), UNIQUE (source, stamp)) WITHOUT ROWID;
   CREATE TABLE content (
     id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, bits INTEGER NOT NULL, size INTEGER NOT NULL, UNIQUE (sha256, bits));
   CREATE TABLE dir (id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source, path TEXT NOT NULL, UNIQUE (source, path));
   CREATE TABLE entry (
     dir INTEGER NOT NULL REFERENCES dir, name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER,
     type TEXT NOT NULL, mode INTEGER NOT NULL, mtime INTEGER, content INTEGER REFERENCES content, stored INTEGER, target TEXT,
     PRIMARY KEY (dir, name, first)) WITHOUT ROWID;
   CREATE INDEX entry_content ON entry (content) WHERE content IS NOT NULL;`,
  // What the record said when the manifest was taken in: a purge or a rehash changes both.
  `ALTER TABLE snapshot ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;`,
  // Until then, what ended with a snapshot that was deleted stayed ended although the newest one holds it.
  `UPDATE entry SET last = NULL WHERE last >= (
     SELECT max(ordinal) FROM snapshot WHERE source = (SELECT source FROM dir WHERE dir.id = entry.dir));`,
  // Manifests that could not be understood, each as it stood then: not tried again before it is another one.
  `CREATE TABLE unreadable (name TEXT NOT NULL, stamp TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (name, stamp)) WITHOUT ROWID;`,
];

/** Brings the tables up to date. @throws Error when the database was written by a newer PHLB */
export function migrate(db: Database): void {
  const version = Number(db.exec('PRAGMA user_version')[0]?.values[0]?.[0] ?? 0);
  if (version > MIGRATIONS.length) throw new Error(`index version ${version} is newer than this PHLB`);
  for (let v = version; v < MIGRATIONS.length; v++) {
    db.run(`BEGIN; ${MIGRATIONS[v]}; PRAGMA user_version = ${v + 1}; COMMIT`);
  }
}
