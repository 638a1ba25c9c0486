import * as vscode from 'vscode';
import { shownAddress } from '../../engine/offsite/address.js';
import type { OffsiteTarget } from '../../engine/offsite/model.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { Configuration } from '../editor/configuration.js';
import { askText, confirm } from '../editor/dialogs.js';
import { passwordSecret, type Credentials, type Secrets } from './credentials.js';

export interface AccessOptions {
  /** whether a person is there to be asked */
  ask: boolean;
  /** makes the repository where there is none; not given: that there is none is an error */
  make?: (target: OffsiteTarget) => Promise<unknown>;
}

/** The way into a repository: its password is asked for where it is missing, or was wrong. */
export class RepositoryAccess {
  /** passwords that were typed and have opened nothing yet, by address */
  private readonly unproven = new Map<string, string>();

  constructor(
    private readonly configuration: Configuration,
    private readonly credentials: Credentials,
  ) {}

  /** Asks for a password, unless there is one: before anything is seen to go on. @throws PhlbError `cancelled` */
  async prepare(address: string): Promise<void> {
    if ((await this.credentials.of(address)) === undefined) await this.askPassword(address, false);
  }

  /**
   * Does what needs the repository, again where a person has helped it.
   * @throws PhlbError as `work`; `cancelled` where a person has thought better of it
   */
  async run<T>(address: string, work: (target: OffsiteTarget) => Promise<T>, options: AccessOptions): Promise<T> {
    const { ask, make } = options;
    for (;;) {
      const secrets = await this.credentials.of(address);
      if (!secrets && !ask) throw noPassword(address);
      if (!secrets) {
        await this.askPassword(address, false);
        continue;
      }
      const target = this.target(address, secrets);
      try {
        const result = await work(target);
        this.unproven.delete(address);
        return result;
      } catch (error) {
        const wasWrong = PhlbError.is(error, 'wrongPassword');
        if (wasWrong) await this.forget(address);
        if (wasWrong && ask) {
          await this.askPassword(address, true);
        } else if (PhlbError.is(error, 'noRepository') && ask && make) {
          await this.make(address, () => make(target));
        } else {
          throw error;
        }
      }
    }
  }

  private async forget(address: string): Promise<void> {
    this.unproven.delete(address);
    await this.credentials.forgetPassword(address);
  }

  private target(address: string, secrets: Secrets): OffsiteTarget {
    const { restic } = this.configuration.offsite();
    return { repository: address, secrets, ...(restic === '' ? {} : { restic }) };
  }

  private async askPassword(address: string, wasWrong: boolean): Promise<void> {
    const shown = shownAddress(address);
    const password = await askText({
      title: vscode.l10n.t('Password of the Repository'),
      prompt: wasWrong
        ? vscode.l10n.t('That password does not open {0}. Which one does?', shown)
        : vscode.l10n.t('The password that encrypts the copies in {0}', shown),
      password: true,
      problem: text => (text === '' ? vscode.l10n.t('A repository always has a password.') : undefined),
    });
    if (password === undefined) throw PhlbError.cancelled();
    this.unproven.set(address, password);
    await this.credentials.keep(address, passwordSecret(password));
  }

  // A typing error in the password of a new repository would be found out about when it is too late.
  private async make(address: string, make: () => Promise<unknown>): Promise<void> {
    const typed = this.unproven.get(address);
    if (!(await this.mayMake(shownAddress(address), typed))) {
      if (typed !== undefined) await this.forget(address);
      throw PhlbError.cancelled();
    }
    await make();
    this.unproven.delete(address);
    const isUnderstood = await confirm(
      vscode.l10n.t('Keep the password of this repository where it outlives this computer.'),
      [
        vscode.l10n.t(
          'Without it nobody can open the copies, nor can you: there is no way to get it back or to set another one.',
        ),
        vscode.l10n.t('What this editor keeps of it is lost together with this computer.'),
      ],
      vscode.l10n.t('Copy Now'),
    );
    if (!isUnderstood) throw PhlbError.cancelled();
  }

  private async mayMake(shown: string, typed: string | undefined): Promise<boolean> {
    if (typed === undefined) {
      return confirm(
        vscode.l10n.t('Make a new repository at {0}?', shown),
        [vscode.l10n.t('There is none yet.')],
        vscode.l10n.t('Make It'),
      );
    }
    const again = await askText({
      title: vscode.l10n.t('New Repository'),
      prompt: vscode.l10n.t('There is no repository at {0} yet: one will be made. Type its password again.', shown),
      password: true,
      problem: text => (text === typed ? undefined : vscode.l10n.t('It is not the same yet.')),
    });
    return again !== undefined;
  }
}

function noPassword(address: string): PhlbError {
  return new PhlbError('usage', vscode.l10n.t('The password of the repository is not known'), {
    path: shownAddress(address),
    hint: vscode.l10n.t('run Copy Off This Machine Now, which asks for it'),
  });
}
