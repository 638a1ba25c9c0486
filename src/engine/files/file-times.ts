/**
 * Setting the times of files. The one place that calls `utimes` and its like (lint refuses them elsewhere): Node makes
 * the current time of a negative number (`toUnixTimestamp` in its lib/internal/fs/utils.js), takes seconds as a double,
 * and its versions cut what is below a microsecond off in different ways. So a time that can go wrong is looked at once
 * it is set, and set again. What the file system cannot hold it replaces by what it can: whoever depends on the time
 * asks for what is there afterwards.
 */
import * as fs from 'node:fs';
import { nsToMicros } from '../words/times.js';

type Name = string | Buffer;

// 2106: until then a double of seconds tells microseconds apart with room to spare.
const EXACT_UNTIL = 2 ** 32 * 1e6;
// The first and last double that a signed number of 64 bits holds.
const MAX_SECONDS = 2 ** 63 - 1024;
const MIN_SECONDS = -(2 ** 63);

/** Sets access and modification time of an open file. `micros`: microseconds since 1970, negative before. */
export function setTimeOfOpen(fd: number, micros: number): void {
  set(
    micros,
    time => fs.futimesSync(fd, time, time),
    () => fs.fstatSync(fd, { bigint: true }),
  );
}

/** Sets modification and access time (microseconds) of what a path leads to, through a symlink, too. */
export function setTime(name: Name, micros: number, accessed = micros): void {
  const access = argument(secondsOf(accessed, 0.5));
  set(
    micros,
    time => fs.utimesSync(name, accessed === micros ? time : access, time),
    () => fs.statSync(name, { bigint: true }),
  );
}

/** Sets both times (microseconds) of a symlink itself, or of what else is there. */
export function setTimeOfLink(name: Name, micros: number): void {
  set(
    micros,
    time => fs.lutimesSync(name, time, time),
    () => fs.lstatSync(name, { bigint: true }),
  );
}

/** Gives a file the current time. */
export function touch(name: Name): void {
  const now = new Date();
  fs.utimesSync(name, now, now);
}

/** Whether Node and every file system that PHLB knows keep this time (microseconds) as it is given, but for its fineness. */
export function isUsualTime(micros: number): boolean {
  // What 32 bits hold of seconds since 1970: beyond them some file systems cut times off.
  return micros >= 0 && micros < 2 ** 31 * 1e6;
}

/**
 * Whether two times (microseconds) are the same where times are kept in such steps. Where a double of seconds no longer
 * tells microseconds apart, neither can what is set by one.
 */
export function isSameTime(a: number, b: number, step = 1): boolean {
  return Math.abs(a - b) < Math.max(step, Math.abs(b) / 2 ** 51);
}

// Some versions cut the double off towards zero below a microsecond, some downwards, some keep its nanoseconds.
function set(micros: number, put: (time: number | string) => void, look: () => fs.BigIntStats): void {
  if (micros >= 0 && micros < EXACT_UNTIL) return put(secondsOf(micros, 0.5));
  let best = Infinity;
  let nearest: number | undefined;
  for (const aim of [0.5, 0, -0.5]) {
    const seconds = secondsOf(micros, aim);
    put(argument(seconds));
    const apart = Math.abs(nsToMicros(look().mtimeNs) - micros);
    if (apart === 0) return;
    if (apart < best) [best, nearest] = [apart, seconds];
  }
  if (nearest !== undefined) put(argument(nearest));
}

// `aim`: where within, or beside, its microsecond.
function secondsOf(micros: number, aim: number): number {
  const whole = Math.floor(micros / 1e6);
  const seconds = whole + (micros - whole * 1e6 + aim) / 1e6;
  return Math.max(MIN_SECONDS, Math.min(MAX_SECONDS, seconds));
}

function argument(seconds: number): number | string {
  return seconds < 0 ? String(seconds) : seconds;
}
