import type { ServerContext } from '@modelcontextprotocol/server';
import { passUnforeseen } from '../engine/words/errors.js';
import type { Progress } from '../engine/words/model.js';

const EVERY_MS = 250;

/** Tells the client how far its call is, if it wants to know, now and then. */
export function progressOf({ mcpReq: { _meta, notify, signal } }: ServerContext): (progress: Progress) => void {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let told = 0;
  let last = -Infinity;
  return ({ phase, files, totalFiles, expectedFiles }) => {
    const now = performance.now();
    if (now - last < EVERY_MS || signal.aborted) return;
    last = now;
    const total = totalFiles ?? expectedFiles;
    const message = `${phase}: ${files.toLocaleString('en')}${total === undefined ? '' : ` of ${total.toLocaleString('en')}`} files`;
    // It may only grow, and each phase counts anew.
    const params = { progressToken, progress: ++told, message };
    notify({ method: 'notifications/progress', params }).catch((error: unknown) => {
      if (!signal.aborted) passUnforeseen(error);
    });
  };
}
