/** `phlb agent setup`: shows, asks and writes. */
import { dirname } from 'node:path';
import { passUnforeseen, PhlbError } from '../engine/words/errors.js';
import { pathKey } from '../engine/words/names.js';
import { textOf } from '../engine/words/phrase.js';
import type { Agent, Place } from '../setup/agent.js';
import { diffLines } from '../setup/diff-lines.js';
import { folderOf } from '../setup/hook-folder.js';
import type { Invocation } from '../setup/invocation.js';
import { ownProgram } from '../setup/own-program.js';
import { carryOut, planSetup, type Change, type Plan } from '../setup/plan.js';
import { risksOf, type Risk } from '../setup/risks.js';
import { knownSources } from './agent-hook.js';
import { confirm } from './input.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { knownHome, storeLocation } from './store-location.js';
import { printable } from './text.js';

export async function agentSetup(session: Session, agent: Agent): Promise<ExitStatus> {
  const { options, world } = session;
  const remove = options.remove === true;
  const folder = world.workingFolder();
  const place: Place = {
    ...{ scope: options.project === true ? 'project' : 'user', home: knownHome(world) ?? '', folder },
    ...{ env: world.env, platform: world.platform },
  };
  const phlb = await invocation(session, place);
  const plan = await planSetup(agent, place, phlb, remove);
  const risks = remove ? [] : await risksOf(session.location.root, workedIn(folder, place.home));
  if (!session.json) await show(session, plan, remove, risks);
  const written = await write(session, plan, remove);
  const notes = remove ? [] : [...agent.notes(place).map(textOf), ...missingNotes(plan, phlb)];
  if (session.json) await session.printJson(document(session, { agent, place, plan, risks, notes, written }));
  else if (written && !session.quiet) await session.printLines([...done(plan, remove), ...notes]);
  if (written && !remove && !session.json) await offerSnapshot(session, folder);
  return ExitStatus.done;
}

// Nobody has an agent work in all that is theirs, where the backups are by default.
function workedIn(folder: string, home: string): string[] {
  return dirname(folder) === folder || (home !== '' && pathKey(folder) === pathKey(home)) ? [] : [folder];
}

/** For the files that others share: what is on their search path, and their backup location. */
async function invocation(session: Session, { scope }: Place): Promise<Invocation> {
  const { world, location } = session;
  if (scope === 'project') return { program: ['phlb'], options: [] };
  const preset = storeLocation({}, { ...world, env: { ...world.env, PHLB_ROOT: '', PHLB_INDEX: '' } });
  const program = await ownProgram(world.self, world.env, world.platform);
  const options = (['root', 'index'] as const).flatMap(name =>
    pathKey(location[name]) === pathKey(preset[name]) ? [] : [`--${name}`, location[name]],
  );
  return { program, options };
}

async function write(session: Session, plan: Plan, remove: boolean): Promise<boolean> {
  const { options, world } = session;
  if (options.print === true || plan.changes.length === 0) return false;
  if (options.yes !== true) {
    if (world.stdin().isTTY !== true || session.json) {
      throw new PhlbError('usage', 'Nothing was written, since nobody can be asked', {
        hint: 'give --yes to write it, --print to show it',
      });
    }
    if (!(await confirm(session, remove ? 'Take this out?' : 'Write this?'))) {
      session.terminal.diagnose('Nothing was written');
      return false;
    }
  }
  await carryOut(plan);
  return true;
}

async function show(session: Session, plan: Plan, remove: boolean, risks: readonly Risk[]): Promise<void> {
  for (const risk of risks) session.terminal.diagnose(riskText(risk, session.location.root));
  if (session.quiet && session.options.print !== true) return;
  const lines = plan.changes.flatMap(change => [
    `${printable(change.path)}${{ created: ' (new)', changed: '', removed: ' (goes)' }[kindOf(change)]}`,
    ...diffOf(change).map(line => `  ${printable(line)}`),
  ]);
  const same = plan.unchanged.map(
    path => `${printable(path)}: ${remove ? 'nothing of PHLB in it' : 'as it should be'}`,
  );
  await session.printLines([...lines, ...same]);
}

function riskText(risk: Risk, root: string): string {
  const elsewhere = 'keep it elsewhere, with --root DIR here and PHLB_ROOT in your shell';
  switch (risk) {
    case 'inside':
      return `The backup location and this folder lie in each other, so an agent that deletes one may delete both: ${root} (${elsewhere})`;
    case 'container':
      return `The backup location goes with this container: ${root} (give it a volume, or ${elsewhere})`;
    case 'memory':
      return `The backup location is in memory only, and gone after a restart: ${root} (${elsewhere})`;
  }
}

// The first one takes longest, so better now than in a hook, for which an agent waits.
async function offerSnapshot(session: Session, folder: string): Promise<void> {
  const { location, world } = session;
  if (session.options.yes === true || world.stdin().isTTY !== true) return;
  const sources = await knownSources(session).catch((error: unknown) => {
    passUnforeseen(PhlbError.is(error) ? error.cause : error);
    return [];
  });
  const known = sources.map(({ source }) => source);
  const found = await folderOf(folder, { sources: known, root: location.root, home: knownHome(world) });
  if (!('source' in found) || found.isKnown) return;
  if (!(await confirm(session, `Take the first snapshot of ${printable(found.source)} now?`))) return;
  const { id } = await session.call('backup', { location, source: found.source });
  await session.printLines(id === null ? [] : [printable(id)]);
}

function missingNotes({ missing }: Plan, { program, options }: Invocation): string[] {
  const command = [...program, ...options, 'mcp']
    .map(word => (/^[\w./:=-]+$/.test(word) ? word : `'${word}'`))
    .join(' ');
  return missing.map(
    path =>
      `${path} is not there yet, so the server is not in it: run this again, or claude mcp add --scope user phlb -- ${command}`,
  );
}

function done({ agent, changes }: Plan, remove: boolean): string[] {
  const files = changes.length === 1 ? '1 file' : `${changes.length} files`;
  return [
    remove ? `PHLB is no longer set up for ${agent.name} (${files})` : `PHLB is set up for ${agent.name} (${files})`,
  ];
}

function document(
  session: Session,
  of: { agent: Agent; place: Place; plan: Plan; risks: Risk[]; notes: string[]; written: boolean },
): object {
  const { agent, place, plan, risks, notes, written } = of;
  return {
    agent: agent.id,
    scope: place.scope,
    written,
    files: [
      ...plan.changes.map(change => ({ path: change.path, change: kindOf(change), diff: diffOf(change) })),
      ...plan.unchanged.map(path => ({ path, change: 'none', diff: [] })),
    ],
    warnings: risks.map(code => ({ code, message: riskText(code, session.location.root) })),
    notes,
  };
}

function kindOf({ read, after }: Change): 'created' | 'changed' | 'removed' {
  if (read.text === null) return 'created';
  return after === null ? 'removed' : 'changed';
}

function diffOf({ read, after }: Change): string[] {
  return diffLines(read.text ?? '', after ?? '');
}
