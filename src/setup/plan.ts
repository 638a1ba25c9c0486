/** What setting an agent up, or taking that back, would change: worked out first, shown, and then written. */
import { PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';
import type { Agent, ConfigFile, Place } from './agent.js';
import { readConfigFile, writeConfigFile, type ReadFile } from './config-file.js';
import type { Invocation } from './invocation.js';
import { withJsonEntries, withoutJsonEntries } from './json-file.js';
import { withoutTomlTable, withTomlTable } from './toml-file.js';

/** One file. */
export interface Change {
  path: string;
  read: ReadFile;
  /** `null`: the file is taken away */
  after: string | null;
}

export interface Plan {
  agent: Agent;
  changes: Change[];
  /** the files that are as they should be already */
  unchanged: string[];
  /** those that only the agent makes, and has not made yet */
  missing: string[];
}

/**
 * @param remove takes out what setting up puts in
 * @throws PhlbError with the path of a file that cannot be read, or has to be looked at by hand
 */
export async function planSetup(agent: Agent, place: Place, phlb: Invocation, remove: boolean): Promise<Plan> {
  const plan: Plan = { agent, changes: [], unchanged: [], missing: [] };
  for (const file of agent.files(place, phlb)) {
    const { path } = file;
    const read = await readConfigFile(path);
    if (read.text === null && !remove && file.format === 'json' && file.mustExist) {
      plan.missing.push(path);
      continue;
    }
    const after = textAfter(file, read.text, agent, remove);
    if (after === read.text) plan.unchanged.push(path);
    else plan.changes.push({ path, read, after });
  }
  return plan;
}

/** Writes it; what was written before something failed is taken back. @throws PhlbError as `writeConfigFile` */
export async function carryOut({ changes }: Plan): Promise<void> {
  const done: Change[] = [];
  try {
    for (const change of changes) {
      await writeConfigFile(change.path, change.read, change.after);
      done.push(change);
    }
  } catch (error) {
    for (const { path, read, after } of done) {
      await writeConfigFile(path, { ...read, text: after }, read.text);
    }
    throw error;
  }
}

function textAfter(file: ConfigFile, text: string | null, agent: Agent, remove: boolean): string | null {
  try {
    if (remove) return text === null ? null : removed(file, text, agent);
    const after = file.format === 'json' ? withJsonEntries(text, file, agent.id) : withTomlTable(text, file);
    // What cannot be taken out again as if it had never been there is not put in.
    const back = removed(file, after, agent);
    if (back === (text === null ? null : removed(file, text, agent))) return after;
    throw new PhlbError('damaged', phrase`This file can only be changed by hand`);
  } catch (error) {
    if (!PhlbError.is(error)) throw error;
    throw new PhlbError(error.code, error.said, { path: file.path, hint: error.hint, cause: error });
  }
}

function removed(file: ConfigFile, text: string, agent: Agent): string | null {
  return file.format === 'json' ? withoutJsonEntries(text, file, agent.id) : withoutTomlTable(text, file);
}
