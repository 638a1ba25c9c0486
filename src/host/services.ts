import type { LogOutputChannel } from 'vscode';
import type { BackupService } from './backupService.js';
import type { Catalog } from './catalog.js';
import type { Configuration } from './configuration.js';
import type { DateFormat } from './dates.js';
import type { LastVerify } from './lastVerify.js';
import type { LocationMemory } from './locationMemory.js';
import type { Messages } from './messages.js';
import type { EngineClient } from '../worker/client.js';

/** What commands and pages work with. */
export interface Services {
  /** for work that may take long: backups, restores, deletions, verifying */
  engine: EngineClient;
  /** for what somebody is waiting for: it must not queue behind a backup of an hour */
  reader: EngineClient;
  configuration: Configuration;
  catalog: Catalog;
  backups: BackupService;
  location: LocationMemory;
  lastVerify: LastVerify;
  dates: DateFormat;
  messages: Messages;
  log: LogOutputChannel;
}
