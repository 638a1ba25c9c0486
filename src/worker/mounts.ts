/** The file systems of Linux in memory and on this machine's disks: what they are asked for they answer. */
const LOCAL = new Set(
  [
    ...['ext2 ext3 ext4 xfs btrfs zfs bcachefs f2fs jfs reiserfs nilfs2 vfat exfat ntfs3 hfsplus udf iso9660'],
    ...['tmpfs ramfs devtmpfs overlay squashfs erofs'],
    ...['proc sysfs cgroup cgroup2 devpts mqueue hugetlbfs securityfs debugfs tracefs configfs pstore efivarfs'],
    ...['bpf fusectl binfmt_misc rpc_pipefs nsfs selinuxfs'],
  ].flatMap(names => names.split(' ')),
);
/** A desktop's own ways to its files, and what the system mounts of itself when it is asked for: nobody's files are there. */
const NOBODYS = /^\/(run\/user\/\d+\/(gvfs|doc)|proc\/sys\/fs\/binfmt_misc)$/;

/**
 * Whether all file systems that are mounted are this machine's own. A server that has gone, or a program that serves a mount
 * and has stopped, lets each call wait for ever, and whoever makes it: a thread that has a signal to answer makes none there.
 * @param mountinfo the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5))
 */
export function areLocal(mountinfo: string): boolean {
  return mountinfo
    .split('\n')
    .filter(line => line !== '')
    .every(line => {
      const [, , , , point = ''] = line.split(' ', 5);
      // The optional fields before it are any number.
      const [type = ''] = line.slice(line.indexOf(' - ') + 3).split(' ', 1);
      return NOBODYS.test(point) || LOCAL.has(type);
    });
}
