/**
 * Puts elements into JSON text and takes them out again, so that taking out what was put in gives the same bytes. What tells
 * later what was there before is how it was written:
 *
 * - into a container with something in it: behind the last element and its comments, on a line of its own; with a comma
 *   behind it where the last one had one
 * - into an empty container: right behind its bracket, without any blank
 * - a container that was not there is written over several lines, so its bracket ends its line
 */
import type { Node } from 'jsonc-parser';
import { PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';
import {
  commaBetween,
  endOfComments,
  endOfLine,
  endsInLineComment,
  indentation,
  isBlank,
  nodeAt,
  parseObject,
} from './json-text.js';

/** Something at a path of names: an item of the array there, or that property itself. */
export interface JsonElement {
  path: readonly string[];
  kind: 'item' | 'property';
  value: unknown;
}

/** A file that was not there. What else it needs (`base`) comes last, and so is known for what it is. */
export function newObject(elements: readonly JsonElement[], base: object): string {
  const top: Record<string, unknown> = {};
  for (const { path, kind, value } of elements) {
    const names = kind === 'item' ? path : path.slice(0, -1);
    const last = path.at(-1) ?? '';
    const parent = (kind === 'item' ? names.slice(0, -1) : names).reduce<Record<string, unknown>>(
      (object, name) => (object[name] ??= {}) as Record<string, unknown>,
      top,
    );
    if (kind === 'property') parent[last] = value;
    else parent[last] = [...((parent[last] as unknown[] | undefined) ?? []), value];
  }
  return JSON.stringify({ ...top, ...base }, undefined, 2);
}

/** @throws PhlbError `damaged` where something else stands in the place of a container */
export function insert(text: string, { path, kind, value }: JsonElement, base: object): string {
  const root = parseObject(text);
  for (let depth = path.length; depth >= 0; depth--) {
    const container = nodeAt(root, path.slice(0, depth));
    if (!container) continue;
    const isItem = kind === 'item' && depth === path.length;
    if (container.type !== (isItem ? 'array' : 'object')) {
      throw new PhlbError('damaged', phrase`${path.slice(0, depth).join('.')} is not what it should be in this file`);
    }
    if (isItem) return insertElement(text, root, container, undefined, value);
    const inner = path
      .slice(depth + 1)
      .reduceRight<unknown>((held, name) => ({ [name]: held }), kind === 'item' ? [value] : value);
    const withBase = depth === 0 && (root.children ?? []).length === 0 ? base : {};
    return insertElement(text, root, container, path[depth] ?? '', inner, withBase);
  }
  return text;
}

/** Another value in the place of a node. */
export function replaceValue(text: string, node: Node, value: unknown): string {
  const root = parseObject(text);
  const rendered = render(text, root, value, depthOf(node));
  return text.slice(0, node.offset) + rendered + text.slice(node.offset + node.length);
}

/**
 * Without an item of an array, or a property, and without the containers around it that were made for it.
 * @returns `null`: nothing is left, and the file was made for it
 */
export function removeElement(text: string, element: Node, base: object): string | null {
  const { parent } = element;
  if (!parent) return null;
  const children = parent.children ?? [];
  const before = text.slice(parent.offset + 1, element.offset);
  const isMade = before.includes('\n') && isBlank(before);
  const isLast = /^[\s,]*$/.test(text.slice(endOf(element), endOf(parent) - 1));
  if (children.length === 1 && isMade && isLast) {
    return removeElement(text, parent.parent?.type === 'property' ? parent.parent : parent, base);
  }
  const isTop = parent.parent === undefined;
  const others = children.filter(child => child !== element);
  const isBase = isTop && others.length > 0 && others.length === Object.keys(base).length && others.every(isOf(base));
  if (isBase && isMade && children[0] === element) return null;
  if (isBase && text.slice(endOf(others.at(-1)), element.offset) === ',') {
    return text.slice(0, parent.offset + 1) + text.slice(endOf(element));
  }
  return cut(text, parent, element);
}

function isOf(base: object): (property: Node) => boolean {
  return ({ children }) =>
    Object.entries(base).some(([k, v]) => children?.[0]?.value === k && children[1]?.value === v);
}

function cut(text: string, parent: Node, element: Node): string {
  const children = parent.children ?? [];
  const at = children.indexOf(element);
  const [previous, next] = [children[at - 1], children[at + 1]];
  const from = previous === undefined ? parent.offset + 1 : endOf(previous);
  const blanks = text.slice(0, element.offset).trimEnd().length;
  const comma = commaBetween(text, endOf(element), next?.offset ?? endOf(parent) - 1);
  const rest =
    comma === undefined ? text.slice(endOf(element)) : text.slice(endOf(element), comma) + text.slice(comma + 1);
  // What follows would become part of a comment.
  const swallows = endsInLineComment(text, from, blanks) && !/^[ \t]*\r?\n/.test(rest);
  const start = swallows ? element.offset : blanks;
  const before = comma === undefined && previous ? commaBetween(text, from, element.offset) : undefined;
  if (before === undefined) return text.slice(0, start) + rest;
  return text.slice(0, before) + text.slice(before + 1, start) + rest;
}

function insertElement(
  text: string,
  root: Node,
  container: Node,
  name: string | undefined,
  value: unknown,
  base: object = {},
): string {
  const depth = depthOf(container) + 1;
  const rendered = (name === undefined ? '' : `${JSON.stringify(name)}: `) + render(text, root, value, depth);
  const last = container.children?.at(-1);
  if (!last) {
    const others = Object.entries(base).map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)},`);
    return text.slice(0, container.offset + 1) + others.join('') + rendered + text.slice(container.offset + 1);
  }
  const end = endOf(last);
  const comma = commaBetween(text, end, endOf(container) - 1);
  const behind = comma === undefined ? end : comma + 1;
  const place = endOfComments(text, behind, endOf(container) - 1);
  const line = endOfLine(text) + indentation(text, root).repeat(depth) + rendered;
  if (comma !== undefined) return `${text.slice(0, place)}${line},${text.slice(place)}`;
  return `${text.slice(0, end)},${text.slice(end, place)}${line}${text.slice(place)}`;
}

function render(text: string, root: Node, value: unknown, depth: number): string {
  const step = indentation(text, root);
  return JSON.stringify(value, undefined, step).replaceAll('\n', endOfLine(text) + step.repeat(depth));
}

// How many containers are around it.
function depthOf({ parent }: Node): number {
  if (!parent) return 0;
  return depthOf(parent) + (parent.type === 'property' ? 0 : 1);
}

function endOf(node: Node | undefined): number {
  return node === undefined ? 0 : node.offset + node.length;
}
