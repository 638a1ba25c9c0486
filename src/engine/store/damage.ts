/**
 * Marks of damage: stored files whose content was found not to be what was recorded, although size and mtime are. Runs
 * never link them again (promise P6). One small file, `.phlb/damaged.json`; without it, damage is found by the next verify.
 */
import type { BigIntStats } from 'node:fs';
import { passUnforeseen } from '../words/errors.js';
import { asInStat, unsigned } from '../words/numbers.js';
import { nsToMicros } from '../words/times.js';
import { replaceFile } from '../files/durable.js';
import { isFull } from '../files/store-error.js';
import type { Layout } from './layout.js';
import { remove } from '../files/remove.js';
import { readSmallJson } from '../files/small-file.js';

/** One damaged inode, as it stood when it was found. All three facts tell it from a later file of the same number. */
export interface DamageMark {
  inode: bigint;
  /** bytes */
  size: number;
  /** microseconds */
  mtime: number;
  /** one of its names */
  snapshot: string;
  path: string;
}

const MAX_FILE = 64 << 20;
// So many without names fit into it.
const MAX_BARE = 400_000;

/** The marks; none where the file is missing or nonsense. */
export function readDamage(layout: Layout): DamageMark[] {
  try {
    const value: unknown = readSmallJson(layout.damage, MAX_FILE);
    const list: unknown = typeof value === 'object' && value !== null && 'damaged' in value ? value.damaged : undefined;
    return Array.isArray(list) ? list.flatMap(one => checkMark(one) ?? []) : [];
  } catch (error) {
    passUnforeseen(error);
    // Marks save no more than a second verify: no run fails for want of them.
    return [];
  }
}

/** Replaces all marks. Only under the lock. */
function writeDamage(layout: Layout, marks: readonly DamageMark[]): void {
  if (marks.length === 0) return remove(layout.damage);
  const format = (some: readonly DamageMark[]): string => {
    const damaged = some.map(mark => ({ ...mark, inode: unsigned(mark.inode).toString() }));
    return JSON.stringify({ format: 1, damaged }, undefined, 1) + '\n';
  };
  const whole = format(marks);
  // The names are for people. Of a whole disk that has rotted the marks count.
  const bare = (): string => format(marks.slice(0, MAX_BARE).map(mark => ({ ...mark, snapshot: '', path: '' })));
  replaceFile(layout.damage, Buffer.byteLength(whole) <= MAX_FILE ? whole : bare());
}

/** What a check of contents has learnt of marks. */
export interface DamageNews {
  /** inodes that were hashed */
  checked: readonly bigint[];
  /** every stored file was: what was not among them is gone */
  complete: boolean;
  found: readonly DamageMark[];
}

/** Adds what was found damaged; takes out what turned out sound, or is gone. Only under the lock. */
export function renewDamage(layout: Layout, { checked, complete, found }: DamageNews): void {
  const old = readDamage(layout);
  const known = new Set(complete || old.length === 0 ? [] : checked);
  const kept = complete ? [] : old.filter(mark => !known.has(mark.inode));
  if (old.length === 0 && found.length === 0) return;
  try {
    writeDamage(layout, [...kept, ...found]);
  } catch (error) {
    // What was found is told all the same.
    if (!isFull(error)) throw error;
  }
}

/** Marks by inode number. */
export type DamagedInodes = ReadonlyMap<bigint, DamageMark>;

export function damageByInode(marks: readonly DamageMark[]): DamagedInodes {
  return new Map(marks.map(mark => [mark.inode, mark]));
}

export function isMarked(marks: DamagedInodes, stat: BigIntStats): boolean {
  // Nearly always: then it costs nothing.
  if (marks.size === 0) return false;
  const mark = marks.get(stat.ino);
  return mark !== undefined && BigInt(mark.size) === stat.size && mark.mtime === nsToMicros(stat.mtimeNs);
}

function checkMark(value: unknown): DamageMark | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { inode, size, mtime, snapshot, path } = value as Record<string, unknown>;
  const sound =
    typeof inode === 'string' &&
    /^\d{1,20}$/.test(inode) &&
    Number.isSafeInteger(size) &&
    Number.isFinite(mtime) &&
    typeof snapshot === 'string' &&
    typeof path === 'string';
  return sound
    ? { inode: asInStat(BigInt(inode)), size: Number(size), mtime: Number(mtime), snapshot, path }
    : undefined;
}
