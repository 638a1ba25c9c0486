import * as vscode from 'vscode';
import { Disposables } from '../host/editor/disposables.js';
import type { Services } from '../host/backup/services.js';
import { AgentScope } from './agent-scope.js';
import { DiffTool } from './diff-tool.js';
import { ListTool } from './list-tool.js';
import { RestoreTool } from './restore-tool.js';
import { SnapshotTool } from './snapshot-tool.js';

/** The names under which `package.json` declares the tools. */
export const Tool = {
  snapshot: 'phlb_snapshot',
  list: 'phlb_list_snapshots',
  diff: 'phlb_diff',
  restore: 'phlb_restore',
} as const;

/** Registers the language-model tools, where the editor has such. */
export function registerTools(services: Services): vscode.Disposable {
  const registered = new Disposables();
  if (typeof vscode.lm?.registerTool !== 'function') return registered;
  const scope = new AgentScope(services.catalog);
  registered.add(vscode.lm.registerTool(Tool.snapshot, new SnapshotTool(services, scope)));
  registered.add(vscode.lm.registerTool(Tool.list, new ListTool(scope)));
  registered.add(vscode.lm.registerTool(Tool.diff, new DiffTool(services, scope)));
  registered.add(vscode.lm.registerTool(Tool.restore, new RestoreTool(services, scope)));
  return registered;
}
