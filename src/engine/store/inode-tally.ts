/** Counting the names of inodes, to tell what goes for good when all names that were seen go. */

/** Of several inodes together. Sizes in bytes. */
export interface InodeSum {
  inodes: number;
  /** of contents */
  bytes: number;
  /** on disk */
  allocated: number;
}

/** Inodes that have names elsewhere, one a row. Arrays, since these go between threads by the hundred thousand. */
export interface InodeTable {
  inode: Float64Array;
  bytes: Float64Array;
  allocated: Float64Array;
  /** names in all, as the file system says */
  links: Float64Array;
  /** names that were seen */
  seen: Float64Array;
}

export interface InodeSplit {
  /** every name of these was seen */
  whole: InodeSum;
  shared: InodeTable;
}

/** Adds up what was seen in several places. */
export class InodeTally {
  private readonly rows = new Map<number, number>();
  private readonly bytes: number[] = [];
  private readonly allocated: number[] = [];
  private readonly links: number[] = [];
  private readonly seen: number[] = [];

  /** @param seen how many of its names */
  add(inode: number, bytes: number, allocated: number, links: number, seen: number): void {
    const row = this.rows.get(inode);
    if (row !== undefined) {
      this.seen[row] = (this.seen[row] ?? 0) + seen;
      return;
    }
    this.rows.set(inode, this.seen.length);
    this.bytes.push(bytes);
    this.allocated.push(allocated);
    this.links.push(links);
    this.seen.push(seen);
  }

  addTable(table: InodeTable): void {
    for (let row = 0; row < table.inode.length; row++) this.add(...rowOf(table, row));
  }

  has(inode: number): boolean {
    return this.rows.has(inode);
  }

  split(): InodeSplit {
    const whole: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
    const shared: [inode: number, row: number][] = [];
    for (const [inode, row] of this.rows) {
      if ((this.seen[row] ?? 0) < (this.links[row] ?? 0)) shared.push([inode, row]);
      else addInode(whole, this.bytes[row] ?? 0, this.allocated[row] ?? 0);
    }
    const column = (values: number[]): Float64Array => Float64Array.from(shared, ([, row]) => values[row] ?? 0);
    return {
      whole,
      shared: {
        inode: Float64Array.from(shared, ([inode]) => inode),
        bytes: column(this.bytes),
        allocated: column(this.allocated),
        links: column(this.links),
        seen: column(this.seen),
      },
    };
  }
}

/** Adds the rows of a table, each once. */
export function sumOf(table: InodeTable): InodeSum {
  const sum: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
  for (let row = 0; row < table.inode.length; row++) addInode(sum, table.bytes[row] ?? 0, table.allocated[row] ?? 0);
  return sum;
}

export function addInode(sum: InodeSum, bytes: number, allocated: number): void {
  sum.inodes++;
  sum.bytes += bytes;
  sum.allocated += allocated;
}

export function addSum(sum: InodeSum, more: InodeSum): void {
  sum.inodes += more.inodes;
  sum.bytes += more.bytes;
  sum.allocated += more.allocated;
}

type Row = [inode: number, bytes: number, allocated: number, links: number, seen: number];

export function rowOf({ inode, bytes, allocated, links, seen }: InodeTable, row: number): Row {
  return [inode[row] ?? 0, bytes[row] ?? 0, allocated[row] ?? 0, links[row] ?? 0, seen[row] ?? 0];
}
