import { shortageOf, spaceAt, type Shortage } from '../backup/space-check.js';
import { storeIdAt } from '../catalog/store-identity.js';

/** Why automatic backups have to wait. */
export type Obstacle = 'unreachable' | Shortage;

/**
 * What keeps automatic backups from running for now. Looked at before each of them without the engine, so that an
 * unplugged drive costs one failed run and then no more than a look at an interval.
 */
export class Obstacles {
  private found: Obstacle | undefined;
  private away: { root: string; seen: string | undefined } | undefined;

  /** As last looked at. */
  get current(): Obstacle | undefined {
    return this.found;
  }

  async look(root: string): Promise<Obstacle | undefined> {
    if (this.away && !(await this.isBack(root, this.away))) return (this.found = 'unreachable');
    this.away = undefined;
    const space = await spaceAt(root);
    return (this.found = space && shortageOf(space));
  }

  /** The engine could not reach the store there: from now on it is looked for, until another one stands there. */
  async unreachable(root: string): Promise<void> {
    this.found = 'unreachable';
    this.away = { root, seen: await storeIdAt(root) };
  }

  /** A backup went well, so there is none. */
  clear(): void {
    this.found = undefined;
    this.away = undefined;
  }

  private async isBack(root: string, away: { root: string; seen: string | undefined }): Promise<boolean> {
    if (root !== away.root) return true;
    const id = await storeIdAt(root);
    return id !== undefined && id !== away.seen;
  }
}
