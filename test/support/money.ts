import { randomUUID } from 'node:crypto';
import { signRequest } from '../../realtime/contract/signature.ts';
import { addressOf } from './addresses.ts';
import { secretOf } from './tokens.ts';

/** Asks realtime as the shop does. */
export async function askLedger<T>(method: 'GET' | 'PUT', path: string, content?: object): Promise<T> {
  const body = content && JSON.stringify(content);
  const key = secretOf('service_key_commerce_to_realtime');
  const response = await fetch(`${addressOf('realtime')}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...signRequest(key, { method, path, body }, Date.now()),
    },
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Tells realtime, as the shop does, that a card paid into somebody's wallet. */
export async function payIn(person_id: string, amount_cents: number): Promise<void> {
  await askLedger('PUT', `/service/payments/test-${randomUUID()}`, { person_id, amount_cents });
}

/** Spends from a wallet, as an order does. */
export async function spend(person_id: string, amount_cents: number): Promise<void> {
  const hold = `/service/holds/test-${randomUUID()}`;
  await askLedger('PUT', hold, { person_id, amount_cents, ends_at_ms: Date.now() + 600_000, details: {} });
  await askLedger('PUT', `${hold}/post`, { amount_cents });
}
