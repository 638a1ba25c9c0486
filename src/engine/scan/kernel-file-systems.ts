import { passUnforeseen } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';

// Magic numbers of statfs(2) and linux/magic.h: proc, sysfs, cgroup and cgroup2, debugfs, tracefs, securityfs, pstore,
// efivarfs, bpf, configfs, fusectl, binfmt_misc, mqueue, selinuxfs, devpts, rpc_pipefs, nsfs.
const KERNEL = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0x6165676c, 0xde5e81e4, 0xcafe4a11,
  0x62656570, 0x65735543, 0x42494e4d, 0x19800202, 0xf97cff8c, 0x1cd1, 0x67596969, 0x6e736673,
]);

/**
 * File systems that hold no files but the kernel's answers (`/proc`, `/sys`): reading them ends nowhere (`/proc/kcore` is 128
 * TiB long) and tells nothing that could be restored. One for a walk: each device is asked about once.
 */
export class KernelFileSystems {
  private readonly known = new Map<bigint, boolean>();

  constructor(private readonly source: HeldFolder) {}

  /** @param folder relative to the source, on that device */
  has(folder: string, device: bigint): boolean {
    let is = this.known.get(device);
    if (is === undefined) this.known.set(device, (is = isKernel(this.source, folder)));
    return is;
  }
}

function isKernel(source: HeldFolder, folder: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // `statfs` gives 32 bits, with their sign on some machines.
    return KERNEL.has(source.fileSystem(folder) >>> 0);
  } catch (error) {
    passUnforeseen(error);
    // Reading it will say why.
    return false;
  }
}
