import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const format = 1;
const idBytes = 8;
const ivBytes = 12;
const tagBytes = 16;

/** Encrypts what browsers or the database keep for us. */
export interface Seal {
  /** AES-256-GCM under the first secret; opens only with the same `purpose`. */
  close(value: unknown, purpose: string): Buffer;
  /** What was closed, or nothing when it isn't ours: changed, for another purpose, or under a secret that is gone. */
  open(sealed: Uint8Array, purpose: string): unknown;
}

/** @param secrets the first encrypts, all decrypt: so a secret can be changed without ending a session. */
export function createSeal(secrets: readonly string[]): Seal {
  const keys = secrets.map((secret) => {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'soulseer site session', 32));
    const id = createHash('sha256')
      .update('soulseer-session-key-id:')
      .update(key)
      .digest()
      .subarray(0, idBytes);
    return { key, id };
  });
  const [first] = keys;
  if (!first) throw new Error('a seal needs a secret');

  return {
    close(value, purpose) {
      const iv = randomBytes(ivBytes);
      const head = Buffer.concat([Buffer.of(format), first.id, iv]);
      const cipher = createCipheriv('aes-256-gcm', first.key, iv, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.concat([head, Buffer.from(purpose)]));
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([head, cipher.getAuthTag(), body]);
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const headBytes = 1 + idBytes + ivBytes;
      if (bytes.length < headBytes + tagBytes || bytes[0] !== format) return undefined;
      const head = bytes.subarray(0, headBytes);
      const known = keys.find(({ id }) => id.equals(head.subarray(1, 1 + idBytes)));
      if (!known) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', known.key, head.subarray(1 + idBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAAD(Buffer.concat([head, Buffer.from(purpose)]));
        decipher.setAuthTag(bytes.subarray(headBytes, headBytes + tagBytes));
        const text = Buffer.concat([decipher.update(bytes.subarray(headBytes + tagBytes)), decipher.final()]);
        return JSON.parse(text.toString('utf8')) as unknown;
      } catch {
        return undefined;
      }
    },
  };
}
