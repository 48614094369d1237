/** Checks a receipt by itself: no server, no database. Runs in Node and in a browser alike. */

import { FORMAT, type Receipt, type ReceiptKey, type ReceiptMinute, totalsOf } from './format.ts';
import { canonical, fromBase64Url, hashOf } from './hash.ts';

export type Verdict =
  | { ok: true; receipt: Receipt }
  /** `minute` is the number of the first line that is wrong, where it can be told. */
  | {
      ok: false;
      code: 'malformed' | 'minute' | 'totals' | 'unknown_key' | 'signature' | 'not_canonical';
      detail: string;
      minute?: number;
    };

const wrong = (code: Exclude<Verdict, { ok: true }>['code'], detail: string, minute?: number): Verdict =>
  minute === undefined ? { ok: false, code, detail } : { ok: false, code, detail, minute };

/** Checks `text`, a receipt as it was given out, against the published keys. */
export async function verifyReceipt(text: string, keys: ReceiptKey[]): Promise<Verdict> {
  let receipt: Receipt;
  try {
    receipt = JSON.parse(text) as Receipt;
    if (
      receipt.format !== FORMAT ||
      !Array.isArray(receipt.minutes) ||
      typeof receipt.head !== 'object' ||
      typeof receipt.signature !== 'string'
    ) {
      return wrong('malformed', `this is no receipt of the format ${FORMAT}`);
    }
    // The lines first: the signature would say that something is wrong, but not where.
    const line = await firstWrongMinute(receipt);
    if (line) return line;
    if (canonical(receipt.totals) !== canonical(totalsOf(receipt.minutes)))
      return wrong('totals', 'the totals are not what the minutes add up to');
    const signed = await checkSignature(receipt, keys);
    if (signed) return signed;
    // A file may end with a line break; any other byte is as it was signed.
    if (canonical(receipt) !== text.replace(/\r?\n$/, ''))
      return wrong('not_canonical', 'the text is not written as it was given out');
  } catch (error) {
    return wrong('malformed', error instanceof Error ? error.message : String(error));
  }
  return { ok: true, receipt };
}

async function firstWrongMinute({ head, minutes }: Receipt): Promise<Verdict | undefined> {
  let previous = await hashOf(head);
  let reader = 0;
  for (const [index, minute] of minutes.entries()) {
    const number = index + 1;
    const { hash, ...line } = minute as ReceiptMinute;
    if (minute.number !== number)
      return wrong('minute', `minute ${number} is missing or out of order`, number);
    if ((await hashOf(line)) !== hash)
      return wrong('minute', `minute ${number} was changed: its hash is another`, number);
    if (minute.previous !== previous) {
      return wrong(
        'minute',
        index === 0
          ? 'the head is not the one that minute 1 was linked to'
          : `minute ${index} is not the one that minute ${number} was linked to`,
        Math.max(1, index),
      );
    }
    const inAll = Math.floor((number * head.rate_cents * head.share + 5_000) / 10_000);
    if (
      minute.amount_cents !== head.rate_cents ||
      minute.reader_cents !== inAll - reader ||
      minute.platform_cents !== minute.amount_cents - minute.reader_cents
    ) {
      return wrong('minute', `minute ${number} is not the rate and its split`, number);
    }
    reader = inAll;
    previous = hash;
  }
  return undefined;
}

async function checkSignature(
  { signature, ...body }: Receipt,
  keys: ReceiptKey[],
): Promise<Verdict | undefined> {
  const jwk = keys.find(({ kid }) => kid === body.key_id);
  if (!jwk) return wrong('unknown_key', `no published key is called ${body.key_id}`);
  const valid = await signedBy(jwk, canonical(body), signature);
  return valid ? undefined : wrong('signature', 'the signature is not of this receipt');
}

/** Whether `signature` (base64url) is that of `text` under a published key. Throws for what is no base64url and no key. */
export async function signedBy(
  { kty, crv, x }: ReceiptKey,
  text: string,
  signature: string,
): Promise<boolean> {
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, fromBase64Url(signature), new TextEncoder().encode(text));
}
