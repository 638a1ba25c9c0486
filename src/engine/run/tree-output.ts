import { fileLine } from '../scan/entries.js';
import type { PlaceReply } from '../transfer/requests.js';
import type { FileFacts } from '../words/contents.js';
import type { PathError } from '../words/model.js';
import type { FileToRead } from './file-work.js';
import type { TreeLines } from './tree-lines.js';
import type { TreeTally } from './tree-tally.js';

/** What comes of the files that were read: a line of the manifest each, and its part of the sums. */
export class TreeOutput {
  constructor(
    readonly lines: TreeLines,
    readonly tally: TreeTally,
    private readonly source: { device: bigint; trustCtime: boolean },
  ) {}

  stored(file: FileToRead, reply: Extract<PlaceReply, { how: string }>): void {
    const line = fileLine(this.source, file.path, reply.facts, reply.storedMtime);
    this.tally.stored(file.path, line, file.old, reply);
    this.fill(file, line);
  }

  /** It is not to be stored. */
  compared(file: FileToRead, facts: FileFacts): void {
    const line = fileLine(this.source, file.path, facts, undefined);
    this.tally.compared(file.path, line, file.old, facts);
    this.fill(file, line);
  }

  failed(file: FileToRead, error: PathError): void {
    this.tally.failed(file.old, error);
    this.fill(file, '');
  }

  private fill({ directory, at }: FileToRead, line: string): void {
    this.lines.fill(directory, at, line);
  }
}
