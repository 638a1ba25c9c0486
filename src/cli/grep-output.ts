/** What `grep` finds, printed as it comes: text, or a line of JSON for each. */
import type { GrepBlock, GrepLine } from '../engine/grep/found-blocks.js';
import type { GrepChange, GrepItem } from '../engine/grep/grep.js';
import { jsonDocument } from './json.js';
import type { Session } from './session.js';
import { localTime, printable, printableLine } from './text.js';

export interface GrepOutput {
  /** resolves when it is printed */
  take(items: readonly GrepItem[]): Promise<void>;
  /** prints what is left */
  end(): Promise<void>;
}

/** Says a block; `''`: nothing */
type Say = (block: GrepBlock) => string;

export function grepOutput(session: Session): GrepOutput {
  const { json, options } = session;
  let several = false;
  const nameOf = ({ source, path }: { source: string; path: string }): string =>
    several ? `${printable(source)}: ${printable(path)}` : printable(path);
  const counts = new Counts(json ? countJson : one => `${head(one, nameOf(one))}: ${one.count}\n`);
  const say = options['files-with-matches'] ? (json ? onceJson() : once(nameOf)) : json ? blockJson : blocks(nameOf);
  const sayItem = (item: GrepItem): string => {
    if (item.type === 'begin') several = item.sources.length > 1;
    if (item.type === 'begin') return '';
    if (item.type === 'change') return json ? changeJson(item) : changeText(item, nameOf(item));
    return options.count && !options['files-with-matches'] ? counts.add(item) : say(item);
  };
  const print = async (text: string): Promise<void> => {
    if (text !== '') await session.terminal.print(text);
  };
  return {
    take: items => print(items.map(sayItem).join('')),
    end: () => print(counts.rest()),
  };
}

type Counted = Omit<GrepBlock, 'lines' | 'continues'> & { count: number };

/** Adds up what comes in several parts. */
class Counts {
  private readonly open = new Map<string, Counted>();

  constructor(private readonly say: (counted: Counted) => string) {}

  add({ lines, continues, ...block }: GrepBlock): string {
    const key = keyOf(block);
    const before = this.open.get(key);
    const counted = {
      ...block,
      deleted: block.deleted && before?.deleted !== false,
      count: (before?.count ?? 0) + lines.filter(({ match }) => match).length,
    };
    if (continues) this.open.set(key, counted);
    else this.open.delete(key);
    return continues ? '' : this.say(counted);
  }

  rest(): string {
    return [...this.open.values()].map(this.say).join('');
  }
}

function blocks(nameOf: (block: GrepBlock) => string): Say {
  let last: string | undefined;
  let lastLine = 0;
  return block => {
    const key = keyOf(block);
    const goesOn = key === last;
    const begin = goesOn ? '' : `${last === undefined ? '' : '\n'}${head(block, nameOf(block))}\n`;
    const around = block.lines.some(({ match }) => !match);
    if (!goesOn) lastLine = 0;
    last = key;
    const lines = block.lines.map(line => {
      const gap = around && lastLine > 0 && line.line > lastLine + 1 ? '--\n' : '';
      lastLine = line.line;
      return `${gap}${lineText(line)}\n`;
    });
    return `${begin}${lines.join('')}`;
  };
}

function lineText({ line, text, match, cut }: GrepLine): string {
  return `${line}${match ? ':' : '-'} ${printableLine(text)}${cut ? ' […]' : ''}`;
}

function head({ firstAt, lastAt, first, last, deleted }: Omit<GrepBlock, 'lines' | 'continues'>, name: string): string {
  const span = first === last ? minute(firstAt) : `${minute(firstAt)} – ${minute(lastAt)}`;
  return `${name}  ${span}${deleted ? '  deleted' : ''}`;
}

function changeText({ at, before, after }: GrepChange, name: string): string {
  return `${minute(at)}  ${name}  ${before} -> ${after}\n`;
}

function minute(iso: string): string {
  return localTime(iso).slice(0, 16);
}

// Each path once, in whatever versions.
function once(nameOf: (block: GrepBlock) => string): Say {
  const said = new Set<string>();
  return block => {
    const name = nameOf(block);
    if (said.has(name)) return '';
    said.add(name);
    return `${name}\n`;
  };
}

function onceJson(): Say {
  const said = new Set<string>();
  return block => {
    const key = keyOf(block);
    if (said.has(key)) return '';
    if (block.continues) said.add(key);
    const { path, first, last, deleted } = block;
    return jsonDocument({ type: 'path', path, first, last, deleted });
  };
}

function countJson({ path, first, last, deleted, count }: Counted): string {
  return jsonDocument({ type: 'count', path, first, last, deleted, count });
}

function blockJson({ path, first, last, lines }: GrepBlock): string {
  return lines
    .map(({ line, text, match, cut, deleted }) =>
      jsonDocument({
        type: match ? 'match' : 'context',
        ...{ path, first, last },
        ...(match ? { deleted } : {}),
        ...{ line, text },
        ...(cut ? { cut } : {}),
      }),
    )
    .join('');
}

function changeJson({ path, snapshot, before, after }: GrepChange): string {
  return jsonDocument({ type: 'change', path, snapshot, before, after });
}

function keyOf({ source, path, first, last }: Pick<GrepBlock, 'source' | 'path' | 'first' | 'last'>): string {
  return JSON.stringify([source, path, first, last]);
}
