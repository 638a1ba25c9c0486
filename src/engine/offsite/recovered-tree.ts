/** One tree that comes back: a draft in `partial/`, filled from what is here and what the repository has. */
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { HeldFolder } from '../files/held-folder.js';
import { setTime, setTimeOfLink } from '../files/file-times.js';
import { makeFolder } from '../files/make-folder.js';
import { otherOwner } from '../files/ownership.js';
import { remove } from '../files/remove.js';
import { inStore, isLinkRefused, makeEntry } from '../files/store-error.js';
import type { Capabilities } from '../store/capabilities.js';
import { storedMtimeOf, type Entry } from '../store/manifest.js';
import type { ManifestText } from '../store/manifest-text.js';
import type { PartialSnapshot } from '../store/publish.js';
import type { Store } from '../store/root.js';
import type { Context } from '../threads/context.js';
import { finishDirectory } from '../threads/finish-directory.js';
import { hashFiles } from '../threads/hash-files.js';
import type { HashReply } from '../transfer/hash-stored.js';
import { isCancelled } from '../words/call.js';
import { contentKey } from '../words/contents.js';
import { PhlbError, reason, refusalCode } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { dirname, fsPath, isSafeRelative, join, nameToBuffer } from '../words/names.js';
import type { Phrase } from '../words/phrase.js';
import { nsToMicros } from '../words/times.js';
import { includeFiles } from './include-patterns.js';
import type { LocalContents } from './local-contents.js';
import type { Copy } from './repository.js';
import { FAILED, type Restic } from './restic.js';
import { Movement, numberIn, type ResticMessage } from './restic-watch.js';

/** So few are fetched one by one, whatever else the tree holds. */
const FEW = 1000;

export class RecoveredTree {
  readonly errors: PathError[] = [];
  /** bytes of contents that came from the repository */
  fetchedBytes = 0;
  /** names of contents that were here */
  linkedFiles = 0;
  private readonly fetched: string;
  private readonly folders = new Map<string, Entry>();
  /** what has come, by content: where it stands now */
  private readonly placed = new Map<string, string>();

  /** @param partial its folder may be there, with what an earlier try has fetched */
  constructor(
    private readonly store: Store,
    private readonly capabilities: Capabilities,
    private readonly partial: PartialSnapshot,
    private readonly local: LocalContents,
    private readonly context: Context,
  ) {
    this.fetched = join(partial.folder, 'fetched');
  }

  /** @throws PhlbError `store`, `offsite`, `cancelled`, `damaged` */
  async fill(manifest: ManifestText, copy: Copy, restic: Restic, detail: Phrase): Promise<void> {
    makeFolder(this.partial.folder);
    [this.partial.tree, this.partial.manifest].forEach(remove);
    makeFolder(this.partial.tree);
    const missing = this.missingFrom(manifest);
    if (missing.wanted.size > 0) {
      makeFolder(this.fetched);
      await this.fetchMissing(missing, copy, restic, detail);
    }
    const arrived = await this.arrived(missing.wanted);
    this.build(manifest, arrived, detail);
    remove(this.fetched);
  }

  /** The tree stands: its files can be linked from there. */
  published(tree: string): void {
    this.local.moved(this.partial.tree, tree);
  }

  // One file of each content that is not here.
  private missingFrom(manifest: ManifestText): Missing {
    const wanted = new Map<string, Entry>();
    const missing: Missing = { wanted, bytes: 0, files: 0, ofBytes: 0 };
    for (const entry of manifest.entries()) {
      if (entry.type !== 'file' || !isSafeRelative(entry.path)) continue;
      missing.files++;
      missing.ofBytes += entry.size;
      if (this.local.find(entry).content || wanted.has(contentKey(shaOf(entry)))) continue;
      wanted.set(contentKey(shaOf(entry)), entry);
      missing.bytes += entry.size;
    }
    return missing;
  }

  private async fetchMissing(missing: Missing, copy: Copy, restic: Restic, detail: Phrase): Promise<void> {
    const { wanted, bytes: totalBytes, files, ofBytes } = missing;
    const movement = new Movement();
    const onMessage = (message: ResticMessage): boolean => {
      const [done, fetched] = [numberIn(message, 'files_restored'), numberIn(message, 'bytes_restored')];
      this.context.onProgress({ phase: 'fetching', files: done, bytes: fetched, totalBytes, detail });
      return movement.of(message);
    };
    const restoreTo = ['restore', copy.restic, '--target', this.fetched, '--sparse', '--json'];
    const isMost = wanted.size > FEW && totalBytes * 2 > ofBytes;
    const includes =
      isMost || wanted.size === files ? [null] : includeFiles([...wanted.values()].map(({ path }) => path));
    for (const include of includes) {
      const list = join(this.partial.folder, 'include');
      if (include) writeFileSync(list, include);
      const args = include ? [...restoreTo, '--include-file', list] : restoreTo;
      const { status } = await restic.run(args, { long: true, accepts: [FAILED], onMessage });
      // Files that it has lost are found when they are hashed; a server that has gone stops all.
      if (status === FAILED) await restic.answers();
      remove(list);
    }
  }

  /** Of what was wanted what has come whole. */
  private async arrived(wanted: ReadonlyMap<string, Entry>): Promise<Map<string, Entry>> {
    const arrived = new Map<string, Entry>();
    if (wanted.size === 0) return arrived;
    const files = [...wanted].map(([key, entry]) => ({ key, entry, path: entry.path, size: entry.size }));
    const onHashed = ({ key, entry }: (typeof files)[number], { sha256, size }: HashReply): void => {
      if (sha256 !== entry.sha256 || size !== entry.size) return;
      arrived.set(key, entry);
      this.fetchedBytes += size;
    };
    // Through no symlink, whatever somebody has put into the repository: what is found here is moved into the tree.
    const folder = HeldFolder.open(this.fetched);
    try {
      await hashFiles(files, this.context, onHashed, { within: folder.idWhileHeld() });
    } finally {
      folder.close();
    }
    if (isCancelled(this.context)) throw PhlbError.cancelled();
    return arrived;
  }

  private build(manifest: ManifestText, arrived: ReadonlyMap<string, Entry>, detail: Phrase): void {
    let files = 0;
    for (const entry of manifest.entries()) {
      if (entry.path === '') {
        this.folders.set('', entry);
        continue;
      }
      this.attempt(entry, () => this.place(entry, arrived));
      if (++files % 10_000 === 0) {
        if (isCancelled(this.context)) throw PhlbError.cancelled();
        this.context.onProgress({ phase: 'restoring', files, bytes: 0, detail });
      }
    }
    const { modes, times } = this.capabilities;
    const owner = otherOwner(this.store.layout.root);
    // What is below a folder changes its time.
    for (const [path, entry] of [...this.folders].reverse()) {
      const finished = { path, mode: entry.mode, mtime: nsToMicros(entry.mtime) };
      this.errors.push(...finishDirectory({ tree: this.partial.tree, modes, times, owner }, finished));
    }
  }

  private place(entry: Entry, arrived: ReadonlyMap<string, Entry>): void {
    const { path, type } = entry;
    // Whoever has written the manifest: nothing is made outside of the tree, nor through a symlink.
    if (!isSafeRelative(path) || !this.folders.has(dirname(path))) {
      throw Object.assign(new Error('EINVAL: no folder of this snapshot holds it'), { code: 'EINVAL' });
    }
    const stored = join(this.partial.tree, path);
    if (type === 'dir') {
      inStore(path, stored, folder => mkdirSync(folder, { mode: 0o700 }));
      this.folders.set(path, entry);
    } else if (type === 'link') this.placeLink(entry, stored);
    else if (type === 'file') this.placeFile(entry, stored, arrived);
    // The others are recorded only.
  }

  private placeLink({ path, target = '', mtime }: Entry, stored: string): void {
    makeEntry(
      path,
      stored,
      link => symlinkSync(nameToBuffer(target), link),
      (_, link) => this.capabilities.linkTimes && setTimeOfLink(link, nsToMicros(mtime)),
    );
  }

  private placeFile(entry: Entry, stored: string, arrived: ReadonlyMap<string, Entry>): void {
    const key = contentKey(shaOf(entry));
    const { twin, content } = this.local.find(entry);
    // Where times are not kept as they were, nothing here is as it was recorded.
    const from = content?.path ?? this.placed.get(key);
    if (twin && this.capabilities.hardlinks && this.link(entry, twin.path, stored)) this.linkedFiles++;
    else if (from !== undefined) {
      this.copy(entry, from, stored);
      this.local.replace(entry, stored);
      this.linkedFiles++;
    } else {
      const fetched = arrived.get(key);
      if (!fetched) throw lost();
      inStore(entry.path, stored, file => renameSync(fsPath(join(this.fetched, fetched.path)), file));
      this.finish(entry, stored);
      this.local.add(entry, stored);
      this.placed.set(key, stored);
    }
  }

  private link(entry: Entry, from: string, stored: string): boolean {
    try {
      inStore(entry.path, stored, file => linkSync(fsPath(from), file));
      return true;
    } catch (error) {
      if (isLinkRefused(error)) return false;
      throw error;
    }
  }

  private copy(entry: Entry, from: string, stored: string): void {
    const how = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    inStore(entry.path, stored, file => copyFileSync(fsPath(from), file, how));
    this.finish(entry, stored);
  }

  // Mode and time that the stored file had; write permission as it came.
  private finish(entry: Entry, stored: string): void {
    inStore(entry.path, stored, file => {
      const { mode, mtimeNs } = lstatSync(file, { bigint: true });
      const wanted = (Number(mode) & 0o222) | (entry.mode & 0o555);
      if (this.capabilities.modes && wanted !== (Number(mode) & 0o7777)) chmodSync(file, wanted);
      if (this.capabilities.times && nsToMicros(mtimeNs) !== storedMtimeOf(entry)) setTime(file, storedMtimeOf(entry));
    });
  }

  private attempt(entry: Entry, act: () => void): void {
    try {
      act();
    } catch (error) {
      const code = refusalCode(error);
      this.errors.push({ path: entry.path, code, message: code === LOST ? LOST_TEXT : reason(error) });
    }
  }
}

interface Missing {
  /** by content */
  wanted: Map<string, Entry>;
  /** of those */
  bytes: number;
  /** of the whole tree */
  files: number;
  ofBytes: number;
}

const LOST = 'ELOST';
const LOST_TEXT = 'The repository has lost it';

function lost(): Error {
  return Object.assign(new Error(LOST_TEXT), { code: LOST });
}

function shaOf({ sha256 = '', mode }: Entry): { sha256: string; mode: number } {
  return { sha256, mode };
}
