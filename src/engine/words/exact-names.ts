import { nameToBuffer } from './names.js';

/**
 * A value fit for JSON. A name that is not valid UTF-8 cannot stand there: `{"path":…}` becomes lossy, with U+FFFD for what is
 * not text, and `"pathBase64"` beside it has the exact bytes. The same goes for every other string (`source`, `target`…).
 */
export function exactNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(exactNames);
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    out[key] = exactNames(field);
    if (typeof field === 'string' && !field.isWellFormed()) {
      out[`${key}Base64`] = nameToBuffer(field).toString('base64');
    }
  }
  return out;
}
