import type { GrepBlock, GrepLine } from '../../engine/grep/found-blocks.js';

/** A line that matches. */
export type FoundLine = GrepLine & { match: NonNullable<GrepLine['match']> };

/** A path with one content, over the snapshots in a row that hold it. */
export interface FoundVersion extends Pick<GrepBlock, 'source' | 'path' | 'first' | 'last' | 'firstAt' | 'lastAt'> {
  /** today's file has none of its lines that match */
  deleted: boolean;
  /** how many of its lines match */
  count: number;
  /** the first of them */
  lines: FoundLine[];
}

export interface FoundFile {
  /** name of its source */
  source: string;
  /** relative to it */
  path: string;
  /** the newest first */
  versions: FoundVersion[];
  /** lines that match, of all versions */
  count: number;
}

/** Lines that are kept of all, and of one version: nobody looks at more, and a log may have millions. */
export const MAX_LINES = 2000;
export const MAX_LINES_OF_ONE = 100;

/** What a search has found so far, by files in the order in which they were found first, which is about newest first. */
export class FoundText {
  readonly files: FoundFile[] = [];
  /** lines that match, of all files */
  count = 0;
  private kept = 0;
  private readonly byPath = new Map<string, FoundFile>();

  /** Nothing more is kept. */
  get isFull(): boolean {
    return this.kept >= MAX_LINES;
  }

  add(block: GrepBlock): void {
    if (this.isFull) return;
    const file = this.fileOf(block);
    const version = versionOf(file, block);
    const lines = block.lines.flatMap(line => (line.match ? [{ ...line, match: line.match }] : []));
    const room = Math.min(MAX_LINES_OF_ONE - version.lines.length, MAX_LINES - this.kept);
    const kept = lines.slice(0, Math.max(0, room));
    version.lines.push(...kept);
    version.deleted &&= block.deleted;
    this.kept += kept.length;
    for (const counted of [version, file, this]) counted.count += lines.length;
  }

  private fileOf({ source, path }: GrepBlock): FoundFile {
    const key = JSON.stringify([source, path]);
    const known = this.byPath.get(key);
    if (known) return known;
    const file: FoundFile = { source, path, versions: [], count: 0 };
    this.byPath.set(key, file);
    this.files.push(file);
    return file;
  }
}

// A long one comes in several parts.
function versionOf({ versions }: FoundFile, block: GrepBlock): FoundVersion {
  const known = versions.find(({ first, last }) => first === block.first && last === block.last);
  if (known) return known;
  const { source, path, first, last, firstAt, lastAt } = block;
  const version: FoundVersion = { source, path, first, last, firstAt, lastAt, deleted: true, count: 0, lines: [] };
  const older = versions.findIndex(other => Date.parse(other.lastAt) < Date.parse(lastAt));
  versions.splice(older < 0 ? versions.length : older, 0, version);
  return version;
}
