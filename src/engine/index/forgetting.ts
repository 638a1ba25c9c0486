/** Taking out of the index what is no longer on the disk. Inside a transaction. */
import type { Database } from 'sql.js';

/** @param source its id */
export function forgetSnapshots(db: Database, source: number, stamps: readonly string[]): void {
  for (const stamp of stamps) db.run('DELETE FROM snapshot WHERE source = ? AND stamp = ?', [source, stamp]);
  db.run(
    `DELETE FROM entry WHERE dir IN (SELECT id FROM dir WHERE source = ?1) AND NOT EXISTS (
       SELECT 1 FROM snapshot WHERE source = ?1 AND ordinal >= first AND ordinal <= coalesce(last, ordinal))`,
    [source],
  );
  // What ended with a newest snapshot that has vanished is in the newest that stands.
  db.run(
    `UPDATE entry SET last = NULL WHERE dir IN (SELECT id FROM dir WHERE source = ?1)
       AND last >= (SELECT max(ordinal) FROM snapshot WHERE source = ?1)`,
    [source],
  );
  dropUnused(db);
}

/** @param source its id */
export function forgetSource(db: Database, source: number): void {
  db.run('DELETE FROM entry WHERE dir IN (SELECT id FROM dir WHERE source = ?)', [source]);
  db.run('DELETE FROM dir WHERE source = ?', [source]);
  db.run('DELETE FROM snapshot WHERE source = ?', [source]);
  db.run('DELETE FROM source WHERE id = ?', [source]);
  dropUnused(db);
}

function dropUnused(db: Database): void {
  db.run('DELETE FROM content WHERE id NOT IN (SELECT content FROM entry WHERE content IS NOT NULL)');
  db.run('DELETE FROM dir WHERE id NOT IN (SELECT dir FROM entry)');
}
