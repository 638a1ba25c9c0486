/**
 * The walk merged with the last manifest, one directory at a time. This is the hot path of a run in which little has
 * changed: per unchanged file one `lstat` of the source, one of the stored file, one `link` (`DirectoryWriter`).
 * All synchronous; it runs on the pool's threads.
 */
import { constants, type BigIntStats } from 'node:fs';
import { escapePath, formatEntry, storedMtimeOf, tryParseEntry, type Entry } from '../store/manifest.js';
import { isContentOf, keptChanging, type DirectlyStored, type ReadFile } from '../words/contents.js';
import { passAllButRefusals } from '../words/errors.js';
import { repositoryOf } from '../words/repositories.js';
import { nsToMicros } from '../words/times.js';
import type { ComparedDirectory, ComparisonTally, DirectoryToCompare } from './compared-directory.js';
import type { DirectoryWriter, DirectoryWriters } from './directory-writer.js';
import { entryOf, fileLine, specialEntry } from './entries.js';
import type { EntriesByInode } from './entries-by-inode.js';
import { MergedLines } from './merged-lines.js';
import { PreviousLines } from './previous-lines.js';
import {
  isRacy,
  isSameInode,
  sameContentLine,
  saysTheSame,
  storedMicros,
  unchangedSince,
  type Trust,
} from './unchanged.js';
import { DirectoryWalk, type Visitor, type Walk } from './walk-directory.js';

const { S_IFREG, S_IFDIR, S_IFLNK } = constants;

/** What stays the same for every directory. */
export interface ComparisonContext {
  walk: Walk;
  trust: Trust;
  /** the last manifest */
  previous: { manifest: Buffer; byInode: EntriesByInode } | null;
  writers: DirectoryWriters;
  /** Reads a small file at once. `undefined`: not in this way. @throws what reading throws */
  read: (path: string, seen: BigIntStats) => ReadFile | undefined;
}

/** Compares one directory, hands what can be stored at once to its writer, and says which files must be read. */
export function compareDirectory(
  context: ComparisonContext,
  directory: DirectoryToCompare,
  tally: ComparisonTally,
): ComparedDirectory {
  return new DirectoryComparison(context, directory, tally).run();
}

class DirectoryComparison implements Visitor {
  private readonly out: ComparedDirectory;
  private readonly trust: Trust;
  private readonly walk: DirectoryWalk;
  private readonly lines: MergedLines;
  private readonly writer: DirectoryWriter;
  /** it lies in a git repository's own folder; looked at when first needed */
  private isRepository: boolean | undefined;

  constructor(
    private readonly context: ComparisonContext,
    { path, previous, ignoreFiles }: DirectoryToCompare,
    private readonly tally: ComparisonTally,
  ) {
    const known = previous && context.previous;
    this.lines = new MergedLines(
      known ? new PreviousLines(known.manifest, previous, path, path === '' ? '.' : escapePath(path)) : undefined,
    );
    this.out = { path, lines: null, pending: [], directories: [] };
    this.trust = context.trust;
    this.writer = context.writers(path, tally);
    this.walk = new DirectoryWalk(context.walk, { path, ignoreFiles }, tally);
  }

  run(): ComparedDirectory {
    const { out, tally, lines } = this;
    this.walk.showTo(this);
    this.countChanged(lines.finish());
    out.lines = lines.result();
    tally.changed ||= lines.changed;
    tally.directories += out.directories.length;
    return out;
  }

  visit(name: string, path: string, type: number, stat: BigIntStats): void {
    const known = this.lines.find(name);
    if (type === S_IFREG) this.file(name, path, stat, known);
    else if (type === S_IFDIR) this.subdirectory(name, path, stat, known);
    else if (type === S_IFLNK) this.symlink(path, stat, known);
    else this.lines.add(formatEntry(specialEntry(path, stat)), known);
  }

  private file(name: string, path: string, stat: BigIntStats, known: boolean): void {
    const line = known ? this.unchanged(path, stat) : undefined;
    if (line !== undefined) return this.lines.add(line, known);
    const old = known ? this.lines.previous?.line() : undefined;
    const was = this.wasAs(stat, old);
    const moved = was && this.movedLine(path, stat, was);
    const read = moved === undefined && (was || (known && this.writer.storesNew)) ? this.read(path, stat) : undefined;
    const again = was && this.again(path, stat, { was, old, line: moved ?? this.readLine(path, read, was) });
    if (again !== undefined) return this.lines.add(again, known);
    // Whoever reads it next tells what is wrong with it.
    const stored = known && !read ? 'later' : this.writer.storeNew(path, stat, read);
    if (typeof stored === 'object') return this.stored(path, stored, old);
    const open = this.lines.leaveOpen(known);
    this.out.pending.push({ name, at: open.at, size: Number(stat.size), old, repeated: stored === 'repeated' });
  }

  // The line of a file that need not be read, and is had again from the last snapshot.
  private unchanged(path: string, stat: BigIntStats): string | number | undefined {
    const { trust, lines, tally } = this;
    const { previous } = lines;
    if (!previous || trust.checksum) return undefined;
    // Nearly all are found to say the same without being made a string.
    const stored = unchangedSince(previous.reader, trust, stat);
    const line = stored === undefined ? this.sameLine(path, stat) : previous.position;
    if (line === undefined || isRacy(trust, stat)) return undefined;
    const mtime = stored ?? storedMicros(lines.text(line), stat);
    const keeps = this.writer.again(path, path, mtime, stat.size, line);
    if (keeps === undefined) return undefined;
    tally.files++;
    tally.bytes += Number(stat.size);
    return keeps === mtime ? line : this.retimed(line, keeps);
  }

  private sameLine(path: string, stat: BigIntStats): string | undefined {
    const { trust, tally } = this;
    const old = this.lines.previous?.line();
    const was = old === undefined ? undefined : tryParseEntry(old);
    const line = sameContentLine(trust, path, stat, was, () => tally.inodeOnly++);
    // Of another inode than the one that was read: this says something new.
    if (line === undefined || was?.inode === stat.ino) return line;
    return sameContentLine(trust, path, this.context.walk.source.lstat(path), was, () => undefined);
  }

  // What the last snapshot has of it, if that may have its content: most files that are not as they were have new times
  // only, or another name.
  private wasAs(stat: BigIntStats, old: string | undefined): Entry | undefined {
    if (!this.writer.reuses) return undefined;
    const was = old === undefined ? this.wasElsewhere(stat) : tryParseEntry(old);
    return was?.type === 'file' && BigInt(was.size) === stat.size ? was : undefined;
  }

  // One with its old content is had again from its old place, and nobody has to be asked. Returns its line.
  private again(
    path: string,
    { size }: BigIntStats,
    { was, old, line }: { was: Entry; old: string | undefined; line: string | undefined },
  ): string | undefined {
    const { writer, tally } = this;
    const storedMtime = storedMtimeOf(was);
    const keeps = line === undefined ? undefined : writer.again(was.path, path, storedMtime, size, line);
    if (line === undefined || keeps === undefined) return undefined;
    tally.linkedFiles++;
    tally.linkedBytes += was.size;
    if (old === undefined || !saysTheSame(line, old)) this.countChanged(1);
    return keeps === storedMtime ? line : this.retimed(line, keeps);
  }

  private wasElsewhere(stat: BigIntStats): Entry | undefined {
    return this.trust.trustInode ? this.context.previous?.byInode.find(stat.ino) : undefined;
  }

  // Of a file that has nothing but another name, or lies in a folder that has: it need not be read.
  private movedLine(path: string, stat: BigIntStats, was: Entry): string | undefined {
    const { trust } = this;
    const isMoved = trust.trustMoves && !trust.checksum && path !== was.path && isSameInode(trust, stat, was);
    if (!isMoved || isRacy(trust, stat)) return undefined;
    return sameContentLine(trust, path, stat, was, () => undefined);
  }

  private readLine(path: string, read: ReadFile | undefined, was: Entry): string | undefined {
    const facts = read?.facts;
    return facts && !facts.unstable && isContentOf(facts, was)
      ? fileLine(this.trust, path, facts, storedMtimeOf(was))
      : undefined;
  }

  private read(path: string, stat: BigIntStats): ReadFile | undefined {
    try {
      return this.context.read(path, stat);
    } catch (error) {
      // It is read once more, and then its error is told.
      passAllButRefusals(error);
      return undefined;
    }
  }

  private stored(path: string, { facts, mtime, linked }: DirectlyStored, old: string | undefined): void {
    const { tally } = this;
    tally[linked ? 'linkedFiles' : 'copiedFiles']++;
    tally[linked ? 'linkedBytes' : 'copiedBytes'] += facts.size;
    const line = fileLine(this.trust, path, facts, mtime);
    if (old === undefined || !saysTheSame(line, old)) this.countChanged(1);
    if (facts.unstable) tally.errors.push(keptChanging(path));
    this.lines.add(line, old !== undefined);
  }

  // The line of a file whose stored one has a time of its own (microseconds).
  private retimed(line: string | number, storedMtime: number): string {
    const text = this.lines.text(line);
    const entry = tryParseEntry(text);
    return entry ? formatEntry({ ...entry, storedMtime }) : text;
  }

  private subdirectory(name: string, path: string, stat: BigIntStats, known: boolean): void {
    this.writer.makeDirectory(path);
    this.out.directories.push({
      name,
      mode: Number(stat.mode) & 0o7777,
      mtime: nsToMicros(stat.mtimeNs),
      ignoreFiles: this.walk.ignoreFiles,
    });
    this.lines.add(formatEntry(entryOf(path, stat)), known);
  }

  private symlink(path: string, stat: BigIntStats, known: boolean): void {
    const target = this.context.walk.source.readlink(path);
    const line = formatEntry({ ...entryOf(path, stat), target });
    this.writer.makeSymlink(path, target, stat.mtimeNs);
    this.tally.symlinks++;
    this.lines.add(line, known);
  }

  // What git does to its own files is no change of the user's.
  private countChanged(files: number): void {
    this.isRepository ??= repositoryOf(this.out.path) !== undefined;
    if (!this.isRepository) this.tally.changedFiles += files;
  }
}
