import { readdirSync } from 'node:fs';
import { isAbsolute, join, parse, resolve } from 'node:path';
import { errno, passAllButRefusals, passUnforeseen, PhlbError } from '../engine/words/errors.js';
import { namedAmong } from '../engine/words/names.js';
import type { World } from './world.js';

/**
 * `path` made absolute against the working folder, whatever bytes that folder's name holds.
 * @throws PhlbError `usage` for a relative one where that folder has gone
 */
export function absolute(path: string, world: Pick<World, 'workingFolder'>): string {
  return isAbsolute(path) ? resolve(path) : resolve(workingFolder(path, world), path);
}

/** An absolute path as the names in it are spelled on the disk, as far as they are there: on Windows they may be typed in any case. */
export function onDisk(path: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return path;
  const { dir, base } = parse(path);
  if (base === '') return path;
  const folder = onDisk(dir, platform);
  return join(folder, namedAmong(namesIn(folder), base, platform));
}

function workingFolder(relative: string, world: Pick<World, 'workingFolder'>): string {
  try {
    return world.workingFolder();
  } catch (error) {
    passAllButRefusals(error);
    throw new PhlbError('usage', `The current folder no longer exists (${errno(error)})`, {
      path: relative,
      hint: 'use absolute paths, or change to another folder',
      cause: error,
    });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    passUnforeseen(error);
    return [];
  }
}
