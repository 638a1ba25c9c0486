import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Published, Sandbox } from './sandbox.js';

/**
 * As if this snapshot had been taken ten seconds later than it was. What was changed less than two seconds before a run is
 * read again by the next one, and no program can set the times at which files were changed (ctime); so the record says it.
 */
export function elapse(box: Sandbox, { id }: Pick<Published, 'id'>): void {
  const file = box.manifest(id).replace('.mtree.gz', '.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as { scanStart: string };
  chmodSync(file, 0o600);
  writeFileSync(file, JSON.stringify({ ...record, scanStart: `${BigInt(record.scanStart) + 10_000_000_000n}` }));
}
