import type { SecretStorage } from 'vscode';
import { addressKey } from './copy-memory.js';

/** What restic is told in its environment, by the names of the variables. */
export type Secrets = Record<string, string>;

const KEY = 'offsite.secrets:';
const PASSWORD = 'RESTIC_PASSWORD';
/** Where restic looks for it, one of the last two first. */
const PLACES = [PASSWORD, 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'] as const;

/** The secrets of repositories: in the editor's secret storage, or where the environment names them, and nowhere else. */
export class Credentials {
  constructor(
    private readonly storage: Pick<SecretStorage, 'get' | 'store' | 'delete'>,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** What is to stand in restic's environment; a password that was typed goes first. `undefined`: none is known. */
  async of(address: string): Promise<Secrets | undefined> {
    const stored = secretsIn(await this.storage.get(KEY + addressKey(address)));
    if (stored?.[PASSWORD] !== undefined) return { ...places({}), ...stored };
    return PLACES.some(name => this.env[name]) ? { ...places(this.env), ...stored } : undefined;
  }

  /** Keeps a password, beside what else is known. */
  async keep(address: string, more: Secrets): Promise<void> {
    const key = KEY + addressKey(address);
    await this.storage.store(key, JSON.stringify({ ...secretsIn(await this.storage.get(key)), ...more }));
  }

  /** The password is wrong. */
  async forgetPassword(address: string): Promise<void> {
    const key = KEY + addressKey(address);
    const { [PASSWORD]: wrong, ...others } = secretsIn(await this.storage.get(key)) ?? {};
    if (wrong === undefined) return;
    if (Object.keys(others).length === 0) await this.storage.delete(key);
    else await this.storage.store(key, JSON.stringify(others));
  }
}

/** A password as a secret. */
export function passwordSecret(password: string): Secrets {
  return { [PASSWORD]: password };
}

/**
 * Takes user and password out of the address of a REST server: `rest:https://user:word@host/r`. restic takes them from its
 * environment as well, and the address stands in the settings.
 */
export function splitAddress(address: string): { address: string; secrets: Secrets } {
  const [, start, user, password, rest] = /^(rest:https?:\/\/)([^/\s:@]*):([^/\s]*)@(.*)$/.exec(address) ?? [];
  if (start === undefined || user === undefined || password === undefined || rest === undefined) {
    return { address, secrets: {} };
  }
  return {
    address: start + rest,
    secrets: { RESTIC_REST_USERNAME: decoded(user), RESTIC_REST_PASSWORD: decoded(password) },
  };
}

function places(env: NodeJS.ProcessEnv): Secrets {
  return Object.fromEntries(PLACES.map(name => [name, env[name] ?? '']));
}

function secretsIn(text: string | undefined): Secrets | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.fromEntries(Object.entries(value).filter(isSecret));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function isSecret(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}
