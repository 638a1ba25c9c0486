/** What git has done lately, told by the traces that it leaves in its own folders. */
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { errno } from '../../engine/words/errors.js';

/** There while git is at work on more than one step. */
const UNDER_WAY = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'];
/** A lock that was there so long before is one that a crash has left. */
const STALE_MS = 5 * 60_000;
const TAIL_BYTES = 64 << 10;

interface Repository {
  /** of this work tree */
  folder: string;
  /** of all its work trees */
  common: string;
}

/** Knows the repositories of folders, for one moment. */
export class GitHeads {
  private readonly known = new Map<string, Promise<Repository | undefined>>();
  private readonly answers = new Map<string, Promise<boolean>>();

  /** @param since milliseconds since the epoch */
  constructor(private readonly since: number) {}

  /**
   * Whether git itself has changed what lies in a folder: HEAD moved (a checkout, a pull, a rebase), something was stashed or
   * taken from there, a merge has begun. Not so for what throws work away where HEAD is (`reset --hard`, `checkout -- .`).
   * @param folder absolute; it may be gone
   */
  async moved(folder: string): Promise<boolean> {
    const repository = await this.repositoryOf(folder);
    if (!repository) return false;
    let answer = this.answers.get(repository.folder);
    if (!answer) this.answers.set(repository.folder, (answer = this.look(repository)));
    return answer;
  }

  /** Whether git is at it still in any of the folders: it holds the index. */
  async isBusy(folders: readonly string[]): Promise<boolean> {
    const found = await Promise.all(folders.map(folder => this.repositoryOf(folder)));
    const locks = new Set(found.flatMap(repository => (repository ? [join(repository.folder, 'index.lock')] : [])));
    return this.isNew([...locks], this.since - STALE_MS);
  }

  private repositoryOf(folder: string): Promise<Repository | undefined> {
    let found = this.known.get(folder);
    if (!found) this.known.set(folder, (found = this.find(folder)));
    return found;
  }

  private async find(folder: string): Promise<Repository | undefined> {
    const own = await gitFolder(join(folder, '.git'));
    if (own !== undefined) return { folder: own, common: await commonFolder(own) };
    const above = dirname(folder);
    return above === folder ? undefined : this.repositoryOf(above);
  }

  private async look({ folder, common }: Repository): Promise<boolean> {
    const log = join(folder, 'logs', 'HEAD');
    const logged = await changedAt(log);
    const heads = logged > 0 ? (logged >= this.since ? await hasMoved(log, this.since) : false) : undefined;
    if (heads ?? (await this.isNew(await headFiles(folder, common)))) return true;
    // A stash stands in `refs` itself, all other names in folders of their own.
    const names = [join(common, 'refs'), join(common, 'reftable', 'tables.list')];
    return this.isNew([...UNDER_WAY.map(name => join(folder, name)), ...names]);
  }

  private async isNew(files: readonly string[], since = this.since): Promise<boolean> {
    const times = await Promise.all(files.map(changedAt));
    return times.some(time => time >= since);
  }
}

// `.git` is a folder, or in a work tree or a submodule a file that names it.
async function gitFolder(path: string): Promise<string | undefined> {
  const stats = await unlessMissing(stat(path));
  if (!stats) return undefined;
  if (stats.isDirectory()) return path;
  const named = /^gitdir: (.+?)\s*$/.exec(await text(path))?.[1];
  return named === undefined ? undefined : resolve(dirname(path), named);
}

async function commonFolder(folder: string): Promise<string> {
  const named = (await text(join(folder, 'commondir'))).trim();
  return named === '' ? folder : isAbsolute(named) ? named : resolve(folder, named);
}

// HEAD, and the branch that it names.
async function headFiles(folder: string, common: string): Promise<string[]> {
  const head = join(folder, 'HEAD');
  const branch = /^ref: (.+?)\s*$/.exec(await text(head))?.[1];
  return branch === undefined ? [head] : [head, join(common, branch)];
}

// `<old> <new> <who> <seconds> <zone>\t<why>`. Dates can be made up, so the last line counts in any case.
async function hasMoved(log: string, since: number): Promise<boolean> {
  const lines = (await tail(log)).trimEnd().split('\n');
  return lines.some((line, at) => {
    const [, before, after, seconds] =
      /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) .*> (\d+) [-+]\d+(?:\t|$)/.exec(line) ?? [];
    if (before === undefined || before === after) return false;
    return at === lines.length - 1 || (Number(seconds) + 1) * 1000 > since;
  });
}

async function tail(path: string): Promise<string> {
  // A pipe in its place would be waited for.
  const handle = (await unlessMissing(stat(path)))?.isFile() ? await unlessMissing(open(path)) : undefined;
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Milliseconds since the epoch; 0: it is not there. */
async function changedAt(path: string): Promise<number> {
  return (await unlessMissing(stat(path)))?.mtimeMs ?? 0;
}

async function text(path: string): Promise<string> {
  const stats = await unlessMissing(stat(path));
  // These hold a line.
  return stats?.isFile() && stats.size < TAIL_BYTES ? ((await unlessMissing(readFile(path, 'utf8'))) ?? '') : '';
}

// What cannot be read tells as little as what is not there.
async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return undefined;
  }
}
