/** Chains a receipt's lines and signs the whole. */

import { FORMAT, type ReceiptHead, type ReceiptKey, type ReceiptMinute, totalsOf } from './format.ts';
import { canonical, hashOf, toBase64Url } from './hash.ts';

export interface Signer {
  keyId: string;
  /** What is published for verifiers. */
  publicKey: ReceiptKey;
  sign(text: string): Promise<string>;
}

/** A signer of an Ed25519 private key as a JWK. Throws when it is none. */
export async function createSigner(jwk: ReceiptKey & { d: string }): Promise<Signer> {
  const { kty, crv, kid, x, d } = jwk;
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, d }, 'Ed25519', false, ['sign']);
  return {
    keyId: kid,
    publicKey: { kty, crv, kid, x },
    sign: async (text) =>
      toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(text)))),
  };
}

/** The receipt as text: canonical JSON, so that no byte of it can change unseen. */
export async function signReceipt(
  head: ReceiptHead,
  lines: Omit<ReceiptMinute, 'previous' | 'hash'>[],
  signer: Signer,
): Promise<string> {
  const minutes: ReceiptMinute[] = [];
  let previous = await hashOf(head);
  for (const line of lines) {
    const linked = { ...line, previous };
    previous = await hashOf(linked);
    minutes.push({ ...linked, hash: previous });
  }
  const body = { format: FORMAT, head, minutes, totals: totalsOf(lines), key_id: signer.keyId };
  return canonical({ ...body, signature: await signer.sign(canonical(body)) });
}
