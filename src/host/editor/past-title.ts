import { basename } from '../../engine/words/names.js';
import type { DateFormat } from './dates.js';
import { plainText } from './plain-text.js';

/** What a past file is called in a title: `report.md (Today 21:40)`. @param takenAt when its snapshot was started */
export function pastTitle(path: string, takenAt: string, dates: DateFormat): string {
  return `${plainText(basename(path))} (${dates.short(new Date(takenAt))})`;
}
