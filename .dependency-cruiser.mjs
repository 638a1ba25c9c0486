// The rooms and their arrows (docs/design.md): imports run in one direction, and nowhere in a circle.

/** The engine's rooms from the ground up: each may import those before it. Its operations stand at its root, above them all. */
const engine = [
  ...['words', 'files', 'store', 'scan', 'transfer', 'search', 'threads', 'index', 'run', 'restore', 'verify'].map(
    room => `src/engine/${room}/`,
  ),
  ...['offsite', 'grep'].map(room => `src/engine/${room}/`),
  'src/engine/[^/]+$',
];
const host = ['editor', 'catalog', 'backup', 'auto-backup', 'offsite'].map(room => `src/host/${room}/`);
const commands = ['snapshots', 'find', 'compare', 'restore', 'location', 'offsite'].map(
  room => `src/commands/${room}/`,
);
const [contributions, worker, mcp] = ['src/contributions.ts', 'src/worker/', 'src/mcp/'];
const [setup, cli] = ['src/setup/', 'src/cli/'];
const [documents, views, agent] = ['src/documents/', 'src/views/', 'src/agent/'];
const belowEditor = [...engine, contributions, worker, setup];

/**
 * Each room with those that it may import besides itself.
 * @type {[string, string[]][]}
 */
const rooms = [
  ...inTurn(engine, []),
  [contributions, engine],
  [worker, engine],
  [setup, ['src/engine/words/', 'src/engine/files/']],
  [mcp, [...engine, worker]],
  [cli, [...engine, worker, mcp, setup]],
  ...inTurn(host, belowEditor),
  [documents, [...belowEditor, ...host]],
  [views, [...belowEditor, ...host]],
  ...inTurn(commands, [...belowEditor, ...host, documents]),
  [agent, [...belowEditor, ...host]],
];

/** What of the engine does no work on the disk, or hardly any: the editor's rooms may run it. */
const light = ['words/', 'store/layout.ts', 'store/state.ts', 'offsite/address.ts'].map(path => `src/engine/${path}`);
const editor = [...host, documents, views, ...commands, agent, 'src/extension.ts'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...rooms.map(([room, known]) => ({
      name: `${room} knows too much`,
      severity: /** @type {const} */ ('error'),
      from: { path: `^${room}` },
      to: { path: '^src/', pathNot: [room, ...known].map(path => `^${path}`) },
    })),
    {
      name: 'the engine works on the worker thread',
      comment: 'Here its types and its words are known.',
      severity: 'error',
      from: { path: editor.map(path => `^${path}`) },
      to: {
        path: '^src/(engine|worker)/',
        pathNot: [...light, 'src/worker/client.ts'].map(path => `^${path}`),
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'names and types only',
      severity: 'error',
      from: { path: `^${contributions}` },
      to: { dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the storage page runs in a webview',
      comment: 'Its own files, what it is sent, and dates as the rest of the editor writes them.',
      severity: 'error',
      from: { path: '^src/views/storage/page/' },
      to: { path: '^src/', pathNot: '^src/(views/storage/(page/|messages)|host/editor/dates)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    includeOnly: '^src/',
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};

/**
 * Rooms of which each may import those before it.
 * @param {string[]} inner
 * @param {string[]} below
 * @returns {[string, string[]][]}
 */
function inTurn(inner, below) {
  return inner.map((room, at) => [room, [...below, ...inner.slice(0, at)]]);
}
