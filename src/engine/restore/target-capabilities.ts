/** What the target's file system can hold, found out by trying where it is not one of those that hold everything. */
import { closeSync, type BigIntStats } from 'node:fs';
import { passAllButRefusals, reason, refusalCode } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import { basename, dirname, join } from '../words/names.js';
import type { Entry } from '../store/manifest.js';
import { isDiskError } from '../files/store-error.js';
import { nsToMicros } from '../words/times.js';
import { ifSupported } from './if-supported.js';

export interface TargetCapabilities {
  /** names that differ in case only are one */
  folds: boolean;
  /** modes and owners are kept */
  modes: boolean;
  /** times nearer than this are the same, microseconds */
  timeStep: number;
}

export interface Refusal {
  code: string;
  message: string;
}

// f_type of ext2-4, xfs, btrfs, tmpfs, overlayfs, zfs, f2fs and ramfs: statfs(2).
const FULL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0x858458f6]);
const FULL_CAPABILITIES: TargetCapabilities = { folds: false, modes: true, timeStep: 1 };

/** Steps in which file systems keep times, finest first (exFAT 10 ms, many FUSE ones 1 s, FAT 2 s). Microseconds. */
const TIME_STEPS = [1, 10_000, 1_000_000, 2_000_000];

/**
 * @param folder the target, or the nearest folder above it that exists. What is tried there is removed again.
 * @returns also which of the entries cannot be there: names that are refused, symlinks, the second of a case pair
 */
export function findAbilities(
  folder: HeldFolder,
  entries: readonly Entry[],
): { capabilities: TargetCapabilities; refused: Map<string, Refusal> } {
  const nothing = { capabilities: FULL_CAPABILITIES, refused: new Map<string, Refusal>() };
  if (process.platform === 'linux' && FULL.has(folder.fileSystem(''))) return nothing;
  let probe: Probe;
  try {
    probe = new Probe(folder);
  } catch (error) {
    // Where nothing can be written, each path will say so.
    passAllButRefusals(error);
    return nothing;
  }
  try {
    const capabilities = probe.capabilities();
    return { capabilities, refused: refusals(probe, capabilities, entries) };
  } finally {
    probe.remove();
  }
}

/** Names that are one where case does not count. */
export function foldCase(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function refusals(probe: Probe, { folds }: TargetCapabilities, entries: readonly Entry[]): Map<string, Refusal> {
  const refused = new Map<string, Refusal>();
  const names = new Map<string, Refusal | undefined>();
  const first = new Map<string, string>();
  let links: Refusal | undefined | null = null;
  for (const { path, type } of entries) {
    if (path === '') continue;
    const name = basename(path);
    if (!isPlain(name) && !names.has(name)) names.set(name, probe.name(name));
    let refusal = names.get(name);
    if (type === 'link') refusal ??= links === null ? (links = probe.link()) : links;
    if (folds && !refusal) {
      const key = join(dirname(path), foldCase(name));
      const other = first.get(key);
      if (other === undefined) first.set(key, name);
      else if (probe.isOne(other, name)) {
        refusal = { code: 'EEXIST', message: `Here its name is the same as that of ${other}, which came first` };
      }
    }
    if (refusal) refused.set(path, refusal);
  }
  return refused;
}

// What every file system takes, so that it need not be tried.
function isPlain(name: string): boolean {
  return /^[\w][\w.-]{0,99}$/.test(name) && !name.endsWith('.') && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}

class Probe {
  private readonly folder = `.phlb-probe-${process.pid}-${Date.now()}`;
  private readonly above: BigIntStats;

  constructor(private readonly parent: HeldFolder) {
    this.above = parent.lstat('');
    parent.mkdir(this.folder, 0o700);
  }

  capabilities(): TargetCapabilities {
    const file = this.make('probe');
    const folds = this.parent.find(join(this.folder, 'PROBE')) !== undefined;
    const micros = 1_234_567_891_234_567;
    let modes = false;
    let apart = Infinity;
    this.parent.change(file, own => {
      modes = [0o640, 0o751].every(mode => {
        try {
          own.chmod(mode);
        } catch (error) {
          passAllButRefusals(error);
          return false;
        }
        return (Number(own.stat().mode) & 0o777) === mode;
      });
      ifSupported(() => own.setTime(micros));
      apart = Math.abs(nsToMicros(own.stat().mtimeNs) - micros);
    });
    this.parent.unlink(file);
    return { folds, modes, timeStep: TIME_STEPS.find(step => apart < step) ?? Infinity };
  }

  name(name: string): Refusal | undefined {
    try {
      const file = this.make(name);
      const is = this.parent.names(this.folder);
      this.parent.unlink(file);
      // Some drop trailing dots and blanks without a word.
      if (is.some(one => foldCase(one) === foldCase(name))) return undefined;
      return { code: 'EINVAL', message: 'The file system there changes its name' };
    } catch (error) {
      return refusal(error, 'The file system there cannot hold this name');
    }
  }

  link(): Refusal | undefined {
    const link = join(this.folder, 'link');
    try {
      this.parent.symlink('target', link);
      this.parent.unlink(link);
      return undefined;
    } catch (error) {
      return refusal(error, 'The file system there has no symlinks');
    }
  }

  isOne(a: string, b: string): boolean {
    try {
      const file = this.make(a);
      const one = this.parent.find(join(this.folder, b)) !== undefined;
      this.parent.unlink(file);
      return one;
    } catch (error) {
      passAllButRefusals(error);
      return false;
    }
  }

  remove(): void {
    for (const name of this.parent.names(this.folder)) this.parent.unlink(join(this.folder, name));
    this.parent.rmdir(this.folder);
    const { mtimeNs, atimeNs } = this.above;
    this.parent.change('', own => own.setTime(nsToMicros(mtimeNs), nsToMicros(atimeNs)));
  }

  private make(name: string): string {
    const file = join(this.folder, name);
    closeSync(this.parent.create(file, 0o600));
    return file;
  }
}

// `undefined`: the disk is full or fails, which says nothing of names; each path will meet it.
function refusal(error: unknown, message: string): Refusal | undefined {
  const code = refusalCode(error);
  if (isDiskError(error)) return undefined;
  return { code, message: `${message} (${reason(error)})` };
}
