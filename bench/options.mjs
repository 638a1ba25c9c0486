// What the command line of `npm run bench` says.
import { parseArgs } from 'node:util';
import { families } from './families/all.mjs';
import { grounds } from './harness/grounds.mjs';

/** Ends the process with exit code 2 where they make no sense. */
export function readOptions() {
  const { values } = parse();
  const settings = {
    ...(values.files === undefined ? {} : { files: positive('--files', values.files) }),
    ...(values.megabytes === undefined ? {} : { megabytes: positive('--megabytes', values.megabytes) }),
    ...(values.rounds === undefined ? {} : { rounds: positive('--rounds', values.rounds) }),
    ...(values.only === undefined ? {} : { only: chosen('--only', grounds, values.only)[0].id }),
  };
  return {
    families: values.family ? chosen('--family', families, values.family) : families.filter(({ apart }) => !apart),
    settings,
    quick: values.quick,
    write: values.write ? 'always' : values['no-write'] ? 'never' : 'full runs',
    page: values.page,
  };
}

/** @returns the settings of one family, and whether they are less than its full ones */
export function settingsOf({ full, quick }, { settings, quick: isQuick }) {
  const less = Object.entries(settings).some(([key, value]) => key === 'only' || value < full[key]);
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
    return fail(error.message);
  }
}

function positive(option, text) {
  if (!/^[1-9]\d*$/.test(text)) fail(`${option} needs a number, not ${text}`);
  return Number(text);
}

function chosen(option, all, text) {
  const ids = text.split(',');
  const unknown = ids.filter(id => !all.some(one => one.id === id));
  if (unknown.length > 0) fail(`${option}: no ${unknown.join(', ')}; there are ${all.map(({ id }) => id).join(', ')}`);
  return all.filter(({ id }) => ids.includes(id));
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
