/** PHLB's entries in a JSON file of an agent's. */
import { isDeepStrictEqual } from 'node:util';
import type { Node } from 'jsonc-parser';
import type { AgentId } from './agent-id.js';
import { runsHookOf, type JsonFile } from './agent.js';
import { insert, newObject, removeElement, replaceValue } from './json-edit.js';
import { isBlank, nodeAt, parseObject, propertyOf, valueOf } from './json-text.js';

/** A file that was there, and empty, gets this behind our text: so it is known that there was one. */
const WAS_BLANK = '\t';

/** @param text of the file; `null`: there is none. @throws PhlbError `damaged` for a file that has to be looked at by hand */
export function withJsonEntries(text: string | null, file: JsonFile, agent: AgentId): string {
  if (text === null) return `${newObject(file.elements, file.base)}\n`;
  if (isBlank(text)) return newObject(file.elements, file.base) + WAS_BLANK + text;
  const inPlace = file.elements.reduce((current, element) => withElement(current, element, file, agent), text);
  return withoutStrays(inPlace, file, agent);
}

/** @returns `null`: no file is left, since it was made for the entries. @throws as `withJsonEntries` */
export function withoutJsonEntries(text: string, file: JsonFile, agent: AgentId): string | null {
  if (isBlank(text)) return text;
  for (let current = text; ;) {
    const root = parseObject(current);
    // The last one first: what stands right behind a bracket tells what was there before.
    const own = ownNodes(root, file, agent).at(-1);
    if (!own) return current;
    const rest = removeElement(current, own, file.base);
    if (rest === null) return outside(current, root);
    current = rest;
  }
}

function withElement(text: string, element: JsonFile['elements'][number], file: JsonFile, agent: AgentId): string {
  const root = parseObject(text);
  const container = nodeAt(root, element.kind === 'item' ? element.path : element.path.slice(0, -1));
  const own = ownNodes(root, file, agent).find(node => node.parent === container);
  const value = own?.type === 'property' ? own.children?.[1] : own;
  if (!value) return insert(text, element, file.base);
  const present = valueOf(value);
  // What somebody has added to the server's entry stays.
  const isServer = element.kind === 'property' && typeof present === 'object';
  const wanted = isServer ? { ...present, ...(element.value as object) } : element.value;
  return isDeepStrictEqual(present, wanted) ? text : replaceValue(text, value, wanted);
}

// What an older PHLB, or somebody by hand, has put elsewhere or twice.
function withoutStrays(text: string, file: JsonFile, agent: AgentId): string {
  for (let current = text; ;) {
    const root = parseObject(current);
    const own = ownNodes(root, file, agent);
    const places = file.elements.map(({ kind, path }) => nodeAt(root, kind === 'item' ? path : path.slice(0, -1)));
    const stray = own.find(
      (node, at) => !places.includes(node.parent) || own.findIndex(({ parent }) => parent === node.parent) < at,
    );
    const rest = stray && removeElement(current, stray, file.base);
    if (typeof rest !== 'string') return current;
    current = rest;
  }
}

/** What is ours: items of the lists of hooks, handlers in groups of others, the server. */
function ownNodes(root: Node, file: JsonFile, agent: AgentId): Node[] {
  const servers = file.elements.filter(({ kind }) => kind === 'property').map(({ path }) => path);
  const named = servers.flatMap(path => {
    const holder = nodeAt(root, path.slice(0, -1));
    const property = holder && propertyOf(holder, path.at(-1) ?? '');
    return property ? [property] : [];
  });
  const events = file.elements.some(({ kind }) => kind === 'item') ? nodeAt(root, ['hooks']) : undefined;
  return [...named, ...itemsOf(events).flatMap(item => ownIn(item, agent))];
}

function itemsOf(events: Node | undefined): Node[] {
  const properties = events?.type === 'object' ? (events.children ?? []) : [];
  return properties.flatMap(({ children }) => (children?.[1]?.type === 'array' ? (children[1].children ?? []) : []));
}

// A group that somebody has put further hooks into stays, without ours.
function ownIn(item: Node, agent: AgentId): Node[] {
  if (isOwn(item, agent)) return [item];
  const handlers = nodeAt(item, ['hooks']);
  const all = handlers?.type === 'array' ? (handlers.children ?? []) : [];
  const own = all.filter(handler => isOwn(handler, agent));
  return own.length > 0 && own.length === all.length ? [item] : own;
}

function isOwn(node: Node, agent: AgentId): boolean {
  const value = valueOf(node);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, line]) => ['command', 'bash', 'powershell'].includes(name) && runsHookOf(agent, line),
  );
}

// Comments around our text are somebody's: then there was a file, or is one now.
function outside(text: string, root: Node): string | null {
  const rest = text.slice(0, root.offset) + text.slice(root.offset + root.length);
  if (rest.startsWith(WAS_BLANK)) return rest.slice(WAS_BLANK.length);
  return isBlank(rest) ? null : rest;
}
