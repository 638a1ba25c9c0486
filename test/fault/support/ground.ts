import { mkdirSync, rmSync } from 'node:fs';
import { installed } from '../../support/judges.js';
import { runProgram } from '../../support/run-program.js';
import type { Sandbox } from '../../support/sandbox.js';

/** File systems of their own, in a file or in memory, for what an ordinary folder cannot show. Root only. */
export class Ground {
  private readonly mounted: string[] = [];
  private readonly devices = new Map<string, string>();

  constructor(private readonly box: Sandbox) {}

  /** Each returns the folder where it is mounted, or `undefined` where this machine cannot: then skip the test. */
  ext4(name: string, megabytes: number, ...options: string[]): string | undefined {
    return this.inFile(name, megabytes, ['mkfs.ext4', '-q', '-F', ...options], ['mount', '-o', 'loop']);
  }

  /** With reflinks. */
  btrfs(name: string, megabytes: number): string | undefined {
    return this.inFile(name, megabytes, ['mkfs.btrfs', '-q', '-f'], ['mount', '-o', 'loop']);
  }

  /** With reflinks; 300 MB at least. @param metadata further options for `-m` */
  xfs(name: string, megabytes: number, ...metadata: string[]): string | undefined {
    const options = ['reflink=1', ...metadata].join();
    return this.inFile(name, megabytes, ['mkfs.xfs', '-q', '-f', '-m', options], ['mount', '-o', 'loop']);
  }

  ntfs(name: string, megabytes: number, ...options: string[]): string | undefined {
    return this.inFile(name, megabytes, ['mkfs.ntfs', '-q', '-F', '-f'], ['mount.ntfs-3g', ...options]);
  }

  exfat(name: string, megabytes: number): string | undefined {
    return this.inFile(name, megabytes, ['mkfs.exfat'], ['mount.exfat-fuse'], true);
  }

  tmpfs(name: string, options: string): string | undefined {
    return this.mount(name, ['mount', '-t', 'tmpfs', '-o', options, 'phlb-test']);
  }

  /** Shows a folder under a second name that exists. */
  bind(folder: string, name: string): void {
    must('mount', '--bind', folder, name);
    this.mounted.push(name);
  }

  remount(folder: string, options: string): void {
    must('mount', '-o', `remount,${options}`, folder);
  }

  unmount(folder: string): void {
    must('umount', folder);
    this.mounted.splice(this.mounted.indexOf(folder), 1);
  }

  /** Mounts what `exfat` made once more, so that its driver begins with an empty cache. */
  mountAgain(name: string): string | undefined {
    return this.mount(name, ['mount.exfat-fuse', this.devices.get(name) ?? '']);
  }

  /** Unmounts all of it; call it before the sandbox is removed. */
  dispose(): void {
    for (const folder of this.mounted.splice(0).reverse()) {
      if (runProgram('umount', [folder]).status !== 0) runProgram('umount', ['-l', folder]);
    }
    for (const device of this.devices.values()) runProgram('losetup', ['--detach', device]);
  }

  private inFile(
    name: string,
    megabytes: number,
    make: string[],
    mount: string[],
    asDevice = false,
  ): string | undefined {
    if (process.getuid?.() !== 0) return undefined;
    const image = this.box.path(`${name}.img`);
    if (!installed(make[0] ?? '') || !installed(mount[0] ?? '')) return undefined;
    must('truncate', '-s', `${megabytes}M`, image);
    must(...make, image);
    if (asDevice) this.devices.set(name, must('losetup', '--find', '--show', image).trim());
    return this.mount(name, [...mount, this.devices.get(name) ?? image]);
  }

  private mount(name: string, command: string[]): string | undefined {
    if (process.getuid?.() !== 0) return undefined;
    const folder = this.box.path(name);
    mkdirSync(folder, { recursive: true });
    const [program = '', ...args] = command;
    if (runProgram(program, [...args, folder]).status !== 0) return undefined;
    this.mounted.push(folder);
    rmSync(`${folder}/lost+found`, { recursive: true, force: true });
    return folder;
  }
}

/** Runs a program that has to succeed; its standard output. */
export function must(...command: string[]): string {
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = runProgram(program, args);
  if (status !== 0) throw error ?? new Error(`${command.join(' ')}: ${stderr}`);
  return stdout;
}
