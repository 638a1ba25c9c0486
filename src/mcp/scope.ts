/** What a client may see: the folders that it has open, and the sources of this computer that are these or lie in them. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { realSpelling } from '../engine/files/same-folder.js';
import { tooMuchIn } from '../engine/files/too-much.js';
import { PhlbError } from '../engine/words/errors.js';
import type { ListResult, SourceInfo } from '../engine/words/model.js';
import { join, nameOfPath, pathKey, relativeInside } from '../engine/words/names.js';
import { snapshotById, sourcesInScope, type ScopedSnapshot } from '../engine/words/scoped.js';

/** What of the surroundings decides what may be seen. */
export interface ScopeBounds {
  /** absolute: the folder that the server was started in */
  start: string;
  /** absolute: the folder that `--source` names, if it does */
  named: string | undefined;
  /** absolute: the home folder, if there is one */
  home: string | undefined;
  /** absolute: the backup location */
  root: string;
}

const IN_WORDS = { drive: 'a whole file system', home: 'the home folder', backups: 'the backup location' };

/** A file or folder of today that the client has named. */
export interface ScopedPath {
  /** absolute */
  path: string;
  /** without symlinks */
  real: string;
}

/**
 * The scope of one call. What lies in it is told by where symlinks lead: an agent can make some. A snapshot of another source is
 * as good as none.
 */
export class Scope {
  private constructor(
    /** absolute, as the client or the user names them */
    readonly folders: readonly string[],
    private readonly bounds: ScopeBounds,
    private readonly real: readonly string[],
    private readonly list: () => Promise<ListResult>,
  ) {}

  /** @param roots what the client has open, absolute; `none`: it does not say */
  static async of(
    bounds: ScopeBounds,
    roots: readonly string[] | 'none',
    list: () => Promise<ListResult>,
  ): Promise<Scope> {
    const folders = roots === 'none' ? await startFolders(bounds) : roots;
    return new Scope(folders, bounds, await Promise.all(folders.map(realSpelling)), list);
  }

  /** Each with its snapshots, oldest first, also those for safety. None where nothing was backed up yet. @throws PhlbError */
  async sources(): Promise<SourceInfo[]> {
    const { sources } = await this.listed();
    const paths = sources.flatMap(({ source, snapshots }) => [
      source,
      ...snapshots.flatMap(({ folder }) => folder ?? []),
    ]);
    const inside = new Set<string>();
    for (const path of new Set(paths)) if (path !== '' && this.contains(await realSpelling(path))) inside.add(path);
    return sourcesInScope(sources, path => inside.has(path));
  }

  /** A snapshot by its id, or the newest by `NAME/latest`. @throws PhlbError `notFound` */
  async snapshot(id: string): Promise<ScopedSnapshot> {
    const sources = await this.sources();
    const latest = id.endsWith('/latest') ? sources.find(({ name }) => `${name}/latest` === id) : undefined;
    const wanted = latest ? newestOf(latest)?.id : id;
    const found = snapshotById(sources, wanted);
    if (found) return found;
    throw new PhlbError('notFound', `The open folders have no snapshot ${id}`, { hint: 'the tool list names them' });
  }

  /**
   * A path of today: absolute, or relative to the only folder in the scope. @throws PhlbError `usage` for one that lies elsewhere
   */
  path(text: string): Promise<ScopedPath> {
    return this.inside(text, realSpelling);
  }

  /** Likewise; a symlink that it names itself is not followed. @throws PhlbError `usage` */
  entry(text: string): Promise<ScopedPath> {
    return this.inside(text, async path => join(await realSpelling(dirname(path)), nameOfPath(path)));
  }

  /** The innermost source in the scope that is that folder or holds it, and where in it. */
  async sourceOf({ real }: ScopedPath): Promise<{ source: SourceInfo; path: string } | undefined> {
    const around = await Promise.all(
      (await this.sources()).map(async source => ({
        source,
        path: relativeInside(await realSpelling(source.source), real),
      })),
    );
    return around
      .flatMap(({ source, path }) => (path === undefined ? [] : [{ source, path }]))
      .reduce<{ source: SourceInfo; path: string } | undefined>(
        (best, one) => (best === undefined || one.path.length < best.path.length ? one : best),
        undefined,
      );
  }

  /**
   * Everything that somebody has, or the backups themselves, is backed up only where `--source` names it.
   * @throws PhlbError `usage`
   */
  async refuseEverything(folder: string): Promise<void> {
    const { named, home, root } = this.bounds;
    const real = await realSpelling(folder);
    if (named !== undefined && pathKey(await realSpelling(named)) === pathKey(real)) return;
    const [what] = await tooMuchIn(real, { home, root });
    if (what === undefined) return;
    throw new PhlbError('usage', `This folder holds ${IN_WORDS[what]}`, {
      path: folder,
      hint: 'open a project in it, or start the server with --source and this folder',
    });
  }

  private async inside(text: string, realOf: (path: string) => Promise<string>): Promise<ScopedPath> {
    const [first, second] = this.folders;
    if (first === undefined) {
      throw new PhlbError('usage', 'No folder of this computer is open', {
        hint: 'open a project in the client, or start the server in one or with --source',
      });
    }
    if (text.includes('\0')) throw outside(text);
    if (!isAbsolute(text) && second !== undefined) {
      throw new PhlbError('usage', 'Several folders are open: give an absolute path', { path: text });
    }
    const path = resolve(first, text);
    const real = await realOf(path);
    if (!this.contains(real)) throw outside(text);
    return { path, real };
  }

  private contains(real: string): boolean {
    return this.real.some(folder => relativeInside(folder, real) !== undefined);
  }

  private async listed(): Promise<Pick<ListResult, 'sources'>> {
    try {
      return await this.list();
    } catch (error) {
      if (PhlbError.is(error, 'notFound')) return { sources: [] };
      throw error;
    }
  }
}

// Some clients start their servers at the top of the disk or in the home folder, which says nothing of what is open.
async function startFolders({ start, named, home, root }: ScopeBounds): Promise<string[]> {
  if (named !== undefined) return [named];
  const held = await tooMuchIn(await realSpelling(start), { home, root });
  return held.includes('drive') || held.includes('home') ? [] : [start];
}

/** The newest snapshot that is not one for safety. */
export function newestOf({ snapshots }: SourceInfo): SourceInfo['snapshots'][number] | undefined {
  return snapshots.findLast(({ kind, problem }) => kind === 'snapshot' && problem === undefined);
}

/** Where a path of a source stands today. */
export function placeOf({ source }: SourceInfo, path: string): string {
  return join(source, path);
}

function outside(path: string): PhlbError {
  return new PhlbError('usage', 'Not in a folder that is open here', { path });
}
