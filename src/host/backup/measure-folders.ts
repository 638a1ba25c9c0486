import type { LogOutputChannel } from 'vscode';
import type { BackupRequest } from '../../engine/words/model.js';
import type { EngineClient } from '../../worker/client.js';
import type { FolderSize } from './consent-facts.js';
import { errorText, isCancelled } from '../editor/error-text.js';

export interface MeasureLimits {
  files: number;
  bytes: number;
  /** for all folders together */
  milliseconds: number;
}

/**
 * How much first snapshots would hold; writes nothing. Counting stops at the limits: who asks only wants to know whether
 * it is much. A folder that cannot be read counts as empty.
 */
export async function measureFolders(
  engine: EngineClient,
  requests: readonly BackupRequest[],
  limits: MeasureLimits,
  log: LogOutputChannel,
): Promise<FolderSize> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limits.milliseconds);
  const size: FolderSize = { files: 0, bytes: 0, more: false };
  try {
    for (const request of requests) {
      const before = { ...size };
      const count = ({ files, bytes }: { files: number; bytes: number }): void => {
        size.files = before.files + files;
        size.bytes = before.bytes + bytes;
      };
      const onProgress = (progress: { files: number; bytes: number }): void => {
        count(progress);
        if (size.files > limits.files || size.bytes > limits.bytes) abort.abort();
      };
      try {
        count(await engine.call('backup', { ...request, dryRun: true }, { signal: abort.signal, onProgress }));
      } catch (error) {
        if (isCancelled(error)) return { ...size, more: true };
        log.warn(`${request.source} cannot be measured: ${errorText(error)}`);
      }
    }
    return size;
  } finally {
    clearTimeout(timer);
  }
}
