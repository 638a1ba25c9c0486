import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { diffLines } from '../setup/diff-lines.js';
import type { Plan } from '../setup/plan.js';
import type { Risk } from '../setup/risks.js';

/** What would be written, as a text to be looked at. */
export function planText(plans: readonly Plan[]): string {
  const changes = plans.flatMap(plan => plan.changes);
  return changes
    .map(({ path, read, after }) => [path, ...diffLines(read.text ?? '', after ?? ''), ''].join('\n'))
    .join('\n');
}

export function riskText(risk: Risk, root: string): string {
  switch (risk) {
    case 'inside':
      return vscode.l10n.t(
        'The backup location {0} and an open folder lie in each other: an agent that deletes one may delete both.',
        root,
      );
    case 'container':
      return vscode.l10n.t(
        'The backup location {0} goes with this container: give it a volume, or choose another.',
        root,
      );
    case 'memory':
      return vscode.l10n.t('The backup location {0} is in memory only, and gone after a restart.', root);
  }
}

/** Whether an agent's folder is there. */
export async function isUsed(folder: string): Promise<boolean> {
  return stat(folder).then(
    found => found.isDirectory(),
    () => false,
  );
}
