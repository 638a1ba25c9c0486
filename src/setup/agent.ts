/** What an agent is to PHLB: the files that it reads, and what it hands to a hook. One file an agent says it, `agents.ts` lists them. */
import type { Phrase } from '../engine/words/phrase.js';
import type { AgentId } from './agent-id.js';
import type { HookEvent } from './hook-event.js';
import type { Invocation } from './invocation.js';
import type { JsonElement } from './json-edit.js';

/** `user`: the files in the home folder, for all projects; `project`: those in a project's folder, which may be shared. */
type Scope = 'user' | 'project';

/** Where entries go, and what is known of the machine. */
export interface Place {
  scope: Scope;
  home: string;
  /** the project's folder, of the scope `project` */
  folder: string;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
}

/** One file of an agent's, with what PHLB puts into it. */
export type ConfigFile = JsonFile | TomlFile;

export interface JsonFile {
  format: 'json';
  path: string;
  elements: readonly JsonElement[];
  /** what a new file needs besides */
  base: object;
  /** only where the agent has made it: it holds much else */
  mustExist?: boolean;
}

export interface TomlFile {
  format: 'toml';
  path: string;
  /** the dotted name of a table of ours, and its values: texts and lists of texts */
  table: readonly string[];
  values: Readonly<Record<string, string | readonly string[]>>;
}

export interface Agent {
  id: AgentId;
  /** as people know it: the cause of its snapshots */
  name: string;
  /** The folder that is there where somebody uses it. */
  folder(place: Place): string;
  files(place: Place, phlb: Invocation): ConfigFile[];
  /** What is left to do by hand, one sentence each. */
  notes(place: Place): Phrase[];
  /** What it may wait for: what it prints for the agent to go on as if there were no hook; mostly nothing. */
  answer(event: HookEvent): string;
  /** Whether a status other than 0 is a message to the user, and nothing else, at this event. */
  toleratesFailure(event: HookEvent): boolean;
}

/** Seconds that an agent waits for a hook; it ends by itself before (`HOOK_LIMIT_MS`). */
export const TIMEOUT_S = 60;

/** What makes an entry ours, however it is called: `agent hook claude` in its command. */
export function runsHookOf(id: AgentId, command: unknown): boolean {
  return typeof command === 'string' && new RegExp(`(^|\\s)agent hook ${id}(?![\\w-])`).test(command);
}
