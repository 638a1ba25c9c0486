import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { pathToFileURL } from 'node:url';
import { CLI, type Sandbox } from './sandbox.js';

/** Which of the protocol's generations a client speaks. */
export type Era = '2025' | '2026';

export interface AgentOptions {
  era?: Era;
  /** what the client says that it has open, absolute paths or URIs; missing: it has no roots */
  roots?: string[];
  /** the folder that the server is started in; default: that of the sandbox */
  folder?: string;
  args?: string[];
}

/** What a tool has answered. */
export interface Answer {
  failed: boolean;
  text: string;
  /** the document */
  told: Record<string, unknown>;
}

/** A coding agent: the official client, and `phlb mcp` as a process of its own on the other side. */
export class Agent {
  /** what the server has said on stderr */
  said = '';

  private constructor(
    readonly client: Client,
    private readonly transport: StdioClientTransport,
    private roots: string[] | undefined,
  ) {}

  static async start(
    box: Sandbox,
    { era = '2025', roots, folder = box.dir, args = [] }: AgentOptions = {},
  ): Promise<Agent> {
    const env = Object.fromEntries(Object.entries(box.env).map(([name, value]) => [name, value ?? '']));
    const transport = new StdioClientTransport({
      ...{ command: process.execPath, args: [CLI, 'mcp', ...args], cwd: folder, env, stderr: 'pipe' },
    });
    const client = new Client(
      { name: 'Test Agent', version: '1' },
      {
        capabilities: roots ? { roots: { listChanged: true } } : {},
        versionNegotiation: { mode: era === '2026' ? { pin: '2026-07-28' } : 'legacy' },
      },
    );
    const agent = new Agent(client, transport, roots);
    transport.stderr?.on('data', text => (agent.said += String(text)));
    if (roots) client.setRequestHandler('roots/list', () => ({ roots: agent.uris() }));
    await client.connect(transport);
    return agent;
  }

  get pid(): number {
    return this.transport.pid ?? 0;
  }

  /** Opens other folders. */
  async open(roots: string[]): Promise<void> {
    this.roots = roots;
    await this.client.sendRootsListChanged();
  }

  async call(name: string, args: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Answer> {
    const result = await this.client.callTool({ name, arguments: args }, signal ? { signal } : {});
    const [content] = result.content;
    assert.ok(content?.type === 'text');
    const told = (result.structuredContent ?? {}) as Record<string, unknown>;
    if (!result.isError) assert.deepEqual(JSON.parse(content.text), told, 'the text is the document');
    return { failed: result.isError === true, text: content.text, told };
  }

  /** The document of a call that must succeed. */
  async ask<T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}): Promise<T> {
    const { failed, text, told } = await this.call(name, args);
    assert.ok(!failed, `${name}: ${text}`);
    return told as T;
  }

  /** What a call says that must fail. */
  async refused(name: string, args: Record<string, unknown> = {}): Promise<string> {
    const { failed, text } = await this.call(name, args);
    assert.ok(failed, `${name} has not failed: ${text}`);
    assert.doesNotMatch(text, /[\p{Cc}\p{Bidi_Control}]/u, 'one plain line');
    return text;
  }

  async read(uri: string): Promise<{ text?: string; blob?: string; mimeType?: string }> {
    const { contents } = await this.client.readResource({ uri });
    assert.equal(contents.length, 1);
    return contents[0] as { text?: string; blob?: string; mimeType?: string };
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private uris(): { uri: string }[] {
    return (this.roots ?? []).map(root => ({ uri: root.startsWith('/') ? pathToFileURL(root).href : root }));
  }
}
