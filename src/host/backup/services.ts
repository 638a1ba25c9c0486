import type { LogOutputChannel } from 'vscode';
import type { BackupService } from './backup-service.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Configuration } from '../editor/configuration.js';
import type { DateFormat } from '../editor/dates.js';
import type { LastVerify } from '../catalog/last-verify.js';
import type { LocationMemory } from './location-memory.js';
import type { Messages } from '../editor/messages.js';
import type { EngineClient } from '../../worker/client.js';

/** What commands and pages work with. */
export interface Services {
  /** for work that may take long: backups, restores, deletions, verifying */
  engine: EngineClient;
  /** for what somebody is waiting for: it must not queue behind a backup of an hour */
  reader: EngineClient;
  configuration: Configuration;
  catalog: Catalog;
  backups: BackupService;
  locationMemory: LocationMemory;
  lastVerify: LastVerify;
  dates: DateFormat;
  messages: Messages;
  log: LogOutputChannel;
}
