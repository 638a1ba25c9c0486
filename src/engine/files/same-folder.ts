/** Folders that go by several paths: through symlinks, or in other letters where the file system takes both for one name. */
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { passAllButRefusals } from '../words/errors.js';
import { fsPath, nameFromBuffer, nameOfPath } from '../words/names.js';

/** How long a path is waited for, in milliseconds: a drive that has gone away may never answer. */
const PATIENCE_MS = 1000;

/** Paths that have been asked for and have not been answered yet. */
const asked = new Map<string, Promise<string | undefined>>();
/** Those that were waited for in vain; they are not waited for again until their answer comes. */
const silent = new Set<string>();

/** Those of some absolute paths that lead to the folder at `folder`. What is not there, or does not answer, does not. */
export async function spellingsOf(folder: string, paths: readonly string[]): Promise<string[]> {
  const [real, ...others] = await Promise.all([folder, ...paths].map(realPathInTime));
  return real === undefined ? [] : paths.filter((_, at) => others[at] === real);
}

/** An absolute path without symlinks, as far as it is there and answers; what is not has none. */
export async function realSpelling(path: string): Promise<string> {
  const up = dirname(path);
  return (await realPathInTime(path)) ?? (up === path ? path : join(await realSpelling(up), nameOfPath(path)));
}

async function realPathInTime(path: string): Promise<string | undefined> {
  if (silent.has(path)) return undefined;
  const answer = asked.get(path) ?? ask(path);
  const late = Symbol();
  const first = await Promise.race([answer, sleep(PATIENCE_MS, late, { ref: false })]);
  if (typeof first !== 'symbol') return first;
  silent.add(path);
  return undefined;
}

function ask(path: string): Promise<string | undefined> {
  const answer = realPathIfThere(path).finally(() => {
    asked.delete(path);
    silent.delete(path);
  });
  asked.set(path, answer);
  return answer;
}

async function realPathIfThere(path: string): Promise<string | undefined> {
  try {
    return nameFromBuffer(await realpath(fsPath(path), { encoding: 'buffer' }));
  } catch (error) {
    passAllButRefusals(error);
    return undefined;
  }
}
