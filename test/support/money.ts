import { randomUUID } from 'node:crypto';
import { signRequest } from '../../realtime/contract/signature.ts';
import { addressOf } from './addresses.ts';
import { secretOf } from './tokens.ts';

/** Tells realtime, as the shop does, that a card paid into somebody's wallet. */
export async function payIn(person_id: string, amount_cents: number): Promise<void> {
  const path = `/service/payments/test-${randomUUID()}`;
  const body = JSON.stringify({ person_id, amount_cents });
  const response = await fetch(`${addressOf('realtime')}${path}`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      ...signRequest(secretOf('service_key_commerce_to_realtime'), { method: 'PUT', path, body }, Date.now()),
    },
    body,
  });
  if (!response.ok) throw new Error(`no money: ${response.status} ${await response.text()}`);
}
