export interface ServerOptions {
  dataDir: string;
  extensionsDir: string;
  port?: number;
  settings?: Record<string, unknown>;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  version?: { server: string; node: number };
  trust?: boolean;
}

export interface Server {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

export const versions: Record<'current' | 'oldest', { server: string; node: number }>;
export function startServer(options: ServerOptions): Promise<Server>;
