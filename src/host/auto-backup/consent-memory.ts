import type { Memento } from 'vscode';

/** What the user has said: for this workspace, for all of this host, never. */
export type Answer = 'here' | 'all' | 'never';

const STORE_AT = 'location.store:';
const ANSWER = 'autoBackup.consent:';

/**
 * The answers to the question for consent, once a store and host. A store is known by its id wherever it is found, and by its
 * location until it has been founded.
 */
export class ConsentMemory {
  constructor(
    private readonly everywhere: Memento,
    private readonly workspace: Memento,
    private readonly storeIdAt: (root: string) => Promise<string | undefined>,
  ) {}

  answer(root: string): Answer | undefined {
    const key = this.key(root);
    return this.workspace.get<Answer>(key) ?? this.everywhere.get<Answer>(key);
  }

  /** The last word counts: an answer for all workspaces takes an earlier one for this workspace back. */
  async remember(root: string, answer: Answer): Promise<void> {
    const key = this.key(root);
    if (answer === 'here') {
      await this.workspace.update(key, answer);
    } else {
      await this.everywhere.update(key, answer);
      await this.workspace.update(key, undefined);
    }
  }

  /** Looks which store is at a root that nothing is known of yet. Another one than the known may be a wrong disk. */
  async identify(root: string): Promise<void> {
    if (this.everywhere.get(STORE_AT + root) === undefined) await this.confirm(root);
  }

  /** A backup to that root went well: the store there is the one that the user wants. */
  async confirm(root: string): Promise<void> {
    const id = await this.storeIdAt(root);
    if (id === undefined) return;
    if (this.everywhere.get(STORE_AT + root) !== id) await this.everywhere.update(STORE_AT + root, id);
    for (const memory of [this.everywhere, this.workspace]) {
      const given = memory.get<Answer>(ANSWER + root);
      if (given === undefined) continue;
      if (memory.get(ANSWER + id) === undefined) await memory.update(ANSWER + id, given);
      await memory.update(ANSWER + root, undefined);
    }
  }

  private key(root: string): string {
    return ANSWER + (this.everywhere.get<string>(STORE_AT + root) ?? root);
  }
}
