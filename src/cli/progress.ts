import type { Progress } from '../engine/words/model.js';
import { textOf } from '../engine/words/phrase.js';
import { printable, size } from './text.js';

const WORDS: Record<Progress['phase'], string> = {
  waiting: 'Waiting',
  scanning: 'Backing up',
  flushing: 'Flushing to disk',
  indexing: 'Indexing',
  verifying: 'Verifying',
  restoring: 'Restoring',
  salvaging: 'Cleaning up after an interrupted run',
  measuring: 'Measuring',
  deleting: 'Deleting',
  asking: 'Asking the repository',
  sending: 'Copying off this machine',
  fetching: 'Fetching from the repository',
  searching: 'Searching',
};

/** One line of plain words. */
export function progressLine(progress: Progress): string {
  const { files, bytes, totalFiles, totalBytes, detail } = progress;
  const parts = [WORDS[progress.phase]];
  if (files > 0) {
    const ofFiles = totalFiles === undefined ? '' : ` of ${totalFiles.toLocaleString('en')}`;
    const ofBytes = totalBytes === undefined ? '' : ` of ${size(totalBytes)}`;
    parts.push(`${files.toLocaleString('en')}${ofFiles} files`, `${size(bytes)}${ofBytes}`);
  }
  if (detail !== undefined) parts.push(printable(textOf(detail)));
  return parts.join(', ');
}

/** A warning in plain words. */
export function shortageLine({ needed, free }: NonNullable<Progress['shortage']>): string {
  return (
    `This backup may need up to ${size(needed)}, but only ${size(free)} is free on the disk of the backup location; ` +
    'trying all the same'
  );
}

/** The same for a terminal, never wider than `columns`, with a bar as soon as the end is known. */
export function progressBar(progress: Progress, columns: number): string {
  const done = fraction(progress);
  const width = 20;
  const filled = done === undefined ? 0 : Math.round(done * width);
  const bar = done === undefined ? '' : `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${percent(done)} `;
  return `${bar}${progressLine(progress)}`.slice(0, Math.max(0, columns - 1));
}

function fraction({ files, bytes, totalFiles, totalBytes }: Progress): number | undefined {
  if (totalBytes !== undefined && totalBytes > 0) return Math.min(1, bytes / totalBytes);
  return totalFiles !== undefined && totalFiles > 0 ? Math.min(1, files / totalFiles) : undefined;
}

function percent(part: number): string {
  return `${Math.floor(part * 100)}%`.padStart(4);
}
