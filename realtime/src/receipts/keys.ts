/** The keys that sign receipts: RECEIPT_KEYS, a JSON list of JWKs (docs/receipt.md). */

import { z } from 'zod';
import type { ReceiptKey } from './format.ts';
import { createSigner, type Signer } from './sign.ts';
import { signedBy } from './verify.ts';

const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is not 32 bytes in base64url');

const jwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'is not up to 64 letters, digits and ._-'),
  x: bytes32,
  /** The private part. A key without it signs no more and stays published. */
  d: bytes32.optional(),
});

const list = z.array(jwk);
type KeyList = z.infer<typeof list>;

/** What is wrong with a value of RECEIPT_KEYS, or the keys. No message holds any of the value. */
export function parseReceiptKeys(text: string): { keys: KeyList } | { wrong: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { wrong: 'is not JSON' };
  }
  const parsed = list.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { wrong: `is not a list of Ed25519 keys as JWKs (at ${issue?.path.join('.') || 'the top'})` };
  }
  const keys = parsed.data;
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) return { wrong: 'names a key id twice' };
  if (!keys.some(({ d }) => d !== undefined)) return { wrong: 'has no private key to sign with' };
  return { keys };
}

export interface ReceiptKeys {
  /** The first of the list that has its private part. */
  signer: Signer;
  /** All of them, without their private parts. */
  published: ReceiptKey[];
}

/** Throws for a value that `parseReceiptKeys` refuses, and for a private key that is not of its public one. */
export async function openReceiptKeys(text: string): Promise<ReceiptKeys> {
  const parsed = parseReceiptKeys(text);
  if ('wrong' in parsed) throw new Error(`RECEIPT_KEYS ${parsed.wrong}`);
  const published = parsed.keys.map(({ d: _, ...key }) => key);
  const [signing] = parsed.keys.flatMap(({ d, ...key }) => (d === undefined ? [] : [{ ...key, d }]));
  if (!signing) throw new Error('RECEIPT_KEYS has no private key to sign with');
  const signer = await createSigner(signing);
  // Whoever mixed two keys up would give out receipts that nobody can check.
  if (!(await signedBy(signer.publicKey, 'soulseer', await signer.sign('soulseer'))))
    throw new Error(`RECEIPT_KEYS: the private part of ${signing.kid} is not of its public one`);
  return { signer, published };
}

/** A new key for RECEIPT_KEYS. */
export async function makeReceiptKey(kid: string): Promise<ReceiptKey & { d: string }> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as {
    privateKey: Parameters<typeof crypto.subtle.exportKey>[1];
  };
  const { x, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return jwk.required().parse({ kty: 'OKP', crv: 'Ed25519', kid, x, d });
}
