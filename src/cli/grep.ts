import type { GrepRequest, GrepResult } from '../engine/grep/grep.js';
import { PhlbError } from '../engine/words/errors.js';
import { Command } from './command.js';
import { grepOutput, type GrepOutput } from './grep-output.js';
import { momentFrom } from './moment.js';
import { parseSize } from './rules.js';
import { failures, type Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, size } from './text.js';

const MAX_SIZE = '10M';

export const grepCommand = new Command({
  name: 'grep',
  synopsis: 'grep <pattern> [glob...]',
  summary: 'text in the files of all snapshots of all sources',
  operands: { min: 1, max: 1000, first: 'a pattern' },
  options: [
    ...(['ignore-case', 'case-sensitive', 'fixed-strings', 'word-regexp', 'files-with-matches', 'count'] as const),
    ...(['after-context', 'before-context', 'context', 'glob', 'source', 'since', 'until'] as const),
    ...(['deleted', 'changes', 'max-size'] as const),
  ],
  optionHelp: [
    ['-i, --ignore-case', 'letters without case; without it so if the pattern has no capital letter'],
    ['-s, --case-sensitive', 'letters as they are'],
    ['-F, --fixed-strings', 'the pattern is plain text'],
    ['-w, --word-regexp', 'only whole words'],
    ['-l, --files-with-matches', 'only the paths'],
    ['-c, --count', 'only how many lines match'],
    ['-A, --after-context N', 'N lines after each match, too'],
    ['-B, --before-context N', 'N lines before each match, too'],
    ['-C, --context N', 'N lines before and after each match, too'],
    ['-g, --glob GLOB', 'only such files; with ! before it, only others (as the operands; repeatable)'],
    ['--source NAME', 'only this source'],
    ['--since TIME', 'only snapshots from then on: 2026-11-20, 2026-11-20 14:02, or 30d (ago)'],
    ['--until TIME', 'only snapshots up to then'],
    ['--deleted', "only lines that today's file of that path no longer has"],
    ['--changes', 'only the snapshots in which a path has more or fewer matches than before'],
    ['--max-size SIZE', `pass larger files over (default ${MAX_SIZE}, at most 256M)`],
  ],
  notes: [
    'The pattern is a regular expression in the syntax of RE2, nearly that of ripgrep; it is looked for line by line.',
    "Quote the globs. Without a slash they are compared with names at any depth ('*.ts'), with one with the path",
    "relative to the source ('src/**'); one that matches a folder means all that is in it.",
    'Each content is read once, those of the newest snapshots first. A block is a path with one content, and the first',
    "and last snapshot in a row that hold it; it is called deleted when today's file has none of its lines. Binary",
    'files are passed over. The exit status is 0 also when nothing matches. With --json, a line for each match.',
  ],
  run: grep,
});

async function grep(session: Session): Promise<ExitStatus> {
  const request = requestFrom(session);
  const output = grepOutput(session);
  const result = await search(session, request, output);
  if (typeof result === 'number') return result;
  const { matches, contents, binary, tooLarge, errors, unreadable } = result;
  await output.end();
  for (const id of unreadable) session.terminal.diagnose(`${id}: its manifest cannot be read; not searched`);
  session.reportErrors(errors);
  if (session.json) {
    const skipped = { skipped: binary + tooLarge, binary, tooLarge };
    await session.printJson({ type: 'summary', matches, contents, ...skipped, ...failures(errors) });
  } else if (tooLarge > 0 && !session.quiet) {
    const limit = size(parseSize(session.options['max-size'] ?? MAX_SIZE) ?? 0);
    session.terminal.diagnose(`${count(tooLarge, 'content')} larger than ${limit} not searched (--max-size)`);
  }
  return errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

async function search(session: Session, request: GrepRequest, output: GrepOutput): Promise<GrepResult | ExitStatus> {
  try {
    const onItems = async (items: Parameters<GrepOutput['take']>[0]): Promise<void> => {
      await output.take(items);
      // Whoever reads it (`head`) has enough: what is still to be found nobody will see.
      if (session.terminal.isUnread) throw new Unread();
    };
    return await session.call('grep', request, { onItems });
  } catch (error) {
    return error instanceof Unread ? ExitStatus.done : session.reportFailure(error);
  }
}

class Unread extends Error {}

function requestFrom({ location, operands, options }: Session): GrepRequest {
  const [pattern = '', ...globs] = operands;
  const { context = '0', 'after-context': after = context, 'before-context': before = context } = options;
  if (options['ignore-case'] && options['case-sensitive']) {
    throw new PhlbError('usage', 'Only one of --ignore-case and --case-sensitive can be given');
  }
  const maxSize = parseSize(options['max-size'] ?? MAX_SIZE);
  return {
    location,
    pattern,
    fixed: options['fixed-strings'] === true,
    word: options['word-regexp'] === true,
    letters: options['ignore-case'] ? 'ignore' : options['case-sensitive'] ? 'exact' : 'smart',
    globs: [...globs, ...(options.glob ?? [])],
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(options.since === undefined ? {} : { since: momentFrom('--since', options.since) }),
    ...(options.until === undefined ? {} : { until: momentFrom('--until', options.until, true) }),
    deleted: options.deleted === true,
    changes: options.changes === true,
    before: lines(before),
    after: lines(after),
    maxSize: maxSize ?? Infinity,
  };
}

function lines(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new PhlbError('usage', `Not a number of lines: ${text === '' ? 'nothing' : text}`);
}
