/** What was found, told for each path and run of snapshots that hold it. */
import type { HeldContent, HeldPath } from '../index/held-contents.js';
import { pathsOf, timeOf } from '../index/held-contents.js';
import { lineKey, type FoundLine } from '../search/matching-lines.js';
import type { PoolThread } from '../threads/pool.js';
import type { Searched } from '../threads/search-contents.js';
import type { Take } from '../words/call.js';
import type { ContentSearch } from './content-search.js';
import { TodaysFiles, type LinesAt } from './todays-files.js';

/** As many as fit into one message. */
const LINES_AT_ONCE = 2000;

export interface GrepLine {
  /** from 1 */
  line: number;
  /** a long one is cut around the match */
  text: string;
  cut: boolean;
  /** where the first match is in `text`, UTF-16 code units; none: the line comes along with one that matches */
  match?: { from: number; to: number };
  /** today's file of that path does not have such a line */
  deleted: boolean;
}

/** A path and a content. One with very many lines, or that stands at many paths, may come in several parts. */
export interface GrepBlock {
  type: 'block';
  source: string;
  path: string;
  /** ids of the first and the last of the snapshots in a row that hold it, and when these were started */
  first: string;
  last: string;
  firstAt: string;
  lastAt: string;
  /** today's file has none of the lines that match */
  deleted: boolean;
  /** more of it may follow */
  continues: boolean;
  lines: GrepLine[];
}

/** Of a content's lines those that were found at once, at one of its paths. */
interface Part extends LinesAt {
  found: FoundLine[];
  continues: boolean;
}

interface Compared extends Part {
  /** which of the lines that match today's file does not have */
  lost: boolean[];
}

export class FoundBlocks {
  /** lines that matched, so far */
  matches = 0;
  private readonly today: TodaysFiles;
  private turn: Promise<unknown> = Promise.resolve();
  private waiting: GrepBlock[] = [];
  private waitingLines = 0;

  constructor(
    private readonly search: ContentSearch,
    private readonly onlyLost: boolean,
    private readonly take: Take<GrepBlock>,
  ) {
    this.today = new TodaysFiles(search);
  }

  /** Tells of all that was found, also of what is still to be found in these contents. */
  async tell(found: readonly Searched<HeldContent>[], thread: PoolThread): Promise<void> {
    // Other threads tell of theirs meanwhile.
    const first = await this.compared(found, thread);
    await this.inTurn(async () => {
      await this.tellParts(first);
      for (let parts = await this.restOf(found, thread); parts.length > 0; parts = await this.restOf(parts, thread)) {
        await this.tellParts(await this.compared(parts, thread));
      }
      await this.flush();
    });
  }

  private async restOf(parts: readonly Searched<HeldContent>[], thread: PoolThread): Promise<Searched<HeldContent>[]> {
    const rest = parts.map(part => {
      const from = 'lines' in part ? part.next : undefined;
      return from && this.search.again(part.content, thread, { from });
    });
    return (await Promise.all(rest)).flatMap(part => part ?? []);
  }

  private async compared(found: readonly Searched<HeldContent>[], thread: PoolThread): Promise<Compared[]> {
    const parts = found.flatMap(partsOf);
    const lost = await this.today.lostLines(parts, thread);
    return parts.map((part, at) => ({ ...part, lost: lost[at] ?? [] }));
  }

  private async tellParts(parts: readonly Compared[]): Promise<void> {
    for (const { path, found, lost, continues } of parts) {
      const block = this.blockOf(path, found, lost);
      if (!block) continue;
      this.waiting.push({ ...block, continues });
      this.waitingLines += block.lines.length;
      if (this.waitingLines >= LINES_AT_ONCE) await this.flush();
    }
  }

  private blockOf(
    path: HeldPath,
    found: readonly FoundLine[],
    lost: readonly boolean[],
  ): Omit<GrepBlock, 'continues'> | undefined {
    let at = 0;
    const all = found.map(({ cut, ...line }) => {
      const deleted = line.match !== undefined && lost[at++] === true;
      return { ...line, cut: cut !== undefined, deleted };
    });
    const lines = this.onlyLost ? this.lostAmong(all) : all;
    const matching = lines.filter(({ match }) => match);
    if (matching.length === 0) return undefined;
    this.matches += matching.length;
    const { source, path: name, first, last } = path;
    return {
      type: 'block',
      source: source.name,
      path: name,
      first: source.snapshots[first]?.id ?? '',
      last: source.snapshots[last]?.id ?? '',
      firstAt: timeOf(source, first),
      lastAt: timeOf(source, last),
      deleted: matching.every(({ deleted }) => deleted),
      lines,
    };
  }

  private lostAmong(lines: readonly GrepLine[]): GrepLine[] {
    const { before, after } = this.search.settings.around;
    const numbers = lines.flatMap(({ line, deleted }) => (deleted ? [line] : []));
    let next = 0;
    return lines.flatMap(({ match, ...line }) => {
      if (match && line.deleted) return [{ ...line, match }];
      while ((numbers[next] ?? Infinity) < line.line - after) next++;
      return (numbers[next] ?? Infinity) <= line.line + before ? [line] : [];
    });
  }

  // What belongs together is not torn apart by what another thread finds.
  private async inTurn(work: () => Promise<void>): Promise<void> {
    const before = this.turn;
    const own = (async () => {
      await before;
      await work();
    })();
    this.turn = own;
    await own;
  }

  private async flush(): Promise<void> {
    const blocks = this.waiting;
    [this.waiting, this.waitingLines] = [[], 0];
    if (blocks.length > 0) await this.take(blocks);
  }
}

function partsOf(found: Searched<HeldContent>): Part[] {
  if (!('lines' in found)) return [];
  const lines = found.lines.flatMap(({ match, cut, text }) => (match ? [cut ?? lineKey(text)] : []));
  const part = { found: found.lines, lines, continues: found.next !== undefined };
  return pathsOf(found.content).map(path => ({ path, ...part }));
}
