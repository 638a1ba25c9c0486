import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import { fromHome, writeConfig } from '../../host/editor/configuration.js';
import { askText } from '../../host/editor/dialogs.js';
import { splitAddress, type Credentials } from '../../host/offsite/credentials.js';

/** Asks where copies go, or are. */
export class RepositoryChoice {
  constructor(private readonly credentials: Credentials) {}

  /** For copies from now on: the answer goes into the settings. */
  async set(): Promise<string | undefined> {
    const address = await this.ask(
      vscode.l10n.t('Copies Off This Machine'),
      vscode.l10n.t(
        'The address of a restic repository: on a server, or a folder on another disk. If there is none, it is made. All that goes there is encrypted.',
      ),
      '',
    );
    if (address !== undefined) await writeConfig('phlb.offsite.repository', address);
    return address;
  }

  /** Where copies are that are to be recovered. @param preset the address to begin with */
  find(preset: string): Promise<string | undefined> {
    return this.ask(
      vscode.l10n.t('Recover from Off-Machine Copies'),
      vscode.l10n.t('The address of the restic repository that holds the copies'),
      preset,
    );
  }

  // A user and a password in it are secrets, and settings are none.
  private async ask(title: string, prompt: string, value: string): Promise<string | undefined> {
    const typed = await askText({
      ...{ title, prompt, value },
      placeHolder: vscode.l10n.t('for example {0}', EXAMPLES),
      problem: text => (text.trim() === '' ? vscode.l10n.t('Type an address, or press Escape.') : undefined),
    });
    if (typed === undefined) return undefined;
    const { address, secrets } = splitAddress(typed.trim());
    const full = fromHome(address);
    if (Object.keys(secrets).length > 0) await this.credentials.keep(full, secrets);
    return full;
  }
}

/** Nobody is there to be asked. */
export function notSet(): PhlbError {
  return new PhlbError('usage', vscode.l10n.t('No repository for copies off this machine is set'), {
    path: 'phlb.offsite.repository',
  });
}

const EXAMPLES = 'sftp:backup@nas:/phlb, rest:https://nas:8000/phlb, /mnt/usb/phlb';
