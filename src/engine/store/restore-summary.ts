/** What a restore did, in so few words that it stands in the record: listings say it of the safety snapshot. */
import { leavesOf } from '../words/leaves.js';
import type { RestoreSummary } from '../words/model.js';
import type { RestoreNote } from './restore-note.js';
import { isCount } from './rules.js';

export function summaryOf({ does, created, overwritten, deleted }: RestoreNote): RestoreSummary {
  const saved = leavesOf([...overwritten, ...deleted]);
  const put = created.map(({ path }) => path).filter(path => path !== '');
  const told = saved.length > 0 ? saved : leavesOf(put);
  return { does: does ?? 'restore', path: told[0] ?? '', count: told.length, saved: saved.length > 0 };
}

/** `undefined`: of a version that did not record it, or nonsense. */
export function checkedSummary(value: unknown): RestoreSummary | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { does, path, count, saved } = value as Partial<RestoreSummary>;
  const isDeed = does === 'restore' || does === 'undo' || does === 'redo';
  if (!isDeed || typeof path !== 'string' || !isCount(count) || typeof saved !== 'boolean') return undefined;
  return { does, path, count, saved };
}
