/** A repository's key that opens it at once: restic's own takes half a second of work, for each program that asks. */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** restic's design document, "Keys, Encryption and MAC". */
interface KeyFile {
  kdf: 'scrypt';
  N: number;
  r: number;
  p: number;
  /** Base64 */
  salt: string;
  data: string;
}

const NONCE_BYTES = 16;
const MAC_BYTES = 16;
/** The least that scrypt takes. */
const LIGHT = { N: 2, r: 1, p: 1 };

/** Replaces the one key of a repository in a folder. What it opens, and with which password, stays. */
export function lightenKey(repository: string, password: string): void {
  const keys = join(repository, 'keys');
  const [name = ''] = readdirSync(keys);
  const file = JSON.parse(readFileSync(join(keys, name), 'utf8')) as KeyFile;
  const sealed = Buffer.from(file.data, 'base64');
  const [nonce, secret] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES, -MAC_BYTES)];
  const cipher = createDecipheriv('aes-256-ctr', userKey(password, file).encrypt, nonce);
  const masterKey = Buffer.concat([cipher.update(secret), cipher.final()]);
  const light = { ...file, ...LIGHT };
  const text = JSON.stringify({ ...light, data: seal(masterKey, userKey(password, light)).toString('base64') });
  rmSync(join(keys, name));
  writeFileSync(join(keys, createHash('sha256').update(text).digest('hex')), text);
}

interface UserKey {
  encrypt: Buffer;
  mac: { k: Buffer; r: Buffer };
}

function userKey(password: string, { salt, N, r, p }: KeyFile): UserKey {
  const key = scryptSync(password, Buffer.from(salt, 'base64'), 64, { N, r, p, maxmem: 2 ** 30 });
  return { encrypt: key.subarray(0, 32), mac: { k: key.subarray(32, 48), r: key.subarray(48) } };
}

function seal(text: Buffer, { encrypt, mac }: UserKey): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-ctr', encrypt, nonce);
  const secret = Buffer.concat([cipher.update(text), cipher.final()]);
  const block = createCipheriv('aes-128-ecb', mac.k, null).setAutoPadding(false);
  return Buffer.concat([nonce, secret, poly1305(secret, mac.r, block.update(nonce))]);
}

/** RFC 8439, 2.5. */
function poly1305(message: Buffer, r: Buffer, s: Buffer): Buffer {
  const factor = number(r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const part = message.subarray(at, at + 16);
    sum = ((sum + number(part) + (1n << BigInt(8 * part.length))) * factor) % ((1n << 130n) - 5n);
  }
  const tag = (sum + number(s)) & ((1n << 128n) - 1n);
  return Buffer.from(tag.toString(16).padStart(2 * MAC_BYTES, '0'), 'hex').reverse();
}

/** The first byte is the lowest. */
function number(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
