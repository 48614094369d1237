/** The issuer's signing key and cookie key: made once, kept in the database. */

import { generateKeyPairSync, type JsonWebKey, randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';

export interface Keys {
  jwks: { keys: JsonWebKey[] };
  cookies: string[];
}

/** Answers the kept keys, made at the first start; two first starts at once agree on one set. */
export async function loadKeys(pool: pg.Pool): Promise<Keys> {
  const made: Keys = { jwks: { keys: [makeSigningKey()] }, cookies: [randomBytes(32).toString('base64url')] };
  await pool.query(`INSERT INTO identity_keys (name, value) VALUES ('keys', $1) ON CONFLICT DO NOTHING`, [
    made,
  ]);
  const { rows } = await pool.query<{ value: Keys }>(`SELECT value FROM identity_keys WHERE name = 'keys'`);
  const [kept] = rows;
  if (!kept) throw new Error('the signing keys could not be kept');
  return kept.value;
}

function makeSigningKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}
