import { join } from 'node:path';
import * as vscode from 'vscode';
import { SetUpAgentsCommand } from './agent/set-up-agents.js';
import { registerTools } from './agent/tools.js';
import { AnnotateCommands } from './commands/snapshots/annotate.js';
import { BackupCommands } from './commands/snapshots/backup.js';
import { VerifyAndRebuildCommands } from './commands/snapshots/verify-and-rebuild.js';
import { ChangeLocationCommand } from './commands/location/change-location.js';
import { CopyOffCommands } from './commands/offsite/copy-off.js';
import { RecoverCommand } from './commands/offsite/recover.js';
import { RepositoryChoice } from './commands/offsite/repository-choice.js';
import { ChangesCommands } from './commands/compare/changes.js';
import { CompareCommands } from './commands/compare/compare.js';
import { VersionSteps } from './commands/compare/version-steps.js';
import { DeletionCommands } from './commands/snapshots/deletion.js';
import { FindFileCommand } from './commands/find/find-file.js';
import { SearchTextCommands } from './commands/find/search-text.js';
import { PathCommands } from './commands/snapshots/stored-paths.js';
import { PruneCommand } from './commands/snapshots/prune.js';
import { RestoreCommand } from './commands/restore/restore.js';
import { RestoreDeletedCommand } from './commands/restore/restore-deleted.js';
import { RestoreFromExplorerCommands } from './commands/restore/restore-from-explorer.js';
import { RestoreReport } from './commands/restore/restore-report.js';
import { RestoreToCommand } from './commands/restore/restore-to.js';
import { showStatusMenu } from './views/status-menu.js';
import { UndoRestoreCommand } from './commands/restore/undo-restore.js';
import { UndoTurnCommand } from './commands/restore/undo-turn.js';
import { Command, STATUS_MENU_COMMAND, type CommandHandlers, type PhlbApi } from './contributions.js';
import { LinkDocuments } from './documents/link-documents.js';
import { PastEncodings } from './documents/past-encodings.js';
import { SnapshotFileSystem } from './documents/snapshot-file-system.js';
import { Aftercare } from './host/backup/aftercare.js';
import { AutoBackup } from './host/auto-backup/auto-backup.js';
import { BackedUpPaths } from './host/auto-backup/backed-up-paths.js';
import { ChangeWatch } from './host/auto-backup/change-watch.js';
import { AutoBackupConsent } from './host/auto-backup/consent.js';
import { MassChanges } from './host/auto-backup/mass-changes.js';
import { TurnOnAutoBackup } from './host/auto-backup/turn-on.js';
import { BackupService } from './host/backup/backup-service.js';
import { Catalog } from './host/catalog/catalog.js';
import { Configuration, setContextKey, writeConfig } from './host/editor/configuration.js';
import { DateFormat } from './host/editor/dates.js';
import { LastBackup } from './host/backup/last-backup.js';
import { LastVerify } from './host/catalog/last-verify.js';
import { LocationMemory } from './host/backup/location-memory.js';
import { Messages } from './host/editor/messages.js';
import { MovedFolders } from './host/backup/moved-folders.js';
import { OffsiteCopies } from './host/offsite/copies.js';
import { CopyMemory } from './host/offsite/copy-memory.js';
import { Credentials } from './host/offsite/credentials.js';
import { RepositoryAccess } from './host/offsite/repository-access.js';
import { ScheduledCopies } from './host/offsite/scheduled-copies.js';
import { PendingMark } from './host/backup/pending-mark.js';
import { hasArguments, registerCommands, scriptApi, selectedUris } from './host/editor/register-commands.js';
import type { Services } from './host/backup/services.js';
import { SizeWarning } from './host/backup/size-warning.js';
import { TextSearch } from './host/catalog/text-search.js';
import { StoreWatch } from './host/catalog/store-watch.js';
import { Terminals } from './host/editor/terminals.js';
import { FileVersionsView } from './views/file-versions-view.js';
import { SearchView } from './views/search/search-view.js';
import { SnapshotsView } from './views/snapshots-view.js';
import { StatusBar } from './views/status-bar.js';
import { StoragePage } from './views/storage/storage-page.js';
import { EngineClient } from './worker/client.js';

const IDLE_MS = 60_000;

/** ends what the window has begun; the editor hands nothing of what is active to `deactivate` */
let close = async (): Promise<unknown> => undefined;

/**
 * Builds the services and registers everything. Starts no thread: the engine's client does so at its first call. Returns
 * what scripts and other extensions call.
 */
export function activate(context: vscode.ExtensionContext): PhlbApi {
  const keep = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const { globalState, workspaceState } = context;
  const log = keep(vscode.window.createOutputChannel('PHLB', { log: true }));
  const dates = new DateFormat(vscode.env.language, () => Intl.DateTimeFormat().resolvedOptions().locale);
  const configuration = new Configuration(context.globalStorageUri.fsPath);
  const messages = new Messages(log);
  const locationMemory = new LocationMemory(globalState);
  const pending = new PendingMark(workspaceState);

  // Four threads, each started when first needed: listing must not wait for a backup of an hour or a search through
  // everything, nor a backup for copies.
  const worker = join(context.extensionPath, 'dist', 'worker.js');
  // A backup must not slow the editor down; a person waits for the other one.
  const engine = new EngineClient(worker, { idleMs: IDLE_MS, background: true });
  const reader = new EngineClient(worker, { idleMs: IDLE_MS });
  const carrier = new EngineClient(worker, { idleMs: IDLE_MS, background: true });
  const seeker = new EngineClient(worker, { idleMs: IDLE_MS });
  const clients = [engine, reader, carrier, seeker];
  keep({ dispose: () => void Promise.all(clients.map(client => client.dispose())) });
  close = () => Promise.all(clients.map(client => client.close()));
  const catalog = keep(new Catalog(reader, configuration));
  const backups = keep(
    new BackupService(engine, configuration, locationMemory, catalog, dates, pending, workspaceState, log),
  );
  const services: Services = {
    engine,
    reader,
    configuration,
    catalog,
    backups,
    locationMemory,
    lastVerify: new LastVerify(globalState, catalog),
    dates,
    messages,
    log,
  };
  const consent = keep(new AutoBackupConsent(configuration, backups, dates, globalState, workspaceState));
  const sizeWarning = new SizeWarning(engine, dates, messages, globalState);
  const aftercare = keep(new Aftercare(engine, configuration, catalog, backups, sizeWarning, dates, messages, log));
  const changes = keep(new ChangeWatch(configuration));
  const backedUp = new BackedUpPaths(reader, configuration);
  const autoBackup = keep(
    new AutoBackup(
      configuration,
      backups,
      consent,
      aftercare,
      changes,
      backedUp,
      new MovedFolders(catalog, dates),
      pending,
      workspaceState,
      messages,
      log,
    ),
  );
  const massChanges = keep(new MassChanges(services, changes, backedUp));
  const lastBackup = keep(new LastBackup(catalog, configuration, backups, log));

  const credentials = new Credentials(context.secrets, process.env);
  const access = new RepositoryAccess(configuration, credentials);
  const copyMemory = new CopyMemory(globalState);
  const copies = keep(new OffsiteCopies(carrier, reader, configuration, catalog, access, copyMemory, log));
  const schedule = keep(new ScheduledCopies(configuration, copies, consent, autoBackup, copyMemory, dates, messages));

  keep(new SnapshotFileSystem(catalog).register());
  keep(new LinkDocuments().register());
  keep(new PastEncodings(log).register());
  const watch = keep(new StoreWatch(catalog));
  keep(new SnapshotsView(services, autoBackup, watch)).register();
  const fileVersions = keep(new FileVersionsView(services, watch));
  fileVersions.register();
  const search = keep(new TextSearch(seeker, catalog, configuration));
  keep(new SearchView(search, dates)).register();
  keep(new StatusBar(configuration, backups, autoBackup, lastBackup, copies, dates)).start();
  const storage = keep(new StoragePage(services, copies, schedule, context.extensionUri));
  keep(new Terminals(context, configuration, log)).start();
  keep(registerTools(services));
  const lookAgain = (): void => {
    void setContextKey('phlb.location', 'unknown');
    catalog.invalidate();
  };
  keep(configuration.onDidChange(['phlb.backup.location'], lookAgain));
  // Sources have the paths under which their folders are open.
  keep(vscode.workspace.onDidChangeWorkspaceFolders(() => catalog.invalidate()));
  void setContextKey('phlb.location', 'unknown');

  const turnOn = new TurnOnAutoBackup(configuration, consent, autoBackup, messages);
  const choice = new RepositoryChoice(credentials);
  const copyOff = new CopyOffCommands(services, copies, access, choice);
  const recover = new RecoverCommand(services, copies, access, choice);
  const setUpAgents = new SetUpAgentsCommand(services, context);
  const handlers = commandHandlers(
    services,
    autoBackup,
    turnOn,
    copyOff,
    recover,
    setUpAgents,
    storage,
    fileVersions,
    search,
  );
  keep(registerCommands(handlers(true), messages, log));
  keep(vscode.commands.registerCommand(STATUS_MENU_COMMAND, () => showStatusMenu(backups, autoBackup, catalog)));
  autoBackup.start();
  massChanges.start();
  changes.start();
  lastBackup.start();
  copies.start();
  schedule.start();
  return scriptApi(handlers(false), log);
}

/** Cancels what is going on and waits until it has cleaned up; the editor waits for some seconds. */
export async function deactivate(): Promise<void> {
  await close();
}

/** @returns the handlers; `asks`: whether what deletes, overwrites or moves the backups elsewhere asks first */
function commandHandlers(
  services: Services,
  autoBackup: AutoBackup,
  turnOn: TurnOnAutoBackup,
  copyOff: CopyOffCommands,
  recover: RecoverCommand,
  setUpAgents: SetUpAgentsCommand,
  storage: StoragePage,
  fileVersions: FileVersionsView,
  search: TextSearch,
): (asks: boolean) => CommandHandlers {
  const { catalog, log } = services;
  const annotate = new AnnotateCommands(services);
  const backup = new BackupCommands(services);
  const verifyAndRebuild = new VerifyAndRebuildCommands(services);
  const changeLocation = new ChangeLocationCommand(services);
  const changes = new ChangesCommands(services);
  const compare = new CompareCommands(services);
  const versionSteps = new VersionSteps(services);
  const deletion = new DeletionCommands(services);
  const findFile = new FindFileCommand(services);
  const searchText = new SearchTextCommands(search);
  const paths = new PathCommands(services);
  const prune = new PruneCommand(services);
  const report = new RestoreReport(services);
  const undoRestore = new UndoRestoreCommand(services, report);
  const undoTurn = new UndoTurnCommand(services, undoRestore, report, changes);
  const restore = new RestoreCommand(services, undoRestore, report);
  const restoreTo = new RestoreToCommand(services, undoRestore, report);
  const restoreDeleted = new RestoreDeletedCommand(services, restore);
  const fromExplorer = new RestoreFromExplorerCommands(services, restore);
  return asks => ({
    [Command.backupWorkspace]: () => backup.workspace(asks),
    [Command.backupFolder]: (folder, menu) =>
      backup.folder(folder, selectedUris(menu), asks && !hasArguments([folder, menu])),
    [Command.backupNamed]: label => backup.named(label, asks && !hasArguments([label])),
    [Command.backupSource]: source => backup.source(source, asks && !hasArguments([source])),
    [Command.openFile]: file => compare.open(file),
    [Command.compareWithCurrent]: (file, menu) => compare.withCurrent(file, asks && !hasArguments([file, menu])),
    [Command.compareWithPrevious]: file => compare.withPrevious(file),
    [Command.compareFileWithSnapshot]: (file, snapshot) =>
      compare.fileWithSnapshot(file, typeof snapshot === 'string' ? snapshot : undefined),
    [Command.showSnapshotChanges]: (snapshot, menu) => changes.of(snapshot, asks && !hasArguments([snapshot, menu])),
    [Command.showChanges]: snapshot => changes.since(snapshot),
    [Command.compareSelected]: (older, newer) => changes.between(older, newer),
    [Command.showVersions]: file => fileVersions.showVersions(file),
    [Command.previousVersion]: file => versionSteps.go('older', file),
    [Command.nextVersion]: file => versionSteps.go('newer', file),
    [Command.showFolderChanges]: (folder, snapshot) => changes.sinceOf(folder, idOf(snapshot)),
    [Command.restore]: (what, more) => restore.run(what, more, asks, asks && !hasArguments([what, more])),
    [Command.restoreDeleted]: (folder, menu) =>
      restoreDeleted.run(foldersOf(folder, menu), asks, asks && !hasArguments([folder, menu])),
    [Command.restoreFolder]: (folder, snapshot) =>
      fromExplorer.folder(folder, idOf(snapshot), asks, asks && !hasArguments([folder, snapshot])),
    [Command.restoreVersion]: (file, snapshot) =>
      fromExplorer.version(file, idOf(snapshot), asks, asks && !hasArguments([file, snapshot])),
    [Command.restoreTo]: (what, folder) => restoreTo.run(what, folder instanceof vscode.Uri ? folder : undefined, asks),
    [Command.undoRestore]: name => undoRestore.run(name, asks),
    [Command.undoTurn]: turn => undoTurn.run(turn, asks),
    [Command.findFile]: glob => findFile.run(glob),
    [Command.searchText]: (what, folder, options) => searchText.run(...searchArguments(what, folder, options)),
    [Command.searchSelection]: () => searchText.selection(),
    [Command.cancelSearch]: () => searchText.cancel(),
    [Command.clearSearch]: () => searchText.clear(),
    [Command.deleteSnapshot]: (snapshot, more) => deletion.snapshots(snapshot, more, asks),
    [Command.prune]: name => prune.run(name, asks),
    [Command.forgetSource]: source => deletion.source(source, asks),
    [Command.label]: (snapshot, text) => annotate.label(snapshot, typeof text === 'string' ? text : undefined),
    [Command.pin]: (snapshot, menu) => annotate.pin(snapshot, menu, true),
    [Command.unpin]: (snapshot, menu) => annotate.pin(snapshot, menu, false),
    [Command.verify]: (snapshot, menu) =>
      verifyAndRebuild.verify(snapshot, menu, asks && !hasArguments([snapshot, menu])),
    [Command.rebuildIndex]: () => verifyAndRebuild.rebuildIndex(),
    [Command.showStorage]: () => storage.show(),
    [Command.changeLocation]: folder => changeLocation.run(folder, asks),
    [Command.revealInOS]: item => paths.reveal(item),
    [Command.copyPath]: item => paths.copy(item),
    [Command.pauseAutoBackup]: () => autoBackup.pause(),
    [Command.resumeAutoBackup]: () => autoBackup.resume(),
    [Command.turnOnAutoBackup]: () => turnOn.run(asks),
    [Command.offsitePush]: () => copyOff.push(asks),
    [Command.offsiteCheck]: () => copyOff.check(asks),
    [Command.offsiteRecover]: repository => recover.run(typeof repository === 'string' ? repository : undefined, asks),
    [Command.setUpAgents]: agents => setUpAgents.run(agents, asks),
    [Command.showChangesOnly]: () => writeConfig('phlb.views.showChangesOnly', true),
    [Command.showAllFiles]: () => writeConfig('phlb.views.showChangesOnly', false),
    [Command.showLog]: async () => log.show(),
    [Command.refresh]: async () => catalog.invalidate(),
  });
}

// Menus add what is selected, or an editor's group.
function idOf(snapshot: unknown): string | undefined {
  return typeof snapshot === 'string' ? snapshot : undefined;
}

// The Explorer gives the folder first, scripts the pattern. Anybody may give anything.
function searchArguments(what: unknown, folder: unknown, options: unknown): Parameters<SearchTextCommands['run']> {
  const given = typeof options === 'object' && options !== null ? options : {};
  if (typeof what === 'string') return [what, folder instanceof vscode.Uri ? folder : undefined, given];
  return [undefined, what instanceof vscode.Uri ? what : undefined];
}

function foldersOf(folder: vscode.Uri | undefined, menu: unknown): vscode.Uri[] {
  const selected = selectedUris(menu);
  return selected.length > 0 ? selected : folder ? [folder] : [];
}
