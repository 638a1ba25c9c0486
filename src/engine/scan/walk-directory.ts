/** The walk over a source, one directory at a time: what is in it, and what of that the rules let through. Synchronous. */
import { constants, type BigIntStats } from 'node:fs';
import type { HeldFolder } from '../files/held-folder.js';
import { checkPath } from '../store/manifest.js';
import { folderKey } from '../store/store-folders.js';
import { reason, refusalCode } from '../words/errors.js';
import type { ExcludedCount, PathError, RulesInForce } from '../words/model.js';
import { join } from '../words/names.js';
import { isCacheDirectory } from './cachedir.js';
import { ignoreFileNames, IgnoreMatcher, readIgnoreFiles, type IgnoreFile } from './ignore-files.js';
import { KernelFileSystems } from './kernel-file-systems.js';
import { compileGlobs, type GlobMatcher } from './rules.js';

const { S_IFMT, S_IFREG, S_IFDIR } = constants;

/** What a walk is told. Fit for `postMessage`. */
export interface WalkSettings {
  /** device number of the source folder */
  device: bigint;
  rules: RulesInForce;
  /** nothing but these paths and what leads to them, whatever the rules say; `null`: everything */
  only: ReadonlySet<string> | null;
  /** relative path of the backup root below the source, if it is there: never entered */
  leaveOut: string | null;
  /** by device and inode (`storeFolders`): never entered, whatever their names */
  storeFolders: ReadonlySet<string>;
}

/** What stays the same for every directory of a walk. */
export interface Walk extends WalkSettings {
  source: HeldFolder;
  kernel: KernelFileSystems;
  globs: GlobMatcher;
  ignores: IgnoreMatcher;
  ignoreFileNames: readonly string[];
  maxFileSize: number;
}

export function prepareWalk(source: HeldFolder, settings: WalkSettings): Walk {
  const { rules } = settings;
  return {
    ...settings,
    source,
    kernel: new KernelFileSystems(source),
    globs: compileGlobs(rules.exclude),
    ignores: new IgnoreMatcher(rules.ignoreFiles),
    ignoreFileNames: ignoreFileNames(rules),
    maxFileSize: rules.maxFileSize ?? Infinity,
  };
}

/** What is told of the directories that were walked over, besides their entries. */
export interface WalkTally {
  excluded: ExcludedCount[];
  errors: PathError[];
  /** rules of ignore files that are not obeyed, one sentence each */
  refused: string[];
}

export function noWalkTally(): WalkTally {
  return { excluded: [], errors: [], refused: [] };
}

export interface Visitor {
  /** Told of each entry that is not left out. @param type the bits of its mode that say what it is */
  visit(name: string, path: string, type: number, stat: BigIntStats): void;
}

// A class only so that the loop's state need not be handed from function to function.
export class DirectoryWalk {
  /** those that hold below this directory, outermost first */
  readonly ignoreFiles: IgnoreFile[];
  private readonly path: string;
  private readonly names: string[];
  private readonly excluded = new Map<string, ExcludedCount>();

  /** Reads the directory's names. @param directory `ignoreFiles`: its ancestors' */
  constructor(
    private readonly walk: Walk,
    directory: { path: string; ignoreFiles: IgnoreFile[] },
    private readonly tally: WalkTally,
  ) {
    const { source, ignoreFileNames: wanted } = walk;
    this.path = directory.path;
    this.names = this.readNames();
    const own = readIgnoreFiles(file => source.open(file), this.path, this.names, wanted, tally.refused);
    this.ignoreFiles = own.length > 0 ? [...directory.ignoreFiles, ...own] : directory.ignoreFiles;
  }

  /** Shows the entries in the order of their names. What the system refuses to the visitor is told as an error of that entry. */
  showTo(visitor: Visitor): void {
    for (const name of this.names) this.show(name, visitor);
    for (const count of this.excluded.values()) this.tally.excluded.push(count);
  }

  private readNames(): string[] {
    const { path } = this;
    const { only, source } = this.walk;
    try {
      let names = source.names(path);
      if (only) names = names.filter(name => only.has(join(path, name)));
      return names.sort();
    } catch (error) {
      this.fail(path, error);
      return [];
    }
  }

  private show(name: string, visitor: Visitor): void {
    const path = join(this.path, name);
    try {
      checkPath(path);
      const stat = this.look(path);
      const type = Number(stat.mode) & S_IFMT;
      const rule = excludedBy(this.walk, this.ignoreFiles, path, name, type, stat);
      if (rule !== undefined) this.count(rule, type === S_IFDIR);
      else visitor.visit(name, path, type, stat);
    } catch (error) {
      this.fail(path, error);
    }
  }

  // What a glance says of a regular file is not believed any further than this: all that is new is read, and what is read
  // says what it is (`transfer/read-file.ts`). Twice the time would be spent on each unchanged file otherwise.
  private look(path: string): BigIntStats {
    const { source } = this.walk;
    const glance = source.glance(path);
    return glance && (Number(glance.mode) & S_IFMT) === S_IFREG ? glance : source.lstat(path);
  }

  private count(rule: string, isDirectory: boolean): void {
    const counted = this.excluded.get(rule) ?? { rule, directories: 0, files: 0 };
    this.excluded.set(rule, counted);
    if (isDirectory) counted.directories++;
    else counted.files++;
  }

  private fail(path: string, error: unknown): void {
    this.tally.errors.push({ path, code: refusalCode(error), message: reason(error) });
  }
}

/**
 * Which rule leaves out what is met; `undefined`: none. Without an object of its arguments: this is done once a file.
 * @param ignoreFiles those that hold in its folder, outermost first
 * @param type the bits of its mode that say what it is
 */
export function excludedBy(
  walk: Walk,
  ignoreFiles: readonly IgnoreFile[],
  path: string,
  name: string,
  type: number,
  stat: BigIntStats,
): string | undefined {
  if (walk.only) return undefined;
  const isDirectory = type === S_IFDIR;
  if (path === walk.leaveOut || (isDirectory && walk.storeFolders.has(folderKey(stat)))) return 'backup root';
  const glob = walk.globs(path, name, isDirectory);
  if (glob !== undefined) return glob;
  if (ignoreFiles.length > 0) {
    const file = walk.ignores.match(ignoreFiles, path, isDirectory);
    if (file !== undefined) return file;
  }
  if (type === S_IFREG && stat.size > walk.maxFileSize) return 'maxFileSize';
  return isDirectory ? folderExcludedBy(walk, path, stat) : undefined;
}

function folderExcludedBy(walk: Walk, path: string, stat: BigIntStats): string | undefined {
  const { rules, device, kernel, source } = walk;
  if (stat.dev !== device) {
    if (rules.oneFileSystem) return 'oneFileSystem';
    if (kernel.has(path, stat.dev)) return 'kernel file system';
  }
  return rules.ignoreFiles !== 'none' && isCacheDirectory(source, path) ? 'CACHEDIR.TAG' : undefined;
}
