// What the command line of `npm run bench` says.
import { parseArgs } from 'node:util';
import { grounds } from './grounds.mjs';
import { rows } from './rows.mjs';

/** The smallest run that docs/benchmarks.md is written from: all rows on all grounds, with at least this. */
const full = { files: 50_000, rounds: 5 };

/** Ends the process with exit code 2 where they make no sense. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: String(full.files) },
      rounds: { type: 'string', default: String(full.rounds) },
      only: { type: 'string' },
      rows: { type: 'string' },
      'no-write': { type: 'boolean', default: false },
    },
  });
  return {
    files: positive('--files', values.files),
    rounds: positive('--rounds', values.rounds),
    grounds: chosen('--only', grounds, values.only),
    rows: chosen('--rows', rows, values.rows),
    write: !values['no-write'],
  };
}

/** @param sites the grounds that this machine really has */
export function isFull(options, sites) {
  const whole = options.rows.length === rows.length && sites.length === grounds.length;
  return whole && options.files >= full.files && options.rounds >= full.rounds;
}

function positive(option, text) {
  if (!/^[1-9]\d*$/.test(text)) fail(`${option} needs a number, not ${text}`);
  return Number(text);
}

function chosen(option, all, text) {
  if (text === undefined) return all;
  const ids = text.split(',');
  const unknown = ids.filter(id => !all.some(one => one.id === id));
  if (unknown.length > 0) fail(`${option}: no ${unknown.join(', ')}; there are ${all.map(({ id }) => id).join(', ')}`);
  return all.filter(({ id }) => ids.includes(id));
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
