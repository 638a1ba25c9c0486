import { lstatSync, readdirSync } from 'node:fs';
import { passAllButRefusals } from '../words/errors.js';
import type { BackupRequest, Rules, RulesInForce } from '../words/model.js';
import { fsPath, join } from '../words/names.js';

/** What is left out in a run. @param rules those of the source */
export function rulesInForce(
  { source, trusted }: Pick<BackupRequest, 'source' | 'trusted'>,
  rules: Rules,
): RulesInForce {
  return { ...rules, ignoreFiles: trusted === false ? 'none' : ignoreModeOf(source) };
}

/**
 * How ignore files are taken in a source: without case where its file system takes two spellings of a name for one, as git
 * decides it (`core.ignoreCase`) when it makes a repository.
 */
function ignoreModeOf(source: string): RulesInForce['ignoreFiles'] {
  try {
    return foldsCase(source) ? 'anyCase' : 'git';
  } catch (error) {
    // One that cannot be read fails the run with better words.
    passAllButRefusals(error);
    return 'git';
  }
}

// Told by a name that is there, since nothing may be written into a source.
function foldsCase(folder: string): boolean {
  const names = new Set(readdirSync(fsPath(folder)));
  for (const name of names) {
    const other = swapCase(name);
    // Without a letter in it; or both are there, and are two; or its bytes are not known.
    if (names.has(other) || name.includes('\ufffd')) continue;
    return lstatSync(fsPath(join(folder, other)), { throwIfNoEntry: false }) !== undefined;
  }
  return false;
}

function swapCase(name: string): string {
  return name.replace(/[A-Za-z]/g, letter => {
    const upper = letter.toUpperCase();
    return letter === upper ? letter.toLowerCase() : upper;
  });
}
