// What the command line of `npm run bench` says.
/** @import { Family, Settings } from './types.js' */
import { parseArgs } from 'node:util';
import { families } from './families/all.mjs';
import { grounds } from './harness/grounds.mjs';

/** @typedef {ReturnType<typeof readOptions>} Options */

/** Ends the process with exit code 2 where they make no sense. */
export function readOptions() {
  const { values } = parse();
  /** @type {Settings} */
  const settings = {
    ...(values.files === undefined ? {} : { files: positive('--files', values.files) }),
    ...(values.megabytes === undefined ? {} : { megabytes: positive('--megabytes', values.megabytes) }),
    ...(values.rounds === undefined ? {} : { rounds: positive('--rounds', values.rounds) }),
    ...(values.only === undefined ? {} : { only: oneOf('--only', grounds, values.only) }),
  };
  return {
    families: values.family ? chosen('--family', families, values.family) : families.filter(({ apart }) => !apart),
    settings,
    quick: values.quick,
    write: values.write ? 'always' : values['no-write'] ? 'never' : 'full runs',
    page: values.page,
  };
}

/**
 * The settings of one family, and whether they are less than its full ones.
 * @param {Family} family
 * @param {Options} options
 */
export function settingsOf({ full, quick }, { settings, quick: isQuick }) {
  /** @param {'files' | 'megabytes' | 'rounds'} key */
  const isLess = key => (settings[key] ?? Infinity) < (full[key] ?? 0);
  const less = settings.only !== undefined || isLess('files') || isLess('megabytes') || isLess('rounds');
  return { settings: { ...full, ...(isQuick ? quick : {}), ...settings }, reduced: isQuick || less };
}

function parse() {
  try {
    return parseArgs({
      options: {
        family: { type: 'string' },
        quick: { type: 'boolean', default: false },
        files: { type: 'string' },
        megabytes: { type: 'string' },
        rounds: { type: 'string' },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
        'no-write': { type: 'boolean', default: false },
        page: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} option
 * @param {string} text
 */
function positive(option, text) {
  if (!/^[1-9]\d*$/.test(text)) fail(`${option} needs a number, not ${text}`);
  return Number(text);
}

/**
 * @param {string} option
 * @param {{ id: string }[]} all
 * @param {string} id
 */
function oneOf(option, all, id) {
  return all.some(one => one.id === id) ? id : unknownOf(option, all, [id]);
}

/**
 * @template {{ id: string }} One
 * @param {string} option
 * @param {One[]} all
 * @param {string} text
 */
function chosen(option, all, text) {
  const ids = text.split(',');
  const unknown = ids.filter(id => !all.some(one => one.id === id));
  if (unknown.length > 0) unknownOf(option, all, unknown);
  return all.filter(({ id }) => ids.includes(id));
}

/**
 * @param {string} option
 * @param {{ id: string }[]} all
 * @param {string[]} unknown
 */
function unknownOf(option, all, unknown) {
  return fail(`${option}: no ${unknown.join(', ')}; there are ${all.map(({ id }) => id).join(', ')}`);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(2);
}
