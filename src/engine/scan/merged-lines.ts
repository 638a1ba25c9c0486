import { textOf } from '../store/manifest.js';
import type { PreviousLines } from './previous-lines.js';
import { saysTheSame } from './unchanged.js';

/** The lines of one directory as it is now, put together along with those of the last manifest. */
export class MergedLines {
  /** something differs, whatever the files that are open turn out to be */
  changed = false;
  /** a number: where in the last manifest the same line stands */
  private readonly lines: (string | number)[] = [];
  private rewritten = false;
  private isOpen = false;

  constructor(readonly previous: PreviousLines | undefined) {}

  /** Whether the last manifest has a line of that name; names come in their order. */
  find(name: string): boolean {
    return this.previous?.find(name) ?? false;
  }

  /** @param known `find` has found its old line */
  add(line: string | number, known: boolean): void {
    this.lines.push(line);
    if (typeof line === 'number') return this.previous?.take();
    const old = this.takeOld(known);
    if (line === old) return;
    this.rewritten = true;
    // Inodes that are not stable make other lines of files that are the same.
    if (old === undefined || !saysTheSame(line, old)) this.changed = true;
  }

  /** Leaves a place for the line of a file that is yet to be read. */
  leaveOpen(known: boolean): { at: number; old: string | undefined } {
    this.isOpen = true;
    return { at: this.lines.push('') - 1, old: this.takeOld(known) };
  }

  text(line: string | number): string {
    return typeof line === 'string' ? line : (this.previous?.line(line) ?? '');
  }

  /** After the last name. Returns how many of the old lines stand for nothing any more. */
  finish(): number {
    this.previous?.finish();
    const gone = this.previous?.gone ?? 0;
    if (gone > 0) this.changed = true;
    return gone;
  }

  /** As `ComparedDirectory` has them. */
  result(): string | string[] | null {
    if (!this.changed && !this.rewritten && !this.isOpen) return null;
    const lines = this.lines.map(line => this.text(line));
    return this.isOpen ? lines : textOf(lines);
  }

  private takeOld(known: boolean): string | undefined {
    if (!known) return undefined;
    const old = this.previous?.line();
    this.previous?.take();
    return old;
  }
}
