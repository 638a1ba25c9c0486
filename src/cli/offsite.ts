import type { OffsiteTarget } from '../engine/offsite/model.js';
import { PhlbError } from '../engine/words/errors.js';
import { hasRules } from '../engine/words/retention.js';
import { Command } from './command.js';
import { snapshotOperand } from './operands.js';
import type { OptionName } from './options.js';
import { retentionFrom, RETENTION_OPTIONS } from './retention-options.js';
import { failures, type Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, localTime, printable, size } from './text.js';

/** What `phlb offsite` can be asked for. */
interface Action {
  operands: number;
  options: readonly OptionName[];
  run(session: Session, operands: readonly string[]): Promise<ExitStatus>;
}

const ACTIONS: Record<string, Action> = {
  init: { operands: 0, options: [], run: init },
  push: { operands: Infinity, options: ['newest', 'dry-run'], run: push },
  status: { operands: 0, options: [], run: status },
  check: { operands: 0, options: ['quick'], run: check },
  recover: { operands: 1, options: ['to', 'snapshot', 'store'], run: recover },
  forget: { operands: 1, options: [...RETENTION_OPTIONS, 'dry-run'], run: forget },
};

export const offsiteCommand = new Command({
  name: 'offsite',
  synopsis: 'offsite init|push|status|check|recover|forget',
  summary: 'copies on another machine, by restic',
  operands: { min: 1, max: Infinity, first: 'init, push, status, check, recover or forget' },
  options: ['repository', ...new Set(Object.values(ACTIONS).flatMap(({ options }) => options))],
  optionHelp: [
    ['--repository R', "restic's address of the repository (default $RESTIC_REPOSITORY)"],
    ['init', 'make the repository'],
    ['push [snapshot...]', 'copy what has no copy yet, oldest first; go on where a push was interrupted'],
    ['  --newest', 'only the newest snapshot of each source, and pinned and labelled ones'],
    ['  --dry-run', 'only show what would be copied'],
    ['status', 'what has a copy, and what waits for one'],
    ['check', 'have restic read and check the whole repository'],
    ['  --quick', 'its structure only'],
    ['recover [R]', 'bring all copies back that do not stand here'],
    ['  --to DIR', 'and the newest of them into this folder, to work in'],
    ['  --snapshot ID', 'this one only'],
    ['  --store ID', 'of this backup location, where the repository holds several'],
    ['forget [name]', 'delete copies that no rule keeps: the options of prune, and --dry-run'],
  ],
  notes: [
    'It drives restic (0.17 or newer), found on the search path or named in $PHLB_RESTIC. The password is never an argument:',
    'name its file in RESTIC_PASSWORD_FILE, or a program that prints it in RESTIC_PASSWORD_COMMAND. What back ends need',
    '(AWS_ACCESS_KEY_ID...) is passed on. Deleting snapshots here deletes no copy there.',
  ],
  run: offsite,
});

async function offsite(session: Session): Promise<ExitStatus> {
  const [name = '', ...operands] = session.operands;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) {
    throw new PhlbError('usage', `offsite does not know ${name}`, {
      hint: 'usage: phlb offsite init|push|status|check|recover|forget',
    });
  }
  const foreign = Object.values(ACTIONS)
    .flatMap(({ options }) => options)
    .find(option => session.options[option] !== undefined && !action.options.includes(option));
  const hint = 'see phlb offsite --help';
  if (foreign !== undefined) throw new PhlbError('usage', `offsite ${name} has no option --${foreign}`, { hint });
  const surplus = operands[action.operands];
  if (surplus !== undefined) throw new PhlbError('usage', `offsite ${name} does not take ${surplus}`, { hint });
  return action.run(session, operands);
}

/** The repository that was named, or that the environment names; restic gets all that stands there. */
export function offsiteTarget(session: Session, operand?: string): OffsiteTarget {
  const repository = operand ?? session.options.repository;
  if (repository === '') throw new PhlbError('usage', '--repository needs an address');
  const { env } = session.world;
  const secrets = Object.fromEntries(
    Object.entries(env).filter((one): one is [string, string] => one[1] !== undefined),
  );
  return { ...(repository === undefined ? {} : { repository }), secrets, ...secondsOf(env.PHLB_OFFSITE_PATIENCE) };
}

// For a server that is known to be slow, and for tests of one that has gone.
function secondsOf(text: string | undefined): { patience?: number } {
  return text !== undefined && /^\d{1,6}$/.test(text) && Number(text) > 0 ? { patience: Number(text) } : {};
}

async function init(session: Session): Promise<ExitStatus> {
  const { location } = session;
  const result = await session.callOrReport('offsiteInit', { location, target: offsiteTarget(session) });
  if (typeof result === 'number') return result;
  const { repository, created } = result;
  if (session.json) await session.printJson({ repository, created });
  else if (!session.quiet) {
    await session.printLines(
      created
        ? [
            `Made the repository ${printable(repository)}`,
            'Without its password nobody can open it, nor can you: keep it where it outlives this computer.',
          ]
        : [`The repository ${printable(repository)} is there already, and the password opens it`],
    );
  }
  return ExitStatus.done;
}

async function push(session: Session, operands: readonly string[]): Promise<ExitStatus> {
  const dryRun = session.options['dry-run'] === true;
  const newest = session.options.newest === true;
  if (newest && operands.length > 0) throw new PhlbError('usage', '--newest goes without the names of snapshots');
  const snapshots = operands.map(operand => snapshotOperand(operand, session));
  const result = await session.callOrReport('offsitePush', {
    ...{ location: session.location, target: offsiteTarget(session), snapshots, newest, dryRun },
  });
  if (typeof result === 'number') return result;
  const { repository, uploaded, skipped, pending, lastPush, errors } = result;
  for (const note of result.notes) session.terminal.diagnose(note);
  session.reportErrors(errors);
  if (session.json) {
    await session.printJson({
      repository,
      uploaded,
      skipped,
      pending,
      lastPush,
      errors: failures(errors).errors ?? [],
    });
  } else {
    const lines = uploaded.map(({ id, bytesAdded }) => `${printable(id)}${dryRun ? '' : `  ${size(bytesAdded)} sent`}`);
    if (dryRun) await session.printLines(lines);
    else if (!session.quiet) {
      const left = pending > 0 ? `, ${pending.toLocaleString('en')} not` : '';
      const done = `${count(uploaded.length, 'snapshot')} copied${left}, ${skipped.toLocaleString('en')} there already`;
      await session.printLines([...lines, done]);
    }
  }
  if (errors.length === 0) return ExitStatus.done;
  return pending > 0 ? ExitStatus.failed : ExitStatus.incomplete;
}

async function status(session: Session): Promise<ExitStatus> {
  const result = await session.callOrReport('offsiteStatus', {
    location: session.location,
    target: offsiteTarget(session),
  });
  if (typeof result === 'number') return result;
  const { repository, lastPush, pending, copies, bytes } = result;
  if (session.json) await session.printJson({ repository, lastPush, pending, copies });
  else {
    const there = bytes === null ? '' : `, ${size(bytes)} there`;
    await session.printLines([
      `${printable(repository)}: ${count(copies.length, 'copy', 'copies')}${there}`,
      lastPush === null ? 'No push has been done yet' : `Last push: ${localTime(lastPush)}`,
      pending.length === 0 ? 'Nothing waits' : `${count(pending.length, 'snapshot')} without a copy:`,
      ...pending.map(id => `  ${printable(id)}`),
    ]);
  }
  return ExitStatus.done;
}

async function check(session: Session): Promise<ExitStatus> {
  const quick = session.options.quick === true;
  const result = await session.callOrReport('offsiteCheck', {
    location: session.location,
    target: offsiteTarget(session),
    quick,
  });
  if (typeof result === 'number') return result;
  const { repository, copies, bytes, errors } = result;
  session.reportErrors(errors);
  for (const note of result.notes) session.terminal.diagnose(note);
  if (session.json) await session.printJson({ repository, copies, bytes, errors });
  else if (!session.quiet) {
    const found = errors.length === 0 ? 'no errors' : count(errors.length, 'error');
    await session.printLines([`${printable(repository)}: ${count(copies, 'copy', 'copies')}, ${found}`]);
  }
  return errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

async function recover(session: Session, [repository]: readonly string[]): Promise<ExitStatus> {
  const { to, snapshot, store } = session.options;
  if (to === '') throw new PhlbError('usage', '--to needs a folder');
  const result = await session.callOrReport('offsiteRecover', {
    location: session.location,
    target: offsiteTarget(session, repository),
    ...(to === undefined ? {} : { to: session.absolute(to) }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(store === undefined ? {} : { store }),
  });
  if (typeof result === 'number') return result;
  const { snapshots, ids, skipped, fetchedBytes, linkedFiles, restored } = result;
  const errors = [...result.errors, ...(restored?.errors ?? [])];
  for (const note of [...result.notes, ...(restored?.notes ?? [])]) session.terminal.diagnose(note);
  session.reportErrors(errors);
  if (session.json) {
    await session.printJson({ snapshots, fetchedBytes, linkedFiles, errors: failures(errors).errors ?? [] });
  } else if (!session.quiet) {
    const names = [...new Set(ids.map(id => id.slice(0, id.lastIndexOf('/'))))];
    await session.printLines([
      ...ids.map(printable),
      `${count(snapshots, 'snapshot')} recovered, ${skipped.toLocaleString('en')} there already, ` +
        `${size(fetchedBytes)} fetched, ${count(linkedFiles, 'file')} linked`,
      ...(restored && to !== undefined ? [`The newest is in ${printable(session.absolute(to))}`] : []),
      ...names.map(
        name => `To go on with it in another folder than before: phlb backup FOLDER --name ${printable(name)} --adopt`,
      ),
    ]);
  }
  return errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

async function forget(session: Session, [name]: readonly string[]): Promise<ExitStatus> {
  const rules = retentionFrom(session.options);
  const dryRun = session.options['dry-run'] === true;
  const result = await session.callOrReport('offsiteForget', {
    ...{ location: session.location, target: offsiteTarget(session), rules, dryRun },
    ...(name === undefined ? {} : { name }),
  });
  if (typeof result === 'number') return result;
  const { kept, deleted, freedBytes, errors } = result;
  for (const note of result.notes) session.terminal.diagnose(note);
  session.reportErrors(errors);
  if (session.json) await session.printJson({ kept, deleted, freedBytes, ...failures(errors) });
  else {
    if (dryRun) {
      const verdicts = [
        ...kept.map(({ id, reasons }) => `${printable(id)}  keep: ${reasons.join(', ')}`),
        ...deleted.map(id => `${printable(id)}  delete`),
      ];
      await session.printLines(verdicts.toSorted());
    }
    const done = `${deleted.length.toLocaleString('en')} of ${count(kept.length + deleted.length, 'copy', 'copies')}`;
    if (!session.quiet) {
      await session.printLines([
        hasRules(rules)
          ? `${done} ${dryRun ? 'would be deleted' : 'deleted'}, ${size(freedBytes)} freed`
          : 'No rule was given, so nothing is deleted',
      ]);
    }
  }
  return errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}
