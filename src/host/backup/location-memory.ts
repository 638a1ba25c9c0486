import type { Memento } from 'vscode';

const KEY = 'location.mayFound';

/**
 * Where the user has asked for a new store. A remembered location whose store is missing is otherwise left alone (an
 * unplugged drive, DESIGN.md §2), so the explicit choice has to be remembered until the first backup there.
 */
export class LocationMemory {
  constructor(private readonly memory: Memento) {}

  mayFound(root: string): boolean {
    return this.memory.get<string>(KEY) === root;
  }

  async choose(root: string): Promise<void> {
    await this.memory.update(KEY, root);
  }

  async founded(root: string): Promise<void> {
    if (this.mayFound(root)) await this.memory.update(KEY, undefined);
  }
}
