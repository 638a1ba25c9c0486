/** A manifest's text in memory, by directory. */
import { passUnforeseen, PhlbError, reason } from '../words/errors.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { MANIFEST_HEADER, parseEntry, type Entry } from './manifest.js';
import { GroupFinder, type Range } from './manifest-groups.js';

const NEWLINE = 10;

/** A manifest in memory. Where the bytes are shared, a thread can be given a range of them. */
export class ManifestText {
  /** by directory, in the file's order; directories without entries are missing */
  readonly groups: ReadonlyMap<string, Range>;
  /** the line of the source folder itself */
  readonly rootLine: string;
  /** beside which it was read; held weakly, or each of a history's manifests would keep all those before it */
  private readonly like: WeakRef<ManifestText> | undefined;
  /** directories that `like` does not have with the same lines */
  private readonly unlike: readonly string[];

  /**
   * @param like one of the same source, say: where its directories are, those with the same lines are sooner found
   * @throws SyntaxError when the text is no manifest of this format
   */
  constructor(
    readonly bytes: Buffer,
    like?: ManifestText,
  ) {
    if (bytes.toString('latin1', 0, MANIFEST_HEADER.length) !== MANIFEST_HEADER) {
      throw new SyntaxError('not a PHLB manifest of format 1');
    }
    const rootEnd = bytes.indexOf(NEWLINE, MANIFEST_HEADER.length);
    this.rootLine = bytes.toString('latin1', MANIFEST_HEADER.length, rootEnd);
    if (rootEnd < 0 || !this.rootLine.startsWith('. type=dir '))
      throw new SyntaxError('a manifest without its root entry');
    if (bytes[bytes.length - 1] !== NEWLINE) throw new SyntaxError('the last line is cut off');
    const { groups, unlike } = new GroupFinder(bytes, like).find(rootEnd + 1);
    this.groups = groups;
    this.like = like && new WeakRef(like);
    this.unlike = unlike;
  }

  /** Its directories whose lines may be others than in `older`, in its order: all of them unless it was read beside that one. */
  mayDifferFrom(older: ManifestText): Iterable<string> {
    return this.like?.deref() === older ? this.unlike : this.groups.keys();
  }

  lines(range: Range): string[] {
    return range.end <= range.start ? [] : this.bytes.toString('latin1', range.start, range.end - 1).split('\n');
  }

  /** The lines of a directory; none where it has no entries or is not there. */
  linesOf(directory: string): string[] {
    const range = this.groups.get(directory);
    return range ? this.lines(range) : [];
  }

  /**
   * All entries in the manifest's order, the source folder itself (`path: ''`) first.
   * @throws PhlbError `damaged` at a line that cannot be understood
   */
  *entries(): Generator<Entry> {
    const root = understood(this.rootLine);
    if (root) yield root;
    for (const directory of this.groups.keys()) yield* this.entriesOf(directory);
  }

  /** The entries of a directory. @throws PhlbError `damaged` likewise */
  *entriesOf(directory: string): Generator<Entry> {
    for (const line of this.linesOf(directory)) {
      const entry = understood(line);
      if (entry) yield entry;
    }
  }
}

function understood(line: string): Entry | undefined {
  try {
    return parseEntry(line);
  } catch (cause) {
    passUnforeseen(cause);
    throw new PhlbError('damaged', phrase`A manifest is not valid (${reason(cause)})`, {
      hint: commandLineHint('rehash'),
      cause,
    });
  }
}
