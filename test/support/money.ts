import { randomUUID } from 'node:crypto';
import { signRequest } from '../../realtime/contract/signature.ts';
import { addressOf } from './addresses.ts';
import { secretOf } from './tokens.ts';

/** Puts money into a wallet as the shop does it for a top-up that was captured. */
export async function topUp(person_id: string, amount_cents: number): Promise<void> {
  const path = `/service/payments/pi_${randomUUID()}`;
  const body = JSON.stringify({ person_id, amount_cents });
  const answer = await fetch(`${addressOf('realtime')}${path}`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      ...signRequest(secretOf('service_key_commerce_to_realtime'), { method: 'PUT', path, body }, Date.now()),
    },
    body,
  });
  if (!answer.ok) throw new Error(`no top-up: ${answer.status} ${await answer.text()}`);
}
