import { PhlbError } from '../engine/words/errors.js';
import { before, parseDuration } from '../engine/words/retention.js';

/**
 * The time that an option names, as ISO-8601: a local day or time (`2026-11-20`, `2026-11-20 14:02`), one with its zone, or so
 * long ago (`30d`, `1y2m15d3h`).
 * @param end of a day its last moment is meant, not its first
 * @throws PhlbError `usage`
 */
export function momentFrom(option: string, text: string, end = false): string {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match) {
    const [, day = '', time = end ? '23:59:59.999' : '00:00', zone = ''] = match;
    const moment = new Date(`${day}T${time}${zone}`);
    if (!Number.isNaN(moment.getTime())) return moment.toISOString();
  } else if (/^\d+[ymdh]/.test(text)) {
    const moment = before(new Date(), parseDuration(text));
    return new Date(Math.max(moment, 0)).toISOString();
  }
  throw new PhlbError('usage', `${option} needs a time, not ${text === '' ? 'nothing' : text}`, {
    hint: "as in 2026-11-20, '2026-11-20 14:02' or 30d, for thirty days ago",
  });
}
