import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../contributions.js';
import { PhlbError } from '../engine/words/errors.js';
import { pathKey } from '../engine/words/names.js';
import type { Services } from '../host/backup/services.js';
import { installCli } from '../host/editor/cli-scripts.js';
import { defaultLocation } from '../host/editor/configuration.js';
import { askModally } from '../host/editor/dialogs.js';
import { errorText, phraseText } from '../host/editor/error-text.js';
import { homePath } from '../host/editor/home-path.js';
import type { Action } from '../host/editor/messages.js';
import { tick } from '../host/editor/tick-list.js';
import { AGENT_IDS } from '../setup/agent-id.js';
import type { Agent, Place } from '../setup/agent.js';
import { agentNamed, AGENTS } from '../setup/agents.js';
import type { Invocation } from '../setup/invocation.js';
import { carryOut, planSetup, type Plan } from '../setup/plan.js';
import { risksOf } from '../setup/risks.js';
import { isUsed, planText, riskText } from './setup-texts.js';

type Answer = 'write' | 'remove' | 'move';

/** What the list of agents shows of one. */
interface AgentItem extends vscode.QuickPickItem {
  agent: Agent;
}

/** Set Up for Coding Agents…: hooks and a server in the agents' own files in the home folder. */
export class SetUpAgentsCommand {
  constructor(
    private readonly services: Services,
    private readonly context: Pick<vscode.ExtensionContext, 'extensionPath' | 'globalStorageUri'>,
  ) {}

  /**
   * @param names asked for when they are not given
   * @param ask whether to show what would be written, and confirm
   * @returns the agents whose files were written
   */
  async run(names: unknown, ask: boolean): Promise<string[] | undefined> {
    if (!vscode.workspace.isTrusted) {
      throw new PhlbError('usage', vscode.l10n.t('Agents are not set up in Restricted Mode.'));
    }
    const agents = Array.isArray(names) ? names.map(named) : await this.pick();
    if (!agents) return undefined;
    const setups = await this.plan(agents, false);
    const answer = ask ? await this.ask(setups) : 'write';
    if (answer === 'move') await vscode.commands.executeCommand(Command.changeLocation);
    if (answer === undefined || answer === 'move') return undefined;
    const plans = answer === 'remove' ? await this.plan(agents, true) : setups;
    const written = plans.filter(({ changes }) => changes.length > 0);
    if (written.length > 0) await this.installLauncher();
    for (const plan of written) await carryOut(plan);
    if (ask) this.tell(written, answer === 'remove');
    return written.map(({ agent }) => agent.id);
  }

  private async pick(): Promise<Agent[] | undefined> {
    const title = vscode.l10n.t('Set Up for Coding Agents');
    const show = { iconPath: new vscode.ThemeIcon('eye'), tooltip: vscode.l10n.t('Show') };
    const items = await Promise.all(
      AGENT_IDS.map(async (id): Promise<AgentItem> => {
        const agent = AGENTS[id];
        return { label: agent.name, description: await this.stateOf(agent), agent, buttons: [show] };
      }),
    );
    const picked = await tick({
      title,
      placeholder: vscode.l10n.t('Which agents are to take snapshots before and after their work?'),
      items,
      onButton: async ({ agent }) => showPreview(await this.plan([agent], false)),
      onFailure: error => this.services.messages.failure(vscode.l10n.t('PHLB could not show this.'), error),
    });
    return picked?.map(({ agent }) => agent);
  }

  private async stateOf(agent: Agent): Promise<string> {
    try {
      const [plan] = await this.plan([agent], false);
      if (plan?.changes.length === 0) return vscode.l10n.t('set up already');
    } catch (error) {
      if (!PhlbError.is(error)) throw error;
      return errorText(error);
    }
    return (await isUsed(agent.folder(this.place()))) ? vscode.l10n.t('seems to be used here') : '';
  }

  private async ask(plans: readonly Plan[]): Promise<Answer | undefined> {
    const { root } = this.services.configuration.location();
    const folders = this.services.configuration.workspaceFolders().map(({ fsPath }) => fsPath);
    const risks = await risksOf(root, folders, vscode.env.remoteName);
    const paths = plans.flatMap(({ changes }) => changes.map(({ path }) => homePath(path)));
    const buttons = new Map<string, Answer | 'show'>();
    if (paths.length > 0) {
      buttons.set(vscode.l10n.t('Set Up'), 'write');
      buttons.set(vscode.l10n.t('Show'), 'show');
    }
    if (plans.some(({ unchanged }) => unchanged.length > 0)) buttons.set(vscode.l10n.t('Remove'), 'remove');
    if (risks.length > 0) buttons.set(vscode.l10n.t('Change Location…'), 'move');
    const detail = [
      paths.length > 0
        ? vscode.l10n.t('Hooks and a server of PHLB come into these files; what stands in them stays as it is:')
        : vscode.l10n.t('Everything is set up already.'),
      paths.join('\n'),
      ...risks.map(risk => riskText(risk, homePath(root))),
    ];
    const question = vscode.l10n.t('Set up PHLB for {0}?', namesOf(plans));
    const answer = await askModally(question, detail, buttons);
    if (answer === 'show') await showPreview(plans);
    return answer === 'show' ? undefined : answer;
  }

  private tell(plans: readonly Plan[], removed: boolean): void {
    const { messages } = this.services;
    if (plans.length === 0) return messages.info(vscode.l10n.t('There was nothing to change.'));
    const files = plans.flatMap(({ changes }) => changes).filter(({ after }) => after !== null);
    const open: Action = {
      title: vscode.l10n.t('Open Files'),
      run: async () => {
        for (const { path } of files) {
          await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
        }
      },
    };
    const place = this.place();
    const notes = removed ? [] : plans.flatMap(({ agent }) => agent.notes(place).map(phraseText));
    const text = removed
      ? vscode.l10n.t('PHLB is no longer set up for {0}.', namesOf(plans))
      : vscode.l10n.t('PHLB is set up for {0}.', namesOf(plans));
    messages.info([text, ...notes].join(' '), files.length > 0 ? [open] : []);
  }

  private plan(agents: readonly Agent[], remove: boolean): Promise<Plan[]> {
    return Promise.all(agents.map(agent => planSetup(agent, this.place(), this.invocation(), remove)));
  }

  private place(): Place {
    return { scope: 'user', home: homedir(), folder: homedir(), env: process.env, platform: process.platform };
  }

  // The launcher stays where it is when the extension is updated. An agent that is started elsewhere has none of the variables
  // of this editor's terminals.
  private invocation(): Invocation {
    const { root, index } = this.services.configuration.location();
    const isDefault = pathKey(root) === pathKey(defaultLocation());
    const launcher = join(this.launcherFolder(), process.platform === 'win32' ? 'phlb.cmd' : 'phlb');
    return { program: [launcher], options: [...(isDefault ? [] : ['--root', root]), '--index', index] };
  }

  private launcherFolder(): string {
    return join(this.context.globalStorageUri.fsPath, 'bin');
  }

  private installLauncher(): Promise<void> {
    const cli = join(this.context.extensionPath, 'dist', 'cli.js');
    return installCli(this.launcherFolder(), { node: process.execPath, cli });
  }
}

function named(name: unknown): Agent {
  const agent = agentNamed(String(name));
  if (agent) return agent;
  throw new PhlbError('usage', vscode.l10n.t('There is no agent {0}', String(name)));
}

function namesOf(plans: readonly Plan[]): string {
  return plans.map(({ agent }) => agent.name).join(', ');
}

async function showPreview(plans: readonly Plan[]): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'diff', content: planText(plans) });
  await vscode.window.showTextDocument(document, { preview: true });
}
