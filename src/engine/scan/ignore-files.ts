/** `.phlbignore` and, when asked for, `.gitignore` files: gitignore syntax, nested, the nearest file deciding last. */
import ignore, { type Ignore } from 'ignore';
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { fsPath, join } from '../names.js';
import { readBounded } from '../store/small-file.js';
import { obeyable } from './ignore-bounds.js';

/** One ignore file met on the way down. Plain data: it travels with the directories below it to other threads. */
export interface IgnoreFile {
  /** the directory that it stands in, relative to the source */
  base: string;
  /** `.phlbignore` or `.gitignore` */
  name: string;
  text: string;
}

// A larger one is no list that a person wrote; its patterns are not worth a stalled walk.
const MAX_BYTES = 256 << 10;

/**
 * The ignore files of one directory, weakest first: `.phlbignore` overrules `.gitignore`.
 * @param refused is given what of them is not obeyed, since it would stall the walk: one sentence each
 */
export function readIgnoreFiles(
  sourceDir: string,
  base: string,
  names: readonly string[],
  useGitignore: boolean,
  refused: string[] = [],
): IgnoreFile[] {
  const wanted = useGitignore ? ['.gitignore', '.phlbignore'] : ['.phlbignore'];
  const found: IgnoreFile[] = [];
  for (const name of wanted) {
    if (!names.includes(name)) continue;
    const file = fsPath(join(sourceDir, name));
    // An unreadable one is met again as a file of the walk, and named there.
    try {
      if (!statSync(file).isFile()) continue;
      const { text, why } = obeyable(readText(file));
      refused.push(...why.map(one => `Not obeyed in ${join(base, name)}: ${one}`));
      if (text !== '') found.push({ base, name, text });
    } catch {
      continue;
    }
  }
  return found;
}

// `null`: too large.
function readText(file: string | Buffer): string | null {
  // It may have become a FIFO since, which must not be waited for.
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return '';
    return readBounded(fd, stat.size, MAX_BYTES);
  } finally {
    closeSync(fd);
  }
}

/** Decides paths by chains of ignore files; keeps what it compiled. One for each thread. */
export class IgnoreMatcher {
  private readonly compiled = new Map<IgnoreFile['base'], Map<string, Ignore>>();

  /** The rule (`.phlbignore` or `.gitignore`) that leaves the path out, or `undefined`. The last file with an opinion decides. */
  match(files: readonly IgnoreFile[], path: string, isDirectory: boolean): string | undefined {
    for (let i = files.length - 1; i >= 0; i--) {
      const file = files[i];
      if (!file) continue;
      const relative = file.base === '' ? path : path.slice(file.base.length + 1);
      const verdict = this.compile(file).test(isDirectory ? `${relative}/` : relative);
      if (verdict.unignored) return undefined;
      if (verdict.ignored) return file.name;
    }
    return undefined;
  }

  private compile(file: IgnoreFile): Ignore {
    let byName = this.compiled.get(file.base);
    if (!byName) this.compiled.set(file.base, (byName = new Map()));
    let known = byName.get(file.name);
    if (!known) byName.set(file.name, (known = ignore({ allowRelativePaths: true }).add(file.text)));
    return known;
  }
}
