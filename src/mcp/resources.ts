/** Snapshots, and what is in them, as resources to be read. */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ListResourcesResult,
  type ReadResourceResult,
  type Server,
} from '@modelcontextprotocol/server';
import type { PeekResult } from '../engine/peek.js';
import { PhlbError } from '../engine/words/errors.js';
import { exactNames } from '../engine/words/exact-names.js';
import { fittingDocument } from '../engine/words/fitting.js';
import { join } from '../engine/words/names.js';
import { printable } from '../engine/words/printable.js';
import { why, type ClientCall, type ClientCalls } from './call.js';
import { addressOf, parseAddress, type ResourceAddress } from './resource-address.js';
import { textOfBytes } from './text-diff.js';

const PAGE = 50;
const MOST_BYTES = 1024 * 1024;
const MOST_ENTRIES = 1000;

const template = {
  name: 'snapshot-file',
  title: 'A file or folder of a snapshot',
  uriTemplate: 'phlb://{name}/{stamp}/{+path}',
  description:
    'NAME/STAMP is the id of a snapshot. Text as text, other content as a blob, at most 1 MB; a folder as JSON with the names in it; ' +
    'a symlink as the text of its target. Every byte of a name other than letters, digits and -._~ is written %XX.',
};

/** Has a server offer them. */
export function offerResources(server: Server, calls: ClientCalls): void {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [template] }));
  server.setRequestHandler('resources/list', ({ params }, context) =>
    protocolErrors(() => calls.look(context, call => page(call, params?.cursor))),
  );
  server.setRequestHandler('resources/read', ({ params: { uri } }, context) =>
    protocolErrors(() => calls.read(context, call => read(call, uri)), uri),
  );
}

// Newest first; the cursor is the last one of the page before, so that a new snapshot shifts nothing.
async function page({ scope }: ClientCall, cursor: string | undefined): Promise<ListResourcesResult> {
  const all = (await scope.sources())
    .flatMap(({ source, snapshots }) => snapshots.map(snapshot => ({ source, snapshot })))
    .filter(({ snapshot }) => snapshot.problem === undefined)
    .sort((a, b) => (a.snapshot.startedAt < b.snapshot.startedAt ? 1 : -1));
  const before = cursor === undefined ? -1 : all.findIndex(({ snapshot }) => addressOfSnapshot(snapshot.id) === cursor);
  if (cursor !== undefined && before < 0) throw new PhlbError('usage', 'There is no such page: begin again');
  const shown = all.slice(before + 1, before + 1 + PAGE);
  const last = shown.at(-1);
  const resources = shown.map(({ source, snapshot: { id, kind, startedAt, files, label } }) => ({
    uri: addressOfSnapshot(id),
    name: id.toWellFormed(),
    ...(label === null ? {} : { title: label.toWellFormed() }),
    description: printable(`${kind === 'safety' ? 'Before a restore, ' : ''}${source}, ${startedAt}, ${files} files`),
    mimeType: 'application/json',
  }));
  const more = last && before + 1 + PAGE < all.length;
  return { resources, ...(more ? { nextCursor: addressOfSnapshot(last.snapshot.id) } : {}) };
}

async function read(call: ClientCall, uri: string): Promise<ReadResourceResult> {
  const address = parseAddress(uri);
  if (!address)
    throw new PhlbError('usage', 'Not an address of a snapshot', { path: uri, hint: 'phlb://NAME/STAMP/path' });
  const { snapshot } = await call.scope.snapshot(address.snapshot);
  const where = { in: { snapshot: snapshot.id }, path: address.path };
  const bounds = { mostBytes: MOST_BYTES, mostEntries: MOST_ENTRIES };
  const found = await call.engine('peek', { location: call.location, ...where, ...bounds });
  if (found.type === 'dir') {
    const text = JSON.stringify(exactNames(folderDocument({ ...address, snapshot: snapshot.id }, found)));
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  }
  if (!found.bytes) {
    throw new PhlbError(
      'usage',
      `Not readable here: it has ${found.size} bytes, more than ${MOST_BYTES}, or is no file`,
      {
        path: address.path,
      },
    );
  }
  const text = textOfBytes(found.bytes);
  if (text !== undefined) return { contents: [{ uri, mimeType: 'text/plain', text }] };
  const blob = Buffer.from(found.bytes).toString('base64');
  return { contents: [{ uri, mimeType: 'application/octet-stream', blob }] };
}

function folderDocument(address: ResourceAddress, { entries, total }: PeekResult): object {
  const listed = entries.map(({ name, type, size }) => ({
    ...{ name, type, size },
    uri: addressOf({ ...address, path: join(address.path, name) }),
  }));
  return fittingDocument({ snapshot: address.snapshot, path: address.path }, { entries: listed }, total);
}

// With a `/` at its end: it is a folder.
function addressOfSnapshot(id: string): string {
  return addressOf({ snapshot: id, path: '' });
}

async function protocolErrors<T>(act: () => Promise<T>, uri?: string): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (uri !== undefined && PhlbError.is(error, 'notFound')) throw new ResourceNotFoundError(uri, why(error));
    const code = PhlbError.is(error, 'usage') ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, why(error));
  }
}
