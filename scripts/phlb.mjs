// `npm run phlb -- …`: the command line from this checkout, built if need be.
import Module from 'node:module';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { ensureInstalled } from './install.mjs';

await ensureInstalled();
await buildIfStale();

// In this process, as the main module: signals, streams, exit status and the raw arguments are the program's own.
process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM').removeAllListeners('SIGHUP');
process.argv[1] = join(import.meta.dirname, '..', 'dist', 'cli.js');
Module.runMain();
