#!/usr/bin/env node
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PhlbError } from '../engine/words/errors.js';
import { EngineClient } from '../worker/client.js';
import { version } from '../../package.json';
import { exactArguments, exactEnvironment } from './exact.js';
import { helpText } from './help.js';
import { parseCommandLine } from './options.js';
import { findCommand } from './registry.js';
import { Interrupt } from './interrupt.js';
import { storePlace } from './place.js';
import { Session } from './session.js';
import { Terminal } from './terminal.js';
import { exitStatus, ExitStatus } from './status.js';

void main();

async function main(): Promise<void> {
  // What the owner may do is not the umask's to take away: PHLB has to get into the folders that it makes.
  process.umask(process.umask(0o077) & 0o077);
  const terminal = new Terminal(process.stdout, process.stderr);
  let status: ExitStatus;
  try {
    status = await runCommandLine(terminal);
  } catch (error) {
    terminal.error(error, process.env['PHLB_DEBUG'] === '1');
    status = exitStatus(error);
  }
  process.exitCode = status;
}

async function runCommandLine(terminal: Terminal): Promise<ExitStatus> {
  const args = exactArguments();
  const line = parseCommandLine(args);
  if (line.values.version === true) {
    await terminal.print(`${version}\n`);
    return ExitStatus.done;
  }
  if (line.values.help === true || line.command === 'help') {
    const topic = line.command === 'help' ? line.operands[0] : line.command;
    await terminal.print(helpText(topic === undefined ? undefined : findCommand(topic)));
    return ExitStatus.done;
  }
  if (line.command === undefined) throw new PhlbError('usage', 'No command given', { hint: 'see phlb --help' });
  const command = findCommand(line.command);
  command.check(line);

  terminal.showProgress = line.values.quiet !== true;
  // A command is over before better code for SQLite would pay, and the processor is wanted for the backup meanwhile
  // (docs/performance.md). A switch for the whole process: in the editor it is not ours.
  setFlagsFromString('--liftoff-only');
  const engine = new EngineClient(join(__dirname, 'worker.js'));
  const interrupt = new Interrupt(terminal, engine);
  try {
    const place = storePlace(line.values, exactEnvironment(), process.platform);
    return await command.run(new Session(engine, place, terminal, interrupt.signal, line));
  } finally {
    terminal.endProgress();
    await interrupt.dispose();
  }
}
