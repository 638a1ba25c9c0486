import type { Command } from './command.js';
import { COMMANDS } from './registry.js';
import { table } from './text.js';

const GLOBAL: string[][] = [
  ['--root DIR', 'the backup location ($PHLB_ROOT, else ~/PyHardLinkBackups)'],
  ['--index DIR', "the index's folder ($PHLB_INDEX, else in the platform's state folder)"],
  ['--json', 'one JSON document on stdout'],
  ['--quiet', 'no progress, no summary'],
  ['--help', 'this text, also for a single command'],
  ['--version', 'the version'],
];

const STATUS: string[][] = [
  ['0', 'done'],
  ['1', 'a source or request failed'],
  ['2', 'wrong usage'],
  ['3', 'done, but some files could not be read, stored or restored, or damage is left'],
  ['130', 'cancelled'],
];

/** The help of one command or, without one, of the program. */
export function helpText(command?: Command): string {
  return command ? commandHelp(command) : programHelp();
}

function programHelp(): string {
  return lines(
    'phlb: backups as plain files, every snapshot a complete tree, made cheap by hardlinks',
    '',
    'Usage: phlb <command> [options]',
    '',
    ...indented(COMMANDS.map(({ synopsis, summary }) => [synopsis, summary])),
    '',
    'A snapshot is named <name>/<YYYY-MM-DD-HHMMSS>, <name>/latest, or by its path on disk.',
    '',
    'With every command:',
    ...indented(GLOBAL),
    '',
    'Exit status:',
    ...indented(STATUS),
  );
}

function commandHelp({ synopsis, summary, optionHelp, notes }: Command): string {
  return lines(
    `Usage: phlb ${synopsis}`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...notes,
    '',
    ...indented([...optionHelp, ...GLOBAL]),
  );
}

function indented(rows: string[][]): string[] {
  return table(rows).map(line => `  ${line}`);
}

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}
