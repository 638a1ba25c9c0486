/** What a restic is started with: which program, and its environment. */
import { resolve } from 'node:path';
import { PhlbError } from '../words/errors.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import type { OffsiteTarget } from './model.js';

/** @throws PhlbError `usage` where repository or password are not named */
export function settingsOf({ repository, restic, secrets = {} }: OffsiteTarget): {
  program: string;
  env: NodeJS.ProcessEnv;
} {
  const env: NodeJS.ProcessEnv = { ...process.env, ...secrets };
  if (repository !== undefined) {
    env.RESTIC_REPOSITORY = repository;
    delete env.RESTIC_REPOSITORY_FILE;
  }
  if (!env.RESTIC_REPOSITORY && !env.RESTIC_REPOSITORY_FILE) {
    throw new PhlbError('usage', phrase`No repository for copies off this machine was named`, {
      hint: commandLineHint('repository'),
    });
  }
  const isWithPassword = ['RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'].some(name => env[name]);
  if (!isWithPassword) {
    throw new PhlbError('usage', phrase`No password for the repository was named`, {
      hint: commandLineHint('repositoryPassword'),
    });
  }
  // It is started in other folders than this process.
  for (const name of PATHS) if (env[name]) env[name] = resolve(env[name]);
  if (env.RESTIC_REPOSITORY) env.RESTIC_REPOSITORY = wholeAddress(env.RESTIC_REPOSITORY);
  // Times are handed over in it.
  env.TZ = 'UTC';
  env.RESTIC_PROGRESS_FPS = '2';
  const program = restic || env.PHLB_RESTIC || 'restic';
  return { program: /[/\\]/.test(program) ? resolve(program) : program, env };
}

/** Variables that name a file or folder. */
const PATHS = [
  'RESTIC_PASSWORD_FILE',
  'RESTIC_REPOSITORY_FILE',
  'RESTIC_CACERT',
  'RESTIC_TLS_CLIENT_CERT',
  'RESTIC_CACHE_DIR',
];

// A folder, made absolute; any other address as it is.
function wholeAddress(address: string): string {
  const [, local] = /^local:(.*)$/.exec(address) ?? [];
  if (local !== undefined) return `local:${resolve(local)}`;
  return /^(sftp|rest|s3|b2|azure|gs|swift|rclone):/.test(address) ? address : resolve(address);
}
