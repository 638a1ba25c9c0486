import { chmodSync } from 'node:fs';
import { PhlbError } from '../words/errors.js';
import { setTime } from '../files/file-times.js';
import { HeldFolder } from '../files/held-folder.js';
import type { PathError } from '../words/model.js';
import { join } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { EntriesByInode } from '../scan/entries-by-inode.js';
import { ignoreFileNames, IgnoreMatcher } from '../scan/ignore-files.js';
import { scanDirectory } from '../scan/directory.js';
import { KernelFileSystems } from '../scan/kernel-file-systems.js';
import { noScanTally, type ScanContext, type ScanDirectory } from '../scan/scan.js';
import { inspectDirectories } from './inspect-tree.js';
import { compileGlobs } from '../scan/rules.js';
import { matchEntries, namesOfContents } from './stored-names.js';
import { TreeFolders } from '../files/tree-folders.js';
import { damageByInode } from '../store/damage.js';
import { give } from '../files/ownership.js';
import { inStore } from '../files/store-error.js';
import { removeTree } from '../store/trash.js';
import { copyChecked } from '../transfer/checked-copy.js';
import { Cloner } from '../transfer/clone.js';
import { DirectTransfer } from '../transfer/direct-transfer.js';
import { FileTransfer, pathErrorOf } from '../transfer/file-transfer.js';
import { hashStored } from '../transfer/hash-stored.js';
import type { DirectoryTimes, JobName, Jobs, RunSetup, ScanReply } from './jobs.js';
import type { HashReply } from '../transfer/hash-stored.js';
import { measure } from './measure-tree.js';
import { openToRead } from '../transfer/read-file.js';
import { SmallReads } from '../transfer/small-reads.js';
import { putTimeBack } from '../transfer/time-back.js';

interface Run {
  setup: RunSetup;
  scan: ScanContext;
  files: FileTransfer;
  reads: SmallReads;
  cancelled: () => boolean;
}

/** Does the jobs of one thread, each synchronously. Keeps what a run has set up, from its `setup` to the next. */
export class Executor {
  private run: Run | undefined;
  private readonly inspected = new Map<string, string>();

  execute<N extends JobName>(name: N, request: Jobs[N][0]): Jobs[N][1] {
    const handlers: { [K in JobName]: (request: Jobs[K][0]) => Jobs[K][1] } = {
      setup: setup => this.setup(setup),
      scan: directories => this.scan(directories),
      read: files => files.map(file => this.current().files.read(file)),
      place: places => places.map(place => this.current().files.place(place)),
      finish: directories => this.finish(directories),
      hash: request => this.hash(request),
      inspect: request => inspectDirectories(request, this.inspected, cancelFlag(request.cancel)),
      names: request => namesOfContents(request, cancelFlag(request.cancel)),
      match: request => matchEntries(request, cancelFlag(request.cancel)),
      copy: request => copyChecked(request, cancelFlag(request.cancel)),
      measure,
      remove: removeTree,
    };
    return handlers[name](request);
  }

  private hash({ paths, within, sha512 = false, cancel }: Jobs['hash'][0]): HashReply[] {
    const cancelled = cancelFlag(cancel);
    if (!within) return paths.map(path => hashStored(path, openToRead, sha512, cancelled));
    const folder = HeldFolder.open(within.path, within);
    try {
      return paths.map(path => hashStored(path, one => folder.open(one), sha512, cancelled));
    } finally {
      folder.close();
    }
  }

  private setup(setup: RunSetup): null {
    this.run?.scan.source.close();
    this.run = undefined;
    const source = HeldFolder.open(setup.source.path, setup.source);
    const { previous, rules } = setup;
    const cancelled = cancelFlag(setup.cancel);
    const damaged = damageByInode(setup.damaged);
    const cloner = new Cloner();
    const reads = new SmallReads(source, cancelled);
    const direct = setup.claims && new DirectTransfer(setup, setup.claims, cloner, reads);
    this.run = {
      setup,
      cancelled,
      files: new FileTransfer(setup, source, damaged, cloner, cancelled),
      reads,
      scan: {
        ...setup,
        source,
        storeFolders: new Set(setup.storeFolders),
        kernel: new KernelFileSystems(source),
        previous: previous && previousOf(previous),
        globs: compileGlobs(rules.exclude),
        ignores: new IgnoreMatcher(rules.ignoreFiles),
        ignoreFileNames: ignoreFileNames(rules),
        obeysTags: rules.ignoreFiles !== 'none',
        maxFileSize: rules.maxFileSize ?? Infinity,
        oneFileSystem: rules.oneFileSystem,
        only: setup.only && new Set(setup.only),
        damaged,
        reads,
        putTimeBack: (path, sha256, micros) => putTimeBack(path, sha256, micros, cancelled),
        direct,
      },
    };
    return null;
  }

  private scan(directories: ScanDirectory[]): ScanReply {
    const { scan, reads, cancelled } = this.current();
    const tally = noScanTally();
    reads.renew();
    const scans = directories.map(directory => {
      if (cancelled()) throw PhlbError.cancelled();
      const scanned = scanDirectory(scan, directory, tally);
      // What comes into its folders from now on does not change its own time.
      if (scan.tree !== null && scanned.pending.length === 0) tally.errors.push(...this.finish([directory]));
      return scanned;
    });
    return { scans, tally };
  }

  // What cannot be set is told, and no more: all that the folder holds is stored, and the manifest has its mode and time.
  private finish(directories: DirectoryTimes[]): PathError[] {
    return directories.flatMap(({ path, mode, mtime }) => {
      try {
        this.setTimes(path, mode, mtime);
        return [];
      } catch (error) {
        return [pathErrorOf(path, error)];
      }
    });
  }

  private setTimes(path: string, mode: number, mtime: number): void {
    const { setup } = this.current();
    inStore(path, join(setup.tree ?? '', path), dir => {
      // Always `u+rwx`, else the snapshot could not be removed.
      const stored = (mode & 0o777) | 0o700;
      if (setup.modes && stored !== 0o700) chmodSync(dir, stored);
      if (setup.owner) give(dir, setup.owner);
      if (setup.times) setTime(dir, mtime);
    });
  }

  private current(): Run {
    if (!this.run) throw new PhlbError('store', phrase`A thread was given a job before its setup`);
    return this.run;
  }
}

function previousOf({ tree, manifest }: NonNullable<RunSetup['previous']>): ScanContext['previous'] {
  const bytes = Buffer.from(manifest);
  return { tree, folders: new TreeFolders(tree), manifest: bytes, byInode: new EntriesByInode(bytes) };
}

/** Reads a shared cancel flag. */
function cancelFlag(cancel: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(cancel);
  return () => Atomics.load(flag, 0) !== 0;
}
