/** What of a restore's creations an undo may remove: what is still as the restore made it. */
import type { BigIntStats } from 'node:fs';
import type { Context } from '../threads/context.js';
import { errno, reason, refusalCode } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { dirname, join } from '../words/names.js';
import type { RestoreNote } from '../store/restore-note.js';
import { hashFiles } from '../threads/hash-files.js';
import { whyNotSaved, whyNotWritten } from './conflicts.js';
import { seenOf, type Removal } from './plan.js';
import type { Target } from './target.js';

type Created = RestoreNote['created'][number];

/** @returns what goes, what is in a folder before the folder; and what is left, with the reason. @throws PhlbError `cancelled` */
export async function judgeCreated(
  target: Target,
  created: readonly Created[],
  context: Context,
): Promise<{ removals: Removal[]; errors: PathError[] }> {
  const judge = new Judge(target);
  const there = created.flatMap(one => judge.look(one) ?? []);
  const hashes = new Map<string, string | undefined>();
  const files = there.filter(({ one, stat }) => one.type === 'file' && stat.isFile());
  if (files.length > 0) {
    const all = files.map(({ one, stat }) => ({ ...one, size: Number(stat.size) }));
    const within = target.held.id;
    await hashFiles(all, context, ({ path }, { sha256 }) => hashes.set(path, sha256), { within });
  }
  // Parents come first in the note.
  for (const { one, stat } of there.reverse()) judge.decide(one, stat, hashes.get(one.path));
  const { removals, errors } = judge;
  return { removals, errors };
}

class Judge {
  readonly removals: Removal[] = [];
  readonly errors: PathError[] = [];
  private readonly created = new Set<string>();
  private readonly going = new Set<string>();

  constructor(private readonly target: Target) {}

  look(one: Created): { one: Created; stat: BigIntStats } | undefined {
    this.created.add(one.path);
    try {
      if (one.path === '') return this.target.stat && { one, stat: this.target.stat };
      const stat = this.target.held.find(one.path);
      return stat && { one, stat };
    } catch (error) {
      // What lies behind a symlink was not made by the restore.
      if (errno(error) === 'ENOTDIR') return undefined;
      this.leave(one.path, refusalCode(error), reason(error));
      return undefined;
    }
  }

  decide(one: Created, stat: BigIntStats, sha256: string | undefined): void {
    const { path } = one;
    const { held } = this.target;
    const seen = seenOf(stat);
    try {
      if (seen.kind !== one.type)
        return this.leave(path, 'ECHANGED', 'Something else has been put there since the restore');
      if (seen.kind === 'dir') {
        const inside = held.names(path).map(name => join(path, name));
        if (inside.some(child => !this.created.has(child))) {
          return this.leave(path, 'ENOTEMPTY', 'It holds what was added since the restore');
        }
        // What of it stays has been named.
        if (inside.some(child => !this.going.has(child))) return;
      } else {
        const same = seen.kind === 'file' ? sha256 === one.sha256 : held.readlink(path) === one.target;
        if (!same) return this.leave(path, 'ECHANGED', 'It has changed since the restore');
      }
      const refusal =
        (seen.kind === 'dir' ? undefined : whyNotSaved(held, path, seen)) ??
        (path === '' ? undefined : whyNotWritten(held, dirname(path)));
      if (refusal) return this.leave(path, refusal.code, refusal.message);
      this.going.add(path);
      this.removals.push({ path, seen });
    } catch (error) {
      this.leave(path, refusalCode(error), reason(error));
    }
  }

  private leave(path: string, code: string, message: string): void {
    this.errors.push({ path, code, message });
  }
}
