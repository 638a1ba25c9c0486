/** What this computer remembers of a repository, so that it need not be asked: nothing secret, and nothing that counts. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/durable.js';
import { makeFolder } from '../files/make-folder.js';
import { fitting, readSmallJson } from '../files/small-file.js';
import { errno, passUnforeseen, unlessRefused } from '../words/errors.js';

export interface Remembered {
  format: 1;
  /** when a push was last done to its end, ISO-8601 UTC */
  lastPush: string | null;
  lastCheck: string | null;
  /** ids of the snapshots that had a copy then */
  copies: string[];
  bytes: number | null;
  /** what the lists were like that were copied last (`metaMark`) */
  meta: string | null;
  /** a push has begun and not come to its end */
  isPushing: boolean;
}

const MAX_FILE = 64 << 20;

/** The folder of all of them, and of what pushes need while they run. */
export function offsiteFolder(state: string): string {
  return join(state, 'offsite');
}

/** @param repository its address, or what names it; only a hash of it is kept */
export function readRemembered(state: string, storeId: string, repository: string): Remembered {
  return readFile(fileOf(state, storeId, repository));
}

function readFile(file: string): Remembered {
  try {
    return { ...NOTHING, ...check(readSmallJson(file, MAX_FILE)) };
  } catch (error) {
    if (errno(error) !== 'ENOENT') passUnforeseen(error);
    return NOTHING;
  }
}

/** Ids of snapshots of a store that are known to have a copy in any repository. */
export function rememberedCopies(state: string, storeId: string): Set<string> {
  const names = unlessRefused(() => readdirSync(offsiteFolder(state)), 'ENOENT') ?? [];
  const files = names.filter(name => name.startsWith(`${storeId}-`) && name.endsWith('.json'));
  return new Set(files.flatMap(name => readFile(join(offsiteFolder(state), name)).copies));
}

export function writeRemembered(state: string, storeId: string, repository: string, what: Remembered): void {
  const file = fileOf(state, storeId, repository);
  makeFolder(offsiteFolder(state));
  replaceFile(file, fitting(JSON.stringify(what, undefined, 1) + '\n', file, MAX_FILE), { isCache: true });
}

const NOTHING: Remembered = {
  format: 1,
  lastPush: null,
  lastCheck: null,
  copies: [],
  bytes: null,
  meta: null,
  isPushing: false,
};

function check(value: unknown): Partial<Remembered> {
  const { format, lastPush, lastCheck, copies, bytes, meta, isPushing } = (value ?? {}) as Record<
    keyof Remembered,
    unknown
  >;
  if (format !== 1) return {};
  return {
    lastPush: isTime(lastPush) ? lastPush : null,
    lastCheck: isTime(lastCheck) ? lastCheck : null,
    copies: Array.isArray(copies) ? (copies as unknown[]).filter(id => typeof id === 'string') : [],
    bytes: typeof bytes === 'number' ? bytes : null,
    meta: typeof meta === 'string' ? meta : null,
    isPushing: isPushing === true,
  };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && value.length < 40 && !Number.isNaN(Date.parse(value));
}

function fileOf(state: string, storeId: string, repository: string): string {
  const hash = createHash('sha256').update(repository).digest('hex').slice(0, 16);
  return join(offsiteFolder(state), `${storeId}-${hash}.json`);
}
