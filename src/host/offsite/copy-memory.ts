import { createHash } from 'node:crypto';
import type { Memento } from 'vscode';
import type { CopyHistory } from './schedule.js';

const KEY = 'offsite.history:';

/** What stands for an address where it is remembered: there may be a user and a password in it. */
export function addressKey(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 16);
}

/** When copies were made or failed, by repository, for all windows of this host. */
export class CopyMemory {
  constructor(private readonly memory: Memento) {}

  of(address: string): CopyHistory {
    return this.memory.get<CopyHistory>(KEY + addressKey(address), {});
  }

  async remember(address: string, history: CopyHistory): Promise<void> {
    await this.memory.update(KEY + addressKey(address), history);
  }
}
