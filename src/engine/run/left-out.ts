/** Telling what a snapshot does not hold because it was left out, by its rules or for an error. */
import type { RulesInForce } from '../words/model.js';
import { basename, dirname, join } from '../words/names.js';
import { ignoreFileNames, IgnoreMatcher, readIgnoreFiles, type IgnoreFile } from '../scan/ignore-files.js';
import { compileGlobs, type GlobMatcher } from '../scan/rules.js';
import type { ManifestText } from '../store/manifest-text.js';
import { namesAllErrors } from '../store/bounded.js';
import type { Entry } from '../store/manifest.js';
import type { SnapshotRecord } from '../store/record.js';
import { openToRead } from '../transfer/read-file.js';

interface Folder {
  out: boolean;
  /** ignore files that hold here, outermost first */
  ignoreFiles: IgnoreFile[];
}

/**
 * Judges paths that an earlier snapshot holds and this one does not. What was left out by the state of the source alone
 * (a new `CACHEDIR.TAG`, a file that has grown too large, a folder where another file system is mounted now) left no trace and
 * is not seen.
 */
export class LeftOut {
  private readonly globs: GlobMatcher;
  private readonly ignores: IgnoreMatcher;
  private readonly ignoreFileNames: readonly string[];
  private readonly failed: ReadonlySet<string>;
  /** else any path may have had one */
  private readonly knowsErrors: boolean;
  private readonly folders = new Map<string, Folder>();

  /** @param tree the snapshot's, with its ignore files */
  constructor(
    private readonly rules: RulesInForce,
    record: Pick<SnapshotRecord, 'errors' | 'errorCount'>,
    private readonly tree: string,
    private readonly manifest: ManifestText,
  ) {
    this.globs = compileGlobs(rules.exclude);
    this.ignores = new IgnoreMatcher(rules.ignoreFiles);
    this.ignoreFileNames = ignoreFileNames(rules);
    this.failed = new Set(record.errors.map(error => error.path));
    this.knowsErrors = namesAllErrors(record);
  }

  has({ path, type, size, dev }: Entry): boolean {
    const { maxFileSize, oneFileSystem } = this.rules;
    if (!this.knowsErrors) return true;
    if (type === 'file' && maxFileSize !== null && size > maxFileSize) return true;
    if (oneFileSystem && dev !== undefined) return true;
    return this.isOut(path, type === 'dir');
  }

  private isOut(path: string, isDirectory: boolean): boolean {
    if (this.failed.has(path)) return true;
    if (path === '') return false;
    const { out, ignoreFiles } = this.folder(dirname(path));
    if (out || this.globs(path, basename(path), isDirectory) !== undefined) return true;
    return this.ignores.match(ignoreFiles, path, isDirectory) !== undefined;
  }

  private folder(path: string): Folder {
    const known = this.folders.get(path);
    if (known) return known;
    const above = path === '' ? [] : this.folder(dirname(path)).ignoreFiles;
    // Only what the manifest knows as a folder is one: a symlink in the tree would lead elsewhere.
    const own = this.manifest.groups.has(path)
      ? readIgnoreFiles(file => openToRead(join(this.tree, file)), path, this.ignoreFileNames, this.ignoreFileNames)
      : [];
    const folder = { out: this.isOut(path, true), ignoreFiles: [...above, ...own] };
    this.folders.set(path, folder);
    return folder;
  }
}
