/** What is looked for in a line. */
import type * as re2js from 're2js';
import { PhlbError } from '../words/errors.js';
import { phrase } from '../words/phrase.js';
import { requiredTexts } from './required-texts.js';
import { TextFinder, type Stretch } from './text-finder.js';

/** Plain data, fit for `postMessage`. */
export interface PatternOptions {
  /** a regular expression in RE2's syntax (https://github.com/google/re2/wiki/Syntax), unless `fixed` */
  pattern: string;
  /** the pattern is a plain text */
  fixed?: boolean;
  /** only where it begins and ends with a word */
  word?: boolean;
  /** `smart`, which is the default: letters are compared without case unless there is a capital one in the pattern */
  letters?: 'smart' | 'ignore' | 'exact';
}

// Nobody writes longer ones; with counted repetitions in each other a short one can become as large.
const MAX_PATTERN = 4096;
const MAX_PROGRAM = 20_000;
const LONG_LINE = 100_000;
const MOST_IN_LINE = 1000;
type Engine = typeof re2js;
type Expression = re2js.RE2JS;

const NO_WORD = String.raw`[^\pL\pM\pN_]`;

/** Its time grows with the length of a line, whatever the pattern. */
export class Pattern {
  /** finds what each line that matches has; `undefined`: nothing of that kind is known */
  readonly required: TextFinder | undefined;

  private constructor(
    private readonly expression: Expression | undefined,
    texts: string[] | undefined,
    ignoresCase: boolean,
    /** of the expression's groups the one that is the match */
    private readonly group: number,
    /** matches every text that has a line that matches */
    private readonly whole?: Expression,
  ) {
    this.required = texts && new TextFinder(texts, ignoresCase);
  }

  /** @throws PhlbError `usage` for what is no regular expression, or is too large */
  static async compile({ pattern, fixed = false, word = false, letters = 'smart' }: PatternOptions): Promise<Pattern> {
    if (pattern.length > MAX_PATTERN) throw tooLarge();
    if (pattern.includes('\n')) throw new PhlbError('usage', phrase`A pattern cannot go beyond the end of a line`);
    const ignoresCase = letters === 'ignore' || (letters === 'smart' && !hasCapital(pattern, fixed));
    const required = fixed ? { texts: [pattern], isAll: true } : requiredTexts(pattern);
    if (required?.isAll && !word) return new Pattern(undefined, required.texts, ignoresCase, 0);
    // Its tables take 10 ms to set up.
    const engine = await import('re2js');
    const body = fixed ? engine.RE2JS.quote(pattern) : pattern;
    // First by itself: a `)` too many does not end what is around it.
    const expression = compileExpression(engine, body, ignoresCase);
    // One look at a whole text costs half of those at its lines. In it other places are its beginning and its end.
    const whole = /\$|\\[AzQ]|\(\?[^:]/.test(body) ? undefined : compileExpression(engine, body, ignoresCase, true);
    if (!word) return new Pattern(expression, required?.texts, ignoresCase, 0, whole);
    const framed = compileExpression(engine, `(?:^|${NO_WORD})(${body})(?:${NO_WORD}|$)`, ignoresCase);
    return new Pattern(framed, required?.texts, ignoresCase, 1, whole);
  }

  /** Whether a line of this text may match. */
  mayBeIn(text: string): boolean {
    return this.whole?.test(text) ?? true;
  }

  /** The first match in a line from there on. */
  find(line: string, from = 0): Stretch | undefined {
    if (!this.expression) return this.required?.find(line, from);
    if (from === 0 && !this.expression.test(line)) return undefined;
    const matcher = this.expression.matcher(line);
    return matcher.find(from) ? { from: matcher.start(this.group), to: matcher.end(this.group) } : undefined;
  }

  /** How many matches a line has, one behind the other; a very long line counts as one match. */
  count(line: string): number {
    // Each may be looked for up to the end of the line.
    if (line.length > LONG_LINE) return this.find(line) ? 1 : 0;
    let count = 0;
    for (let at = 0; count < MOST_IN_LINE && (at < line.length || at === 0);) {
      const match = this.find(line, at);
      if (!match) break;
      count++;
      at = Math.max(match.to, at + 1, match.from + 1);
    }
    return count;
  }
}

function compileExpression(
  { RE2JS, RE2JSException }: Engine,
  source: string,
  ignoresCase: boolean,
  lines = false,
): Expression {
  try {
    const expression = RE2JS.compile(
      source,
      (ignoresCase ? RE2JS.CASE_INSENSITIVE : 0) | (lines ? RE2JS.MULTILINE : 0),
    );
    if (expression.programSize() <= MAX_PROGRAM) return expression;
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    // As it was given.
    const why = cause.message.replace(/^error parsing regexp: /, '').replace(/`\(\?im?\)/, '`');
    throw new PhlbError('usage', phrase`Not a regular expression: ${why}`, {
      hint: phrase`look for plain text instead, or put a backslash before its special characters`,
      cause,
    });
  }
  throw tooLarge();
}

function tooLarge(): PhlbError {
  return new PhlbError('usage', phrase`The pattern is too large`);
}

// A letter that says what others are meant (\\W, \\pL, (?P<Name>) is not one that is looked for.
function hasCapital(pattern: string, fixed: boolean): boolean {
  const meant = /\\(?:[pP]\{[^}]*\}|[pP].|x\{[^}]*\}|x..|.)|\(\?P?<\w+>/gsu;
  return /\p{Lu}/u.test(fixed ? pattern : pattern.replace(meant, ''));
}
