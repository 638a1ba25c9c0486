import { join } from 'node:path';
import * as vscode from 'vscode';
import { BackupCommands } from './commands/backup.js';
import { ChangeLocationCommand } from './commands/changeLocation.js';
import { CompareCommands } from './commands/compare.js';
import { RestoreCommand } from './commands/restore.js';
import { showStatusMenu } from './commands/statusMenu.js';
import { Command, STATUS_MENU_COMMAND } from './contributions.js';
import { SnapshotFileSystem } from './documents/snapshotFileSystem.js';
import { AutoBackup } from './host/autoBackup.js';
import { AutoBackupConsent } from './host/autoBackupConsent.js';
import { BackupService } from './host/backupService.js';
import { Catalog } from './host/catalog.js';
import { Configuration, setContextKey } from './host/configuration.js';
import { DateFormat } from './host/dates.js';
import { LocationMemory } from './host/locationMemory.js';
import { Messages } from './host/messages.js';
import { PendingMark } from './host/pendingMark.js';
import { isScripted, registerCommands, selectedUris } from './host/registerCommands.js';
import { SnapshotsView } from './views/snapshotsView.js';
import { StatusBar } from './views/statusBar.js';
import { EngineClient } from './worker/client.js';

/** Builds the services and registers everything. Starts no thread: the engine's client does so at its first call. */
export function activate(context: vscode.ExtensionContext): void {
  const keep = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const { globalState, workspaceState } = context;
  const log = keep(vscode.window.createOutputChannel('PHLB', { log: true }));
  const dates = new DateFormat(vscode.env.language, Intl.DateTimeFormat().resolvedOptions().locale);
  const configuration = new Configuration(context.globalStorageUri.fsPath);
  const messages = new Messages(log);
  const location = new LocationMemory(globalState);
  const pending = new PendingMark(workspaceState);

  // Two threads, each started when first needed: listing must not wait for a backup of an hour.
  const worker = join(context.extensionPath, 'dist', 'worker.js');
  const [engine, reader] = [new EngineClient(worker), new EngineClient(worker)];
  keep({ dispose: () => void Promise.all([engine.dispose(), reader.dispose()]) });
  const catalog = keep(new Catalog(reader, configuration));
  const backups = keep(
    new BackupService(engine, configuration, location, catalog, dates, pending, workspaceState, log),
  );
  const consent = new AutoBackupConsent(configuration, backups, dates, globalState, workspaceState);
  const autoBackup = keep(new AutoBackup(configuration, backups, consent, pending, workspaceState, messages, log));

  keep(new SnapshotFileSystem(catalog).register());
  const services = { catalog, dates, collator: dates.collator() };
  keep(new SnapshotsView(services, configuration, log)).register();
  keep(new StatusBar(configuration, backups, autoBackup, dates)).start();
  keep(configuration.onDidChange(['phlb.backup.location'], () => catalog.invalidate()));
  void setContextKey('phlb.location', 'unknown');

  const backup = new BackupCommands(configuration, backups, dates, messages);
  const compare = new CompareCommands(catalog, dates);
  const restore = new RestoreCommand(engine, configuration, catalog, dates, messages);
  const changeLocation = new ChangeLocationCommand(configuration, location, catalog);
  keep(
    registerCommands(
      {
        [Command.backupWorkspace]: () => backup.workspace(),
        [Command.backupFolder]: (folder, menu) => backup.folder(folder, selectedUris(menu)),
        [Command.openFile]: file => compare.open(file),
        [Command.compareWithCurrent]: file => compare.withCurrent(file),
        [Command.compareFileWithSnapshot]: (file, snapshot) =>
          compare.fileWithSnapshot(file, typeof snapshot === 'string' ? snapshot : undefined),
        [Command.restore]: (what, menu) => restore.run(what, !isScripted([what, menu])),
        [Command.changeLocation]: folder => changeLocation.run(folder),
        [Command.pauseAutoBackup]: () => autoBackup.pause(),
        [Command.resumeAutoBackup]: () => autoBackup.resume(),
        [Command.showLog]: async () => log.show(),
        [Command.refresh]: async () => catalog.invalidate(),
      },
      messages,
      log,
    ),
  );
  keep(vscode.commands.registerCommand(STATUS_MENU_COMMAND, () => showStatusMenu(backups, autoBackup)));
  autoBackup.start();
}
