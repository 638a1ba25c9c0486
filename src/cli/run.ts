import { PhlbError } from '../engine/words/errors.js';
import { version } from '../../package.json';
import { helpText } from './help.js';
import { Interrupt } from './interrupt.js';
import { parseCommandLine } from './options.js';
import { storeLocation } from './store-location.js';
import { findCommand } from './registry.js';
import { Session } from './session.js';
import { exitStatus, ExitStatus } from './status.js';
import { Terminal } from './terminal.js';
import type { World } from './world.js';

/** The command line, from its arguments to its status. What it has to say is written by then, or lost for good. */
export async function runCli(world: World): Promise<ExitStatus> {
  const terminal = new Terminal(world.stdout, world.stderr, world.env['PHLB_DEBUG'] === '1');
  try {
    return await runCommandLine(world, terminal);
  } catch (error) {
    terminal.error(error);
    const status = exitStatus(error);
    // What an agent's hook ends with must not be taken for a no: a mistake in its line is one of ours.
    return status === ExitStatus.usage && isHook(world.args) ? ExitStatus.failed : status;
  }
}

function isHook(args: readonly string[]): boolean {
  return args.some((word, at) => word === 'agent' && args[at + 1] === 'hook');
}

async function runCommandLine(world: World, terminal: Terminal): Promise<ExitStatus> {
  const line = parseCommandLine(world.args);
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
  const interrupt = new Interrupt(terminal, world);
  try {
    const location = storeLocation(line.values, world);
    return await command.run(new Session(world, location, terminal, interrupt.signal, line));
  } finally {
    terminal.endProgress();
    await interrupt.dispose();
  }
}
