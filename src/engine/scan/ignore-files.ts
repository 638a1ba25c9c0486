/** `.phlbignore` and, when asked for, `.gitignore` files: as git takes them, nested, the nearest file deciding last. */
import ignore, { type Ignore } from 'ignore';
import { closeSync, fstatSync } from 'node:fs';
import { errno, passUnforeseen } from '../words/errors.js';
import type { RulesInForce } from '../words/model.js';
import { join } from '../words/names.js';
import { readBounded } from '../files/small-file.js';
import { obeyable } from './ignore-bounds.js';
import { ignorePatterns, toBytes, type ByteText } from './ignore-rules.js';

/** One ignore file met on the way down. Plain data: it travels with the directories below it to other threads. */
export interface IgnoreFile {
  /** the directory that it stands in, relative to the source */
  base: string;
  /** `.phlbignore` or `.gitignore` */
  name: string;
  text: ByteText;
}

/** Which ignore files are obeyed. Later than `.gitignore`, `.phlbignore` overrules it. */
export function ignoreFileNames({ useGitignore, ignoreFiles }: RulesInForce): string[] {
  if (ignoreFiles === 'none') return [];
  return useGitignore ? ['.gitignore', '.phlbignore'] : ['.phlbignore'];
}

// A larger one is no list that a person wrote; its patterns are not worth a stalled walk.
const MAX_BYTES = 256 << 10;

/**
 * The ignore files of one directory, weakest first.
 * @param open opens a file for reading by its relative path, and follows no symlink, as git follows none to a `.gitignore`
 * @param wanted `ignoreFileNames`
 * @param refused is given what of them is not obeyed, since it would stall the walk: one sentence each
 */
export function readIgnoreFiles(
  open: (path: string) => number,
  base: string,
  names: readonly string[],
  wanted: readonly string[],
  refused: string[] = [],
): IgnoreFile[] {
  const found: IgnoreFile[] = [];
  for (const name of wanted) {
    if (!names.includes(name)) continue;
    // An unreadable one is met again as a file of the walk, and named there.
    try {
      const { text, why } = obeyable(readText(open(join(base, name))));
      refused.push(...why.map(one => `Not obeyed in ${join(base, name)}: ${one}`));
      if (text !== '') found.push({ base, name, text });
    } catch (error) {
      passUnforeseen(error);
      // As git does; it may lead out of the source, or to a file without end.
      if (errno(error) === 'ELOOP')
        refused.push(`Not obeyed in ${join(base, name)}: the whole file, since it is a symlink`);
    }
  }
  return found;
}

// `null`: too large.
function readText(fd: number): ByteText | null {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return '';
    return readBounded(fd, stat.size, MAX_BYTES, 'latin1');
  } finally {
    closeSync(fd);
  }
}

/** The rules of all ignore files from the source's own folder down to one of them. */
interface Chain {
  rules: Ignore;
  /** paths judged by `rules`, which remembers each */
  judged: number;
}

// Of a million paths the memory would be larger than what it saves.
const MAX_REMEMBERED = 10_000;

/** Decides paths by chains of ignore files; keeps what it compiled. One for each thread. */
export class IgnoreMatcher {
  private readonly options: ignore.Options;
  private readonly chains = new Map<string, Chain>();

  /** @param mode of a snapshot made before this was recorded, `undefined`: without case, as it was then */
  constructor(mode: RulesInForce['ignoreFiles']) {
    this.options = { allowRelativePaths: true, ignoreCase: mode !== 'git' };
  }

  /**
   * The file (`.phlbignore` or `.gitignore`) whose rule leaves the path out, or `undefined`. Of all rules that match, the last
   * one decides. Nothing below a folder that is left out is asked for.
   */
  match(files: readonly IgnoreFile[], path: string, isDirectory: boolean): string | undefined {
    const chain = this.chain(files, files.length);
    if (++chain.judged > MAX_REMEMBERED) {
      chain.rules = ignore(this.options).add(chain.rules);
      chain.judged = 0;
    }
    return chain.rules.test(toBytes(isDirectory ? `${path}/` : path)).rule?.mark;
  }

  private chain(files: readonly IgnoreFile[], length: number): Chain {
    const file = files[length - 1];
    const key = file ? join(file.base, file.name) : '';
    let chain = this.chains.get(key);
    if (!chain) {
      const rules = ignore(this.options);
      if (file) {
        const own = ignorePatterns(file.text, toBytes(file.base)).map(pattern => ({ pattern, mark: file.name }));
        rules.add(this.chain(files, length - 1).rules).add(own);
      }
      this.chains.set(key, (chain = { rules, judged: 0 }));
    }
    return chain;
  }
}
