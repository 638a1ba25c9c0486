/** What strace saw of a program, and what of it would be lost if the power failed at a given moment. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const CALLS = [
  ...['open', 'openat', 'creat', 'write', 'pwrite64', 'writev', 'pwritev', 'ftruncate', 'fchmod', 'chmod', 'fchmodat'],
  ...[
    'utimensat',
    'mkdir',
    'mkdirat',
    'link',
    'linkat',
    'rename',
    'renameat',
    'renameat2',
    'unlink',
    'unlinkat',
    'rmdir',
  ],
  ...['symlink', 'symlinkat', 'copy_file_range', 'sendfile', 'ioctl', 'fsync', 'fdatasync', 'syncfs', 'sync'],
];

/** The command that traces another one, with all its threads and children. */
export function tracing(file: string, ...command: string[]): string[] {
  return ['strace', '-f', '-q', '-yy', '-s', '4096', '-e', `trace=${CALLS.join(',')}`, '-o', file, ...command];
}

export interface Rename {
  from: string;
  to: string;
}

export interface Trace {
  /** flushes of any kind */
  flushes: string[];
  renames: Rename[];
  /** what was not on the disk by the end of it */
  unflushed: string[];
}

/**
 * Reads a trace. A file counts as not on the disk from a change in it to the next flush of it, a folder likewise from a
 * change among its entries; `syncfs` flushes all.
 * @param below only paths in this folder count
 * @param onRename told of each rename before it counts, with what is not on the disk at that moment
 */
export function readTrace(
  file: string,
  below: string,
  onRename: (rename: Rename, unflushed: readonly string[]) => void = () => undefined,
): Trace {
  // A file is flushed under any of its names.
  const inodes = new Map<string, number>();
  const dirty = new Set<number>();
  const trace: Trace = { flushes: [], renames: [], unflushed: [] };
  const inodeOf = (path: string): number => {
    const known = inodes.get(path) ?? nextInode++;
    inodes.set(path, known);
    return known;
  };
  let nextInode = 1;
  const add = (...paths: string[]): void => {
    for (const path of paths) if (path === below || path.startsWith(`${below}/`)) dirty.add(inodeOf(path));
  };
  const forget = (path: string): void => {
    for (const one of [...inodes.keys()]) if (one === path || one.startsWith(`${path}/`)) inodes.delete(one);
  };
  const unflushed = (): string[] => [...inodes].filter(([, inode]) => dirty.has(inode)).map(([path]) => path);
  const begun = new Map<string, string>();
  /** the folders that are held open: what lies in them is named `/proc/PID/fd/N/name` */
  const held = new Map<string, string>();
  const named = (path: string): string =>
    path.replace(/^\/proc\/(?:self|\d+)\/fd\/(\d+)(?=\/|$)/, (way, fd: string) => held.get(fd) ?? way);

  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (text.endsWith('<unfinished ...>')) {
      begun.set(thread, text.replace(/ *<unfinished \.\.\.>$/, ''));
      continue;
    }
    // A call counts when it has returned: nothing relies on it sooner.
    const whole = text.startsWith('<... ')
      ? (begun.get(thread) ?? '') + text.replace(/^<\.\.\. \w+ resumed>/, '')
      : text;
    const [, call = '', args = '', result = '', opened = ''] =
      /^(\w+)\((.*)\) += (-?\d+|\?)(?:<([^>]*)>)?/.exec(whole) ?? [];
    if (call === '' || result.startsWith('-')) continue;
    const [first = '', second = ''] = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => named(path));
    const open = /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
    switch (call) {
      case 'fsync':
      case 'fdatasync':
        trace.flushes.push(open);
        dirty.delete(inodeOf(open));
        break;
      case 'sync':
      case 'syncfs':
        trace.flushes.push(call);
        dirty.clear();
        break;
      case 'open':
      case 'openat':
      case 'creat':
        if (/O_CREAT|O_TRUNC/.test(args) || call === 'creat') add(first, dirname(first));
        if (args.includes('O_DIRECTORY')) held.set(result, opened);
        break;
      case 'mkdir':
      case 'mkdirat':
        add(first, dirname(first));
        break;
      case 'link':
      case 'linkat':
        inodes.set(second, inodeOf(first));
        add(dirname(second));
        break;
      case 'symlink':
      case 'symlinkat':
        add(dirname(second));
        break;
      case 'rename':
      case 'renameat':
      case 'renameat2':
        rename(first, second);
        add(dirname(first), dirname(second));
        break;
      case 'unlink':
      case 'unlinkat':
      case 'rmdir':
        forget(first);
        add(dirname(first));
        break;
      case 'ioctl':
        if (args.includes('FICLONE')) add(open);
        break;
      default:
        add(open === '' ? first : open);
    }
  }
  trace.unflushed = unflushed();
  return trace;

  function rename(from: string, to: string): void {
    onRename({ from, to }, unflushed());
    trace.renames.push({ from, to });
    const moved = [...inodes].filter(([path]) => path === from || path.startsWith(`${from}/`));
    forget(to);
    forget(from);
    for (const [path, inode] of moved) inodes.set(to + path.slice(from.length), inode);
  }
}
